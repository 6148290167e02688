import { bootstrapInterval, meanOf } from './intervals.ts'
import type { Figure } from './works.ts'

/** The mean of independent values with its 95% interval. */
export function figureOfMean(values: readonly number[]): Figure {
  return { value: meanOf(values), ...bootstrapInterval(values) }
}
