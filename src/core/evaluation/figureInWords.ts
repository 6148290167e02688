import { metrics, type MetricId } from './metrics.ts'

/** A figure that could be measured, with its 95% interval where there is one. */
type Figure = { value: number; low: number | null; high: number | null }

/** `0.0421 [0.0390, 0.0452]`, with as many digits as the metric declares. */
export function figureInWords(metric: MetricId, { value, low, high }: Figure): string {
  const { digits } = metrics[metric]
  const interval = low === null || high === null ? '' : ` [${low.toFixed(digits)}, ${high.toFixed(digits)}]`
  return value.toFixed(digits) + interval
}
