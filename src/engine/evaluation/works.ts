import { metrics, metricIds, type MetricId } from '../../core/evaluation/metrics.ts'
import { createDiversity, type Diversity } from './diversity.ts'
import { frechetDistance } from './frechet.ts'
import { kernelDistance } from './kid.ts'
import { meanAbsoluteError, peakSignalToNoise, structuralSimilarity, type Plane } from './metrics.ts'
import { multiScaleSimilarity } from './msSsim.ts'
import type { FeatureSource, Networks } from './networks.ts'
import { precisionOf, recallOf } from './precisionRecall.ts'

/** A figure for one made picture and its true partner, samples in [0,1]; NaN where they are too small for it. */
export type PairScore = (made: Plane, real: Plane) => number | Promise<number>
/** A figure for a heap of pictures; NaN where it cannot be told, with the reason in `note`. */
export type Figure = { value: number; low: number | null; high: number | null; note?: string }
type Vectors = readonly Float64Array[]

type Comparing<What> = {
  [Id in MetricId]: (typeof metrics)[Id]['compares'] extends What ? Id : never
}[MetricId]
type PairWorks = { [Id in Comparing<'pairs'>]: (networks: Networks) => PairScore | Promise<PairScore> }
type SetWorks = {
  [Id in Comparing<'sets'>]: { features: FeatureSource; measure(made: Vectors, real: Vectors): Figure }
}
type MadeWorks = { [Id in Comparing<'made'>]: () => Diversity }

/** Equal pictures have an infinite PSNR, of which there is no mean: they count as this, in dB. */
const MOST_PSNR_DB = 100

/** What compares each made picture with its true partner. */
export const pairWorks: PairWorks = {
  l1: () => meanAbsoluteError,
  psnr: () => (made, real) => Math.min(MOST_PSNR_DB, peakSignalToNoise(made, real)),
  ssim: () => structuralSimilarity,
  msSsim: () => multiScaleSimilarity,
  stLpips: (networks) => networks.perceptualDistance,
}

/** What compares the features of all made pictures with those of real ones. */
export const setWorks: SetWorks = {
  kid: { features: 'own', measure: kernelDistance },
  frechet: { features: 'own', measure: frechetDistance },
  kidInception: { features: 'inception', measure: kernelDistance },
  frechetInception: { features: 'inception', measure: frechetDistance },
  precision: { features: 'own', measure: precisionOf },
  recall: { features: 'own', measure: recallOf },
}

/** What looks at the made pictures alone, gathered one by one. */
export const madeWorks: MadeWorks = { diversity: createDiversity }

export function isPairMetric(id: MetricId): id is Comparing<'pairs'> {
  return metrics[id].compares === 'pairs'
}

export function isSetMetric(id: MetricId): id is Comparing<'sets'> {
  return metrics[id].compares === 'sets'
}

export function isMadeMetric(id: MetricId): id is Comparing<'made'> {
  return metrics[id].compares === 'made'
}

/** Whose features a metric rests on; null where it looks at the pictures themselves. */
export function featuresOf(id: MetricId): FeatureSource | null {
  return isSetMetric(id) ? setWorks[id].features : null
}

/** What is measured when nothing is asked for: everything that needs no weights of the person's own. */
export const usualMetrics: readonly MetricId[] = metricIds.filter((id) => featuresOf(id) !== 'inception')
