import { randomInteger } from '../../core/random.ts'

/** A 95% interval: low and high are null where too little is known to tell one. */
export type Interval = { low: number | null; high: number | null }

const RESAMPLES = 1000
const SEED = 1
/** Half the width of a 95% interval in standard errors. */
const NORMAL_95 = 1.959963984540054

const untellable: Interval = { low: null, high: null }

export function meanOf(values: ArrayLike<number>): number {
  let sum = 0
  for (let index = 0; index < values.length; index += 1) sum += values[index] as number
  return sum / values.length
}

/** For a mean of independent values: the percentile bootstrap (Efron 1979), 1000 resamples, seeded. */
export function bootstrapInterval(values: ArrayLike<number>): Interval {
  const count = values.length
  if (count < 2) return untellable
  const means = Float64Array.from({ length: RESAMPLES }, (_, resample) => {
    let sum = 0
    for (let draw = 0; draw < count; draw += 1)
      sum += values[randomInteger(count, SEED, resample, draw)] as number
    return sum / count
  }).sort()
  return {
    low: means[Math.floor(0.025 * (RESAMPLES - 1))] as number,
    high: means[Math.ceil(0.975 * (RESAMPLES - 1))] as number,
  }
}

/**
 * For a smooth figure of one or more independent heaps: the jackknife (Quenouille 1956, Tukey 1958; for more heaps Arvesen
 * 1969). `leftOut` holds, for each heap, the figure without one of its pictures (or groups of them) at a time; the
 * variances of the heaps add up, and the interval is the normal one around the whole figure.
 */
export function jackknifeInterval(whole: number, leftOut: readonly ArrayLike<number>[]): Interval {
  let variance = 0
  for (const figures of leftOut) {
    if (figures.length < 2) return untellable
    const mean = meanOf(figures)
    let squares = 0
    for (let index = 0; index < figures.length; index += 1)
      squares += ((figures[index] as number) - mean) ** 2
    variance += ((figures.length - 1) / figures.length) * squares
  }
  const reach = NORMAL_95 * Math.sqrt(variance)
  return Number.isFinite(reach) ? { low: whole - reach, high: whole + reach } : untellable
}

/** For a share of independent pictures: Wilson's score interval (1927), which never leaves [0,1]. */
export function wilsonInterval(hits: number, count: number): Interval {
  if (count === 0) return untellable
  const share = hits / count
  const z2 = NORMAL_95 ** 2
  const middle = (share + z2 / (2 * count)) / (1 + z2 / count)
  const reach =
    (NORMAL_95 / (1 + z2 / count)) * Math.sqrt((share * (1 - share)) / count + z2 / (4 * count ** 2))
  return { low: Math.max(0, middle - reach), high: Math.min(1, middle + reach) }
}
