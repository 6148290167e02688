import type { EvaluationPair } from '../data/loader.ts'
import type { Pictures } from '../recipes/trainer.ts'
import type { Plane } from './metrics.ts'

/** A pair for measuring: `a` is what the model is given, `b` what it should make of it. */
export type EvaluationPlanes = { name: string; a: Plane; b: Plane }

/** [1,H,W,C] in [-1,1] to samples in [0,1]. */
export function planeOf({ shape: [, heightPx, widthPx, channels], data }: Pictures): Plane {
  return { data: data.map((value) => Math.min(1, Math.max(0, (value + 1) / 2))), widthPx, heightPx, channels }
}

export async function* readPlanes(pairs: AsyncGenerator<EvaluationPair>): AsyncGenerator<EvaluationPlanes> {
  for await (const { name, realA, realB } of pairs) yield { name, a: planeOf(realA), b: planeOf(realB) }
}
