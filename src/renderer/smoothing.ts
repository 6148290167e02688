/**
 * Exponential moving average with bias correction, as loss charts of the field use it (Kingma and Ba 2015, section 3,
 * for the correction). `weight` in [0, 1): 0 returns the values. Gaps (`null`) stay gaps and do not move the average.
 */
export function smooth(values: readonly (number | null)[], weight: number): (number | null)[] {
  let average = 0
  let seen = 0
  return values.map((value) => {
    if (value === null || !Number.isFinite(value)) return null
    average = weight * average + (1 - weight) * value
    seen += 1
    return weight === 0 ? value : average / (1 - weight ** seen)
  })
}

/** At most `limit` indices of 0 .. length-1, evenly spread, first and last among them. */
export function thinIndices(length: number, limit: number): number[] {
  if (length <= limit) return Array.from({ length }, (_, index) => index)
  const stride = (length - 1) / (limit - 1)
  return Array.from({ length: limit }, (_, index) => Math.round(index * stride))
}
