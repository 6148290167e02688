import { randomInteger, randomUniform } from '../../core/random.ts'
import { tf } from '../backends/tf.ts'
import type { Tensor4D } from '../backends/tf.ts'
import { createVariable } from '../backends/variables.ts'
import type { Variable } from '../backends/variables.ts'
import { at } from '../kernels/at.ts'

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

/** Pictures made a while ago, which a judge sees among the newest. */
export type ImagePool = {
  /** Exchanges made pictures [N,H,W,C] by the rule. `position` counts the pictures before them. Inside a scope. */
  exchange(made: Tensor4D, seed: number, position: number): Tensor4D
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
  const exchangeOne = (picture: Tensor4D, decision: Decision): Tensor4D => {
    const slot = decision.keepIn === null ? undefined : at(slots, decision.keepIn)
    const shown = decision.show === 'remembered' && slot ? (slot.read() as Tensor4D) : picture
    slot?.assign(picture)
    return shown
  }
  return {
    exchange(made, seed, position) {
      const pictures = made.shape[0] === 1 ? [made] : (tf.split(made, made.shape[0], 0) as Tensor4D[])
      const shown = pictures.map((picture, index) =>
        exchangeOne(picture, decide(poolSize, seed, position + index)),
      )
      return shown.length === 1 ? at(shown, 0) : tf.concat(shown, 0)
    },
    variables: () => new Map(slots.map((slot, index) => [`${name}/${String(index).padStart(4, '0')}`, slot])),
    dispose() {
      for (const slot of slots) slot.dispose()
    },
  }
}
