import { gramOf, thinned, type Gram, type Vectors } from './gram.ts'
import { wilsonInterval } from './intervals.ts'
import type { Figure } from './works.ts'

/** The neighbour whose distance is the radius of a picture's ball. */
const NEIGHBOUR = 3

/**
 * Improved precision (Kynkaanniemi et al. 2019), k = 3: the share of made pictures whose features lie within the ball of at
 * least one real picture, which reaches to its third nearest among the real ones. Of more than 2,000 pictures a side, 2,000
 * drawn by a fixed seed take part. Wilson's interval: it takes the balls as given. NaN below five pictures a side.
 */
export function precisionOf(made: Vectors, real: Vectors): Figure {
  return shareWithin(thinned(made), thinned(real))
}

/** Improved recall of the same paper: precision with the two heaps exchanged. */
export function recallOf(made: Vectors, real: Vectors): Figure {
  return shareWithin(thinned(real), thinned(made))
}

function shareWithin(asked: Vectors, holders: Vectors): Figure {
  if (Math.min(asked.length, holders.length) < NEIGHBOUR + 2)
    return { value: NaN, low: null, high: null, note: `Needs ${NEIGHBOUR + 2} pictures a side.` }
  const own = gramOf(holders, holders)
  const lengths = diagonalOf(own)
  const askedLengths = Float64Array.from(asked, squaredLength)
  const radii = lengths.map((_, row) => neighbourDistance(own, lengths, row))
  const cross = gramOf(holders, asked)
  let hits = 0
  for (let column = 0; column < asked.length; column += 1)
    if (isWithin(cross, column, lengths, askedLengths[column] as number, radii)) hits += 1
  return { value: hits / asked.length, ...wilsonInterval(hits, asked.length) }
}

function diagonalOf({ values, rows, columns }: Gram): Float64Array {
  return Float64Array.from({ length: rows }, (_, row) => values[row * columns + row] as number)
}

function squaredLength(vector: Float64Array): number {
  let sum = 0
  for (let index = 0; index < vector.length; index += 1) sum += (vector[index] as number) ** 2
  return sum
}

/** Squared distance from a vector to its third nearest neighbour in its own heap, itself left out. */
function neighbourDistance({ values, columns }: Gram, lengths: Float64Array, row: number): number {
  const distances = new Float64Array(columns)
  for (let column = 0; column < columns; column += 1)
    distances[column] =
      (lengths[row] as number) + (lengths[column] as number) - 2 * (values[row * columns + column] as number)
  distances[row] = Infinity
  return Math.max(0, distances.sort()[NEIGHBOUR - 1] as number)
}

function isWithin(
  { values, rows, columns }: Gram,
  column: number,
  lengths: Float64Array,
  askedLength: number,
  radii: Float64Array,
): boolean {
  for (let row = 0; row < rows; row += 1) {
    const distance = (lengths[row] as number) + askedLength - 2 * (values[row * columns + column] as number)
    if (distance <= (radii[row] as number)) return true
  }
  return false
}
