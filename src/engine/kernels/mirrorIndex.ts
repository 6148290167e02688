/** The pixel that a position beyond the end shows, mirrored without repeating the edge: 3 2 1 | 0 1 2 3 | 2 1 0. */
export function mirrorIndex(at: number, length: number): number {
  if (length === 1) return 0
  const period = 2 * (length - 1)
  const inside = ((at % period) + period) % period
  return inside < length ? inside : period - inside
}
