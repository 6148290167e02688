/**
 * Least squares through points [x, y], and the least slope that is still likely (95%, one in twenty of both sides). Neighbours
 * resemble each other where memory comes in blocks, so its error is that of as many points as are independent
 * (first-order autocorrelation of what is left).
 */
export function slopeOf(points: readonly (readonly [number, number])[]): {
  slope: number
  least: number
  most: number
} {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  const [x, y] = [mean(points.map(([at]) => at)), mean(points.map(([, value]) => value))]
  const spread = points.reduce((sum, [at]) => sum + (at - x) ** 2, 0)
  const slope = points.reduce((sum, [at, value]) => sum + (at - x) * (value - y), 0) / spread
  const rest = points.map(([at, value]) => value - y - slope * (at - x))
  const power = rest.reduce((sum, value) => sum + value ** 2, 0)
  const echo = rest.slice(1).reduce((sum, value, before) => sum + value * (rest[before] as number), 0)
  const likeness = power === 0 ? 0 : Math.min(0.95, Math.max(0, echo / power))
  const independent = Math.max(3, (points.length * (1 - likeness)) / (1 + likeness))
  const error = Math.sqrt(power / points.length / (independent - 2) / (spread / points.length))
  return { slope, least: slope - 1.96 * error, most: slope + 1.96 * error }
}
