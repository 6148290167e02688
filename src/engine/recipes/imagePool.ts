import { randomInteger, randomUniform } from '../../core/random.ts'
import { tf } from '../backends/tf.ts'
import type { Tensor1D, Tensor4D } from '../backends/tf.ts'
import { createVariable } from '../backends/variables.ts'
import type { Variable } from '../backends/variables.ts'
import { at } from '../kernels/at.ts'
import { gather } from '../kernels/gather.ts'

/** What happens to one made picture: it is shown and forgotten, or remembered in a slot, whose picture is shown instead. */
type Decision = { show: 'fresh' | 'remembered'; keepIn: number | null }

// Names of the draws, as counters.
const SWAP = 1
const SLOT = 2

/**
 * The rule of Shrivastava et al. 2017 as CycleGAN has it: until the pool is full every picture is remembered and shown;
 * then half of the time a remembered one is shown in its place, which takes the slot. A pure function of seed and position, the
 * number of pictures made before: how full the pool is follows from it, too.
 */
export function decide(poolSize: number, seed: number, position: number): Decision {
  if (poolSize === 0) return { show: 'fresh', keepIn: null }
  if (position < poolSize) return { show: 'fresh', keepIn: position }
  if (randomUniform(seed, SWAP, position) <= 0.5) return { show: 'fresh', keepIn: null }
  return { show: 'remembered', keepIn: randomInteger(poolSize, seed, SLOT, position) }
}

/** What a step is fed of a pool: pictures [N,H,W,C] from its slots, and where each shown one is among the made and these. */
export type PoolFeeds = { remembered: Tensor4D; places: Tensor1D }

/** Pictures made a while ago, which a judge sees among the newest. */
export type ImagePool = {
  /** Before a step that makes `count` pictures; `position` counts those before them. Undefined where all are shown as they are. */
  recall(seed: number, position: number, count: number): PoolFeeds | undefined
  /** After it. */
  remember(made: Tensor4D, seed: number, position: number): void
  /** The slots by the names under which they are saved. */
  variables(): Map<string, Variable>
  dispose(): void
}

/** @param shape [H,W,C] of one picture */
export function createImagePool(
  name: string,
  poolSize: number,
  shape: readonly [number, number, number],
): ImagePool {
  const empty = () => createVariable([1, ...shape], new Float32Array(shape[0] * shape[1] * shape[2]))
  const slots = Array.from({ length: poolSize }, empty)
  const decideAll = (seed: number, position: number, count: number) =>
    Array.from({ length: count }, (_, index) => decide(poolSize, seed, position + index))
  return {
    recall(seed, position, count) {
      if (poolSize === 0) return undefined
      const decisions = decideAll(seed, position, count)
      const remembered = decisions.map(({ show, keepIn }) =>
        show === 'remembered' ? at(slots, keepIn ?? 0).read() : tf.zeros([1, ...shape]),
      )
      return {
        remembered: tf.concat(remembered, 0) as Tensor4D,
        places: tf.tensor1d(placesOf(decisions), 'int32'),
      }
    },
    remember(made, seed, position) {
      const decisions = decideAll(seed, position, made.shape[0])
      tf.tidy(() => {
        // Of two pictures for one slot the later one stays.
        for (const [index, { keepIn }] of decisions.entries())
          if (keepIn !== null) at(slots, keepIn).assign(tf.slice(made, [index, 0, 0, 0], [1, ...shape]))
      })
    },
    variables: () => new Map(slots.map((slot, index) => [`${name}/${String(index).padStart(4, '0')}`, slot])),
    dispose() {
      for (const slot of slots) slot.dispose()
    },
  }
}

/** Places among the made pictures, then the remembered ones: a slot may hold a picture of this very batch. */
function placesOf(decisions: readonly Decision[]): number[] {
  return decisions.map(({ show, keepIn }, index) => {
    if (show === 'fresh') return index
    const newest = decisions.slice(0, index).findLastIndex((earlier) => earlier.keepIn === keepIn)
    return newest >= 0 ? newest : decisions.length + index
  })
}

/** What a judge is shown of made pictures [N,H,W,C]. */
export function show(made: Tensor4D, feeds: PoolFeeds | undefined): Tensor4D {
  return feeds ? gather(tf.concat([made, feeds.remembered], 0), feeds.places) : made
}
