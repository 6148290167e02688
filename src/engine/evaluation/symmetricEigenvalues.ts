/** A symmetric matrix [n][n]; only what is right of the diagonal, and the diagonal, is read. */
export type Symmetric = readonly Float64Array[]

/** Enough for any matrix: two or three sweeps a value are usual. */
const MOST_SWEEPS = 60

/**
 * All eigenvalues of a symmetric matrix, in no order, in float64: Householder's tridiagonal form, then the QL method with
 * implicit shifts (Golub and Van Loan, Matrix Computations, 8.3). The matrix is used up. Written here because ml-matrix, which finds the
 * vectors as well, takes five times as long and nothing can be stopped meanwhile: at 2048 x 2048, Inception's, 33 s for 6 s.
 */
export function eigenvaluesOf(matrix: Symmetric): Float64Array {
  const { diagonal, beside } = toTridiagonal(matrix)
  for (let index = 0; index < diagonal.length; index += 1) settle(diagonal, beside, index)
  return diagonal
}

function toTridiagonal(matrix: Symmetric): { diagonal: Float64Array; beside: Float64Array } {
  const size = matrix.length
  const [diagonal, beside] = [new Float64Array(size), new Float64Array(size)]
  const product = new Float64Array(size)
  for (let k = 0; k < size; k += 1) {
    const row = matrix[k] as Float64Array
    diagonal[k] = row[k] as number
    if (k === size - 1) break
    const { pivot, scale } = reflector(row, k + 1)
    beside[k] = pivot
    if (scale > 0) reflect(matrix, row, k + 1, scale, product)
  }
  return { diagonal, beside }
}

/** Turns row[from..] into the vector of a Householder reflection that leaves `pivot` alone; `scale` is 2 / (v . v). */
function reflector(row: Float64Array, from: number): { pivot: number; scale: number } {
  let tail = 0
  for (let j = from + 1; j < row.length; j += 1) tail += (row[j] as number) ** 2
  const head = row[from] as number
  if (tail === 0) return { pivot: head, scale: 0 }
  const length = Math.sqrt(head * head + tail)
  const pivot = head > 0 ? -length : length
  row[from] = head - pivot
  return { pivot, scale: 2 / ((head - pivot) ** 2 + tail) }
}

/** A becomes H A H on rows and columns from `from`, where H = 1 - scale v v^T; above the diagonal only. */
function reflect(matrix: Symmetric, v: Float64Array, from: number, scale: number, p: Float64Array): void {
  const size = matrix.length
  p.fill(0, from)
  for (let i = from; i < size; i += 1) addSymmetricRow(matrix[i] as Float64Array, v, i, p)
  let along = 0
  for (let i = from; i < size; i += 1) along += (p[i] as number) * (v[i] as number)
  const half = (scale * scale * along) / 2
  for (let i = from; i < size; i += 1) p[i] = scale * (p[i] as number) - half * (v[i] as number)
  for (let i = from; i < size; i += 1) {
    const row = matrix[i] as Float64Array
    const vi = v[i] as number
    const pi = p[i] as number
    for (let j = i; j < size; j += 1)
      row[j] = (row[j] as number) - vi * (p[j] as number) - pi * (v[j] as number)
  }
}

/** Adds to p what row i, and column i by symmetry, give to A v. */
function addSymmetricRow(row: Float64Array, v: Float64Array, i: number, p: Float64Array): void {
  const vi = v[i] as number
  let sum = (row[i] as number) * vi
  for (let j = i + 1; j < row.length; j += 1) {
    const a = row[j] as number
    sum += a * (v[j] as number)
    p[j] = (p[j] as number) + a * vi
  }
  p[i] = (p[i] as number) + sum
}

/** QL sweeps until the value at `first` stands alone. */
function settle(d: Float64Array, e: Float64Array, first: number): void {
  for (let sweep = 0; sweep < MOST_SWEEPS; sweep += 1) {
    const last = endOfBlock(d, e, first)
    if (last === first) return
    sweepUp(d, e, first, last)
  }
  throw new Error('The eigenvalues do not converge: the matrix holds something that is not a number.')
}

function endOfBlock(d: Float64Array, e: Float64Array, first: number): number {
  for (let at = first; at < d.length - 1; at += 1) {
    const size = Math.abs(d[at] as number) + Math.abs(d[at + 1] as number)
    if (Math.abs(e[at] as number) <= Number.EPSILON * size) return at
  }
  return d.length - 1
}

function sweepUp(d: Float64Array, e: Float64Array, first: number, last: number): void {
  const [begin, next, link] = [d[first] as number, d[first + 1] as number, e[first] as number]
  const slope = (next - begin) / (2 * link)
  const root = Math.hypot(slope, 1)
  let g = (d[last] as number) - begin + link / (slope + (slope >= 0 ? root : -root))
  let [sine, cosine, shift] = [1, 1, 0]
  for (let i = last - 1; i >= first; i -= 1) {
    const f = sine * (e[i] as number)
    const b = cosine * (e[i] as number)
    const r = Math.hypot(f, g)
    e[i + 1] = r
    if (r === 0) {
      d[i + 1] = (d[i + 1] as number) - shift
      e[last] = 0
      return
    }
    sine = f / r
    cosine = g / r
    g = (d[i + 1] as number) - shift
    const turn = ((d[i] as number) - g) * sine + 2 * cosine * b
    shift = sine * turn
    d[i + 1] = g + shift
    g = cosine * turn - b
  }
  d[first] = (d[first] as number) - shift
  e[first] = g
  e[last] = 0
}
