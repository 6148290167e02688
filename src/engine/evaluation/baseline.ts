import type { Loader } from '../data/loader.ts'
import { applyLinearMap, fitLinearMap } from './linearMap.ts'
import type { Plane } from './metrics.ts'
import { readPlanes } from './planes.ts'

/** What needs no learning: the yardstick beside a model's scores. */
export type Baseline = { label: string; note: string; apply(before: Plane): Plane }

/** Enough training pixels to fit twelve numbers well, and few enough to be held in memory: 200 pairs of 256 px. */
const BASELINE_PIXELS = 200 * 256 ** 2

/** The yardstick that fits the data; null where there is none. */
export async function findBaseline(
  loader: Loader,
  cropSizePx: number,
  signal: AbortSignal,
): Promise<Baseline | null> {
  if (loader.scale !== 1 || !loader.hasPairs('train')) return null
  const pairs = Math.max(1, Math.floor(BASELINE_PIXELS / cropSizePx ** 2))
  const map = fitLinearMap(await Array.fromAsync(readPlanes(loader.evaluationPairs('train', pairs, signal))))
  return {
    label: 'The best per-pixel linear map',
    note: 'the affine map of colours with the least absolute error on the training pairs: what needs no learning of places',
    apply: (before) => applyLinearMap(map, before),
  }
}
