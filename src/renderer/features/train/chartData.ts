import type uPlot from 'uplot'
import type { MetricPoint } from '../../../core/training/reducer.ts'
import { smooth } from '../../smoothing.ts'

/** A loss that is not a number is a gap, not a line to the sky. */
function valuesOf(metrics: readonly MetricPoint[], id: string): (number | null)[] {
  return metrics.map(({ losses }) => {
    const value = losses[id]
    return value === undefined || !Number.isFinite(value) ? null : value
  })
}

/** Steps, then each loss raw, then each loss smoothed, as the chart draws them: raw below. */
export function chartData(
  metrics: readonly MetricPoint[],
  ids: readonly string[],
  weight: number,
): uPlot.AlignedData {
  const raw = ids.map((id) => valuesOf(metrics, id))
  const smoothed = raw.map((values) => smooth(values, weight))
  return [metrics.map(({ step }) => step), ...raw, ...smoothed]
}
