import type { EvaluationRow } from '../data/loader.ts'
import { largestSample, type Picture } from '../imaging/picture.ts'
import type { Pictures } from '../recipes/trainer.ts'
import type { Plane } from './metrics.ts'

/** A row for measuring: `a` is what the model is given, `b` what it should make of it where `isPair`, else any other; `label`: its class. */
export type EvaluationPlanes = { name: string; isPair: boolean; a: Plane; b: Plane; label: number | null }

/** [1,H,W,C] in [-1,1] to samples in [0,1]. */
export function planeOf({ shape: [, heightPx, widthPx, channels], data }: Pictures): Plane {
  return { data: data.map((value) => Math.min(1, Math.max(0, (value + 1) / 2))), widthPx, heightPx, channels }
}

/** A decoded picture as samples in [0,1]; alpha is left out. */
export function planeOfPicture({ data, widthPx, heightPx, channels, bitDepth }: Picture): Plane {
  const largest = largestSample(bitDepth)
  return { data: Float32Array.from(data, (sample) => sample / largest), widthPx, heightPx, channels }
}

export async function* readPlanes(rows: AsyncGenerator<EvaluationRow>): AsyncGenerator<EvaluationPlanes> {
  for await (const { name, isPair, realA, realB, labels } of rows)
    yield { name, isPair, a: planeOf(realA), b: planeOf(realB), label: labels[0] ?? null }
}
