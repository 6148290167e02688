import type { Measurement } from '../../../core/evaluation/events.ts'
import { metrics } from '../../../core/evaluation/metrics.ts'
import type { MetricId } from '../../../core/evaluation/metrics.ts'

/** `27.31 dB`, as many digits as the metric declares. */
export function figureWords(metric: MetricId, value: number): string {
  const { digits, unit } = metrics[metric]
  return `${value.toFixed(digits)}${unit ? ` ${unit}` : ''}`
}

/** `0.0691 to 0.0745, n 12`: how sure the figure is, and on how many pictures it rests. */
export function sureWords({ metric, low, high, count }: Measurement): string {
  const { digits } = metrics[metric]
  const interval = low === null || high === null ? '' : `${low.toFixed(digits)} to ${high.toFixed(digits)}, `
  return `${interval}n ${count}`
}

export const betterWords = { lower: 'lower is better', higher: 'higher is better' } as const
