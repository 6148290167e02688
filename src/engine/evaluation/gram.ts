import { randomPermutation } from '../../core/random.ts'

/** Feature vectors of pictures, one a picture, all of one length. */
export type Vectors = readonly Float64Array[]

/** [rows, columns], row by row: the dot product of every vector of one heap with every vector of another. */
export type Gram = { values: Float64Array; rows: number; columns: number }

/** More pictures than this on a side are thinned out: what all of them cost grows with their square. */
export const MOST_COMPARED = 2000
export const THINNING_SEED = 1

/** At most `MOST_COMPARED` of a heap, drawn by a fixed seed: equal heaps, equal choice. */
export function thinned(heap: Vectors): Vectors {
  if (heap.length <= MOST_COMPARED) return heap
  const order = randomPermutation(heap.length, THINNING_SEED)
  return order.slice(0, MOST_COMPARED).map((index) => heap[index] as Float64Array)
}

const known = new WeakMap<Vectors, WeakMap<Vectors, Gram>>()

/** Dot products, remembered as long as both heaps live: several figures rest on the same ones. */
export function gramOf(xs: Vectors, ys: Vectors): Gram {
  const beside = known.get(xs) ?? new WeakMap<Vectors, Gram>()
  known.set(xs, beside)
  const found = beside.get(ys)
  if (found?.rows === xs.length && found.columns === ys.length) return found
  const made = multiply(xs, ys)
  beside.set(ys, made)
  return made
}

/** The same, not remembered. */
export function multiply(xs: Vectors, ys: Vectors): Gram {
  const [rows, columns] = [xs.length, ys.length]
  const values = new Float64Array(rows * columns)
  for (let row = 0; row < rows; row += 2)
    for (let column = 0; column < columns; column += 4) multiplyBlock(xs, ys, row, column, values)
  return { values, rows, columns }
}

/** Two rows by four columns at a time: each number that is fetched is used more than once. */
function multiplyBlock(xs: Vectors, ys: Vectors, row: number, column: number, values: Float64Array): void {
  const [lastRow, lastColumn] = [xs.length - 1, ys.length - 1]
  const x0 = xs[row] as Float64Array
  const x1 = xs[Math.min(row + 1, lastRow)] as Float64Array
  const y0 = ys[column] as Float64Array
  const y1 = ys[Math.min(column + 1, lastColumn)] as Float64Array
  const y2 = ys[Math.min(column + 2, lastColumn)] as Float64Array
  const y3 = ys[Math.min(column + 3, lastColumn)] as Float64Array
  let a0 = 0
  let a1 = 0
  let a2 = 0
  let a3 = 0
  let b0 = 0
  let b1 = 0
  let b2 = 0
  let b3 = 0
  for (let index = 0; index < x0.length; index += 1) {
    const u = x0[index] as number
    const v = x1[index] as number
    const p = y0[index] as number
    const q = y1[index] as number
    const r = y2[index] as number
    const s = y3[index] as number
    a0 += u * p
    a1 += u * q
    a2 += u * r
    a3 += u * s
    b0 += v * p
    b1 += v * q
    b2 += v * r
    b3 += v * s
  }
  const columns = ys.length
  const sums = [
    [a0, a1, a2, a3],
    [b0, b1, b2, b3],
  ]
  for (let i = 0; i < 2 && row + i <= lastRow; i += 1)
    for (let j = 0; j < 4 && column + j <= lastColumn; j += 1)
      values[(row + i) * columns + column + j] = sums[i]?.[j] as number
}
