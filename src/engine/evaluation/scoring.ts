import type { Measurement } from '../../core/evaluation/events.ts'
import { metricIds, type MetricId } from '../../core/evaluation/metrics.ts'
import { countInWords } from '../../core/words.ts'
import type { Plane } from './metrics.ts'
import type { FeatureSource, Networks } from './networks.ts'
import { figureOfMean } from './means.ts'
import {
  featuresOf,
  isMadeMetric,
  isPairMetric,
  isSetMetric,
  madeWorks,
  pairWorks,
  setWorks,
  type Figure,
  type PairScore,
} from './works.ts'

/** Fewer pairs than this cannot tell two states apart. */
const FEW_PAIRS = 10
/** Fewer pictures than this on a side: the interval says more than the figure. */
const FEW_PICTURES = 100

/** The features of many pictures, by the network that they come from. */
export type FeatureHeap = {
  add(picture: Plane): Promise<void>
  /** All that were added. */
  of(source: FeatureSource): Promise<readonly Float64Array[]>
}

/** The networks whose features these metrics rest on. */
export function sourcesOf(wanted: readonly MetricId[]): FeatureSource[] {
  return [...new Set(wanted.flatMap((id) => featuresOf(id) ?? []))]
}

/** Pictures that go through a network together: eight take a little over a third of the time of eight by themselves. */
const BATCH = 8

function isAlike(one: Plane, other: Plane): boolean {
  return (['widthPx', 'heightPx', 'channels'] as const).every((side) => one[side] === other[side])
}

export function createFeatureHeap(sources: readonly FeatureSource[], networks: Networks): FeatureHeap {
  const vectors = new Map<FeatureSource, Float64Array[]>(sources.map((source) => [source, []]))
  let waiting: Plane[] = []
  const finish = async () => {
    const batch = waiting
    waiting = []
    if (batch.length > 0)
      for (const [source, heap] of vectors) heap.push(...(await networks.featuresOf(source, batch)))
  }
  return {
    async add(picture) {
      const [first] = waiting
      if (first && !isAlike(first, picture)) await finish()
      if (vectors.size > 0) waiting.push(picture)
      if (waiting.length === BATCH) await finish()
    },
    async of(source) {
      await finish()
      return vectors.get(source) ?? []
    },
  }
}

/** What is learned of one heap of made pictures. */
export type Scoring = {
  /** @param partner the true picture, where there is one; of the same size and channels */
  add(made: Plane, partner: Plane | null): Promise<void>
  /** @param reals pictures of the look that the made ones should have */
  measure(reals: FeatureHeap): Promise<Measurement[]>
}

export async function createScoring(wanted: readonly MetricId[], networks: Networks): Promise<Scoring> {
  const heap = createFeatureHeap(sourcesOf(wanted), networks)
  const scores = new Map<MetricId, PairScore>()
  for (const id of wanted) if (isPairMetric(id)) scores.set(id, await pairWorks[id](networks))
  const values = new Map<MetricId, number[]>([...scores.keys()].map((id) => [id, []]))
  const gathered = new Map(wanted.filter(isMadeMetric).map((id) => [id, madeWorks[id]()]))
  let count = 0
  const measureOne = async (id: MetricId, reals: FeatureHeap): Promise<Measurement> => {
    if (isPairMetric(id)) return measurePairs(id, values.get(id) ?? [])
    if (isSetMetric(id)) {
      const { features, measure } = setWorks[id]
      return measureSets(id, await heap.of(features), await reals.of(features), measure)
    }
    const figure = await gathered.get(id)?.measure(networks.perceptualDistance)
    return figure ? toMeasurement(id, count, figure) : untold(id, 'It was not asked for.')
  }
  return {
    async add(made, partner) {
      count += 1
      await heap.add(made)
      for (const diversity of gathered.values()) diversity.add(made)
      if (partner) for (const [id, score] of scores) values.get(id)?.push(await score(made, partner))
    },
    async measure(reals) {
      const measured: Measurement[] = []
      for (const id of metricIds) if (wanted.includes(id)) measured.push(await measureOne(id, reals))
      return measured
    },
  }
}

/** A figure of two heaps, with the caution that few pictures call for. */
export function measureSets(
  id: MetricId,
  made: readonly Float64Array[],
  real: readonly Float64Array[],
  measure: (made: readonly Float64Array[], real: readonly Float64Array[]) => Figure,
): Measurement {
  const fewest = Math.min(made.length, real.length)
  const few = `Only ${countInWords(made.length, 'made picture')} and ${countInWords(real.length, 'real one')}: look at the interval, not at the figure.`
  return toMeasurement(id, fewest, measure(made, real), fewest < FEW_PICTURES ? few : undefined)
}

function measurePairs(id: MetricId, values: readonly number[]): Measurement {
  const told = values.filter((value) => !Number.isNaN(value))
  if (values.length === 0) return untold(id, 'None of these pictures has a true partner.')
  if (told.length === 0) return untold(id, 'The pictures are too small for it.')
  const left = values.length - told.length
  const notes = [
    left > 0 ? `${countInWords(left, 'pair')} left out: too small for it.` : '',
    told.length < FEW_PAIRS ? `Only ${countInWords(told.length, 'pair')}: too few to tell states apart.` : '',
  ]
  return toMeasurement(id, told.length, figureOfMean(told), notes.filter(Boolean).join(' ') || undefined)
}

function toMeasurement(metric: MetricId, count: number, figure: Figure, caution?: string): Measurement {
  const note = [figure.note, caution].filter(Boolean).join(' ') || null
  if (!Number.isFinite(figure.value)) return { ...untold(metric, note ?? 'It gives no number here.'), count }
  const { value, low, high } = figure
  return { metric, value, low, high, count, note }
}

/** A figure that could not be told, and why. */
export function untold(metric: MetricId, note: string): Measurement {
  return { metric, value: null, low: null, high: null, count: 0, note }
}
