import { z } from 'zod'
import type { Measurement } from '../../core/evaluation/events.ts'
import { randomPermutation } from '../../core/random.ts'
import { MOST_COMPARED, THINNING_SEED } from '../evaluation/gram.ts'
import { createNetworks, type Networks } from '../evaluation/networks.ts'
import { planeOfPicture } from '../evaluation/planes.ts'
import { createFeatureHeap, measureSets } from '../evaluation/scoring.ts'
import { setWorks } from '../evaluation/works.ts'
import { readPicture } from '../imaging/read.ts'
import type { Memo } from './memo.ts'
import type { PartProgress } from './part.ts'

/** A picture on disk and the name of its class. */
export type Placed = { path: string; label: string | null }

/** Pictures whose features are kept together. */
const CHUNK = 32

/** At most 2,000 of a side, drawn as the figures themselves draw them. */
function drawn(side: readonly Placed[]): Placed[] {
  if (side.length <= MOST_COMPARED) return [...side]
  const order = randomPermutation(side.length, THINNING_SEED).slice(0, MOST_COMPARED)
  return order.map((index) => side[index] as Placed)
}

async function chunkFeatures(chunk: readonly Placed[], networks: Networks): Promise<string[]> {
  const heap = createFeatureHeap(['own'], networks)
  for (const { path } of chunk) await heap.add(planeOfPicture(await readPicture(path)))
  // They were computed as float32, so nothing is lost.
  return (await heap.of('own')).map((vector) =>
    Buffer.from(Float32Array.from(vector).buffer).toString('base64'),
  )
}

function vectorOf(text: string): Float64Array {
  const bytes = Uint8Array.from(Buffer.from(text, 'base64'))
  return Float64Array.from(new Float32Array(bytes.buffer))
}

export type Looks = { scores: Measurement[]; byClass: { label: string; scores: Measurement[] }[] }

/**
 * KID, precision and recall of all, precision and recall of each class (docs/metrics.md).
 * @throws Refused as `readPicture`; the signal's reason
 */
export async function* measureLooks(
  made: readonly Placed[],
  real: readonly Placed[],
  memo: Memo,
  signal: AbortSignal,
): AsyncGenerator<PartProgress, Looks> {
  const sides = { made: drawn(made), real: drawn(real) }
  const vectors = { made: [] as Float64Array[], real: [] as Float64Array[] }
  const total = sides.made.length + sides.real.length
  const networks = createNetworks()
  try {
    for (const side of ['made', 'real'] as const)
      for (let first = 0; first < sides[side].length; first += CHUNK) {
        signal.throwIfAborted()
        const chunk = sides[side].slice(first, first + CHUNK)
        const texts = await memo.recall(`${side} ${first}`, z.array(z.string()), () =>
          chunkFeatures(chunk, networks),
        )
        vectors[side].push(...texts.map(vectorOf))
        yield { part: 'looks', done: vectors.made.length + vectors.real.length, total }
      }
  } finally {
    networks.dispose()
  }
  return judge(sides, vectors)
}

type Both<T> = { made: T; real: T }

function judge(sides: Both<Placed[]>, vectors: Both<Float64Array[]>): Looks {
  const score = (ids: readonly ('kid' | 'precision' | 'recall')[], of: Both<Float64Array[]>) =>
    ids.map((id) => measureSets(id, of.made, of.real, setWorks[id].measure))
  const labels = [...new Set(sides.made.flatMap(({ label }) => label ?? []))].sort()
  const ofClass = (side: 'made' | 'real', label: string) =>
    vectors[side].filter((_, index) => sides[side][index]?.label === label)
  return {
    scores: score(['kid', 'precision', 'recall'], vectors),
    byClass: labels
      .map((label) => ({ label, of: { made: ofClass('made', label), real: ofClass('real', label) } }))
      .filter(({ of }) => of.real.length > 0)
      .map(({ label, of }) => ({ label, scores: score(['precision', 'recall'], of) })),
  }
}
