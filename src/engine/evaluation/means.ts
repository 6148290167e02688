import { randomInteger } from '../../core/random.ts'
import type { Figure } from './works.ts'

const RESAMPLES = 1000
const SEED = 1

/** The mean of values and its 95% interval by the percentile bootstrap (Efron 1979), seeded: equal values, equal interval. */
export function figureOfMean(values: readonly number[]): Figure {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  if (values.length < 2) return { value: mean, low: null, high: null }
  const means = Float64Array.from({ length: RESAMPLES }, (_, resample) => {
    let sum = 0
    for (let draw = 0; draw < values.length; draw += 1)
      sum += values[randomInteger(values.length, SEED, resample, draw)] as number
    return sum / values.length
  }).sort()
  const at = (share: number) => means[Math.floor(share * (RESAMPLES - 1))] as number
  return { value: mean, low: at(0.025), high: at(0.975) }
}
