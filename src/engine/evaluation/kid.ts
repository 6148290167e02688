import { gramOf, thinned, MOST_COMPARED, type Gram, type Vectors } from './gram.ts'
import { jackknifeInterval } from './intervals.ts'
import type { Figure } from './works.ts'

/**
 * Kernel inception distance (Binkowski et al. 2018) between two heaps of features: the unbiased estimate of the squared
 * maximum mean discrepancy with the kernel (x . y / d + 1)^3, in float64. It can be a little below zero for heaps that are
 * alike. Over all pairs of pictures, not the mean of many subsets as published: that has the same expectation and less
 * noise; of more than 2,000 pictures a side, 2,000 drawn by a fixed seed take part. The interval is the jackknife's over
 * the pictures of both sides. NaN below three pictures a side.
 */
export function kernelDistance(made: Vectors, real: Vectors): Figure {
  const [xs, ys] = [thinned(made), thinned(real)]
  if (Math.min(xs.length, ys.length) < 3)
    return { value: NaN, low: null, high: null, note: 'Needs three pictures a side.' }
  const length = (xs[0] as Float64Array).length
  const own = kernelSums(gramOf(xs, xs), length, true)
  const other = kernelSums(gramOf(ys, ys), length, true)
  const cross = kernelSums(gramOf(xs, ys), length, false)
  const [n, m] = [xs.length, ys.length]
  const value = own.total / (n * (n - 1)) + other.total / (m * (m - 1)) - (2 * cross.total) / (n * m)
  const without = (side: Sums, rest: Sums, crossing: Float64Array, count: number, others: number) =>
    crossing.map(
      (between, index) =>
        (side.total - 2 * (side.byRow[index] as number)) / ((count - 1) * (count - 2)) +
        rest.total / (others * (others - 1)) -
        (2 * (cross.total - between)) / ((count - 1) * others),
    )
  const leftOut = [without(own, other, cross.byRow, n, m), without(other, own, cross.byColumn, m, n)]
  const note = Math.max(made.length, real.length) > MOST_COMPARED ? thinnedNote : undefined
  return { value, ...jackknifeInterval(value, leftOut), ...(note === undefined ? {} : { note }) }
}

const thinnedNote = `At most ${MOST_COMPARED} pictures a side take part, drawn by a fixed seed.`

type Sums = { total: number; byRow: Float64Array; byColumn: Float64Array }

/** Sums of the kernel over a table of dot products, without the diagonal where a heap meets itself. */
function kernelSums({ values, rows, columns }: Gram, length: number, isOwn: boolean): Sums {
  const [byRow, byColumn] = [new Float64Array(rows), new Float64Array(columns)]
  let total = 0
  for (let row = 0; row < rows; row += 1) {
    let sum = 0
    for (let column = 0; column < columns; column += 1) {
      if (isOwn && row === column) continue
      const kernel = ((values[row * columns + column] as number) / length + 1) ** 3
      sum += kernel
      byColumn[column] = (byColumn[column] as number) + kernel
    }
    byRow[row] = sum
    total += sum
  }
  return { total, byRow, byColumn }
}
