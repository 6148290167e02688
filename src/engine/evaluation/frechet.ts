import { multiply, type Vectors } from './gram.ts'
import { meanOf } from './intervals.ts'
import { eigenvaluesOf } from './symmetricEigenvalues.ts'
import type { Figure } from './works.ts'

/** Below this many pictures a side the figure says more about their number than about their looks. */
export const FRECHET_LEAST_PICTURES = 1500

/** A pivot this small beside the largest variance is a direction in which the heap does not vary. */
const NO_VARIANCE = 1e-12

/**
 * Frechet distance (Dowson and Landau 1982; Heusel et al. 2017) between Gaussians fitted to two heaps of features:
 * |mean1 - mean2|^2 + tr(S1 + S2 - 2 (S1 S2)^(1/2)), in float64. NaN below 1,500 pictures a side. No interval is told:
 * at such numbers the figure's bias, which falls as pictures are added, is larger than its spread.
 */
export function frechetDistance(made: Vectors, real: Vectors): Figure {
  const fewest = Math.min(made.length, real.length)
  if (fewest < FRECHET_LEAST_PICTURES)
    return {
      value: NaN,
      low: null,
      high: null,
      note: `Needs ${FRECHET_LEAST_PICTURES} pictures a side; there are ${fewest}.`,
    }
  const note =
    'No interval: what few pictures add to it is larger than its spread. Compare equal numbers only.'
  return { value: frechetOf(made, real), low: null, high: null, note }
}

/** The distance itself, for any number of vectors from two a side. */
export function frechetOf(made: Vectors, real: Vectors): number {
  const [one, two] = [centred(made), centred(real)]
  let apart = 0
  for (let index = 0; index < one.mean.length; index += 1)
    apart += ((one.mean[index] as number) - (two.mean[index] as number)) ** 2
  const covariance = multiply(two.features, two.features)
  return (
    apart +
    traceOf(one.features) +
    traceOf(two.features) -
    2 * traceOfRoot(factorOf(one.features), rowsOf(covariance))
  )
}

/** One vector for each feature, over the pictures: its mean taken off, divided so that products are covariances. */
type Centred = { mean: Float64Array; features: Float64Array[] }

function centred(vectors: Vectors): Centred {
  const length = (vectors[0] as Float64Array).length
  const scale = 1 / Math.sqrt(vectors.length - 1)
  const features = Array.from({ length }, (_, feature) =>
    Float64Array.from(vectors, (vector) => vector[feature] as number),
  )
  const mean = Float64Array.from(features, meanOf)
  for (const [index, feature] of features.entries()) {
    const middle = mean[index] as number
    for (let at = 0; at < feature.length; at += 1) feature[at] = ((feature[at] as number) - middle) * scale
  }
  return { mean, features }
}

function traceOf(features: readonly Float64Array[]): number {
  return features.reduce(
    (sum, feature) => sum + feature.reduce((squares, value) => squares + value * value, 0),
    0,
  )
}

/** Columns f of a factor F of the covariance, S = F F^T: Cholesky's, or the pictures themselves where they are fewer. */
function factorOf(features: readonly Float64Array[]): Float64Array[] {
  const pictures = (features[0] as Float64Array).length
  return pictures > features.length
    ? choleskyColumns(rowsOf(multiply(features, features)))
    : transposed(features)
}

/** Lower triangular L with S = L L^T, column by column. S may have directions without variance; it is used up. */
function choleskyColumns(matrix: Float64Array[]): Float64Array[] {
  const size = matrix.length
  const least = NO_VARIANCE * matrix.reduce((most, row, index) => Math.max(most, row[index] as number), 0)
  const columns: Float64Array[] = []
  for (let k = 0; k < size; k += 1) {
    // By symmetry the row stands for the column; rows below are brought up to date from k on.
    const row = matrix[k] as Float64Array
    const column = new Float64Array(size)
    const pivot = row[k] as number
    if (pivot > least) {
      const root = Math.sqrt(pivot)
      for (let j = k; j < size; j += 1) column[j] = (row[j] as number) / root
      for (let i = k + 1; i < size; i += 1)
        subtractScaled(matrix[i] as Float64Array, column, column[i] as number, i)
    }
    columns.push(column)
  }
  return columns
}

function subtractScaled(row: Float64Array, column: Float64Array, factor: number, from: number): void {
  for (let j = from; j < row.length; j += 1) row[j] = (row[j] as number) - factor * (column[j] as number)
}

/** tr((S1 S2)^(1/2)) with S1 = F F^T: S1 S2 has the eigenvalues of F^T S2 F, which is symmetric. */
function traceOfRoot(factor: readonly Float64Array[], covariance: readonly Float64Array[]): number {
  const half = rowsOf(multiply(factor, covariance))
  const symmetric = rowsOf(multiply(half, factor))
  return eigenvaluesOf(symmetric).reduce((sum, value) => sum + Math.sqrt(Math.max(0, value)), 0)
}

function rowsOf({
  values,
  rows,
  columns,
}: {
  values: Float64Array
  rows: number
  columns: number
}): Float64Array[] {
  return Array.from({ length: rows }, (_, row) => values.subarray(row * columns, (row + 1) * columns))
}

function transposed(rows: readonly Float64Array[]): Float64Array[] {
  const length = (rows[0] as Float64Array).length
  return Array.from({ length }, (_, column) => Float64Array.from(rows, (row) => row[column] as number))
}
