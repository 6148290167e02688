import type { Plane } from './metrics.ts'

/** Side of the Gaussian window, in px. */
export const SSIM_WINDOW = 11
const SIGMA = 1.5
/** Constants of the paper for a dynamic range of 1: (0.01)^2 and (0.03)^2. */
const C1 = 1e-4
const C2 = 9e-4

const HALF = (SSIM_WINDOW - 1) / 2
const window = gaussianWindow()

function gaussianWindow(): Float64Array {
  const weights = Float64Array.from({ length: SSIM_WINDOW }, (_, index) =>
    Math.exp(-((index - HALF) ** 2) / (2 * SIGMA ** 2)),
  )
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  return weights.map((weight) => weight / total)
}

/** Means over all positions where the window fits, one a channel. */
export type Structure = {
  /** Structural similarity. */
  similarity: Float64Array
  /** Its part without luminance: contrast and structure. */
  contrast: Float64Array
}

/** Blurred rows of a pair: means of a and b, of a^2 + b^2, and of a b. */
type Row = { a: Float64Array; b: Float64Array; squares: Float64Array; product: Float64Array }

function createRow(length: number): Row {
  const make = () => new Float64Array(length)
  return { a: make(), b: make(), squares: make(), product: make() }
}

/**
 * Structural similarity of two pictures alike in shape, both sides of at least the window (Wang, Bovik, Sheikh, Simoncelli
 * 2004): Gaussian window of 11 px, sigma 1.5, population variances, no padding, in float64. A row of the picture at a
 * time, all channels at once.
 */
export function structureOf(x: Plane, y: Plane): Structure {
  const { widthPx, heightPx, channels } = x
  const stride = widthPx * channels
  const length = stride - 2 * HALF * channels
  const recent = Array.from({ length: SSIM_WINDOW }, () => createRow(length))
  const [whole, blurred] = [createRow(stride), createRow(length)]
  const sums = { similarity: new Float64Array(channels), contrast: new Float64Array(channels) }
  for (let line = 0; line < heightPx; line += 1) {
    loadRow(x.data, y.data, line * stride, whole)
    blurAlong(whole, channels, recent[line % SSIM_WINDOW] as Row)
    if (line < SSIM_WINDOW - 1) continue
    blurAcross(recent, line + 1, blurred)
    addSimilarity(blurred, sums)
  }
  const positions = (length / channels) * (heightPx - 2 * HALF)
  return {
    similarity: sums.similarity.map((sum) => sum / positions),
    contrast: sums.contrast.map((sum) => sum / positions),
  }
}

function loadRow(x: Float32Array, y: Float32Array, start: number, { a, b, squares, product }: Row): void {
  for (let index = 0; index < a.length; index += 1) {
    const u = x[start + index] as number
    const v = y[start + index] as number
    a[index] = u
    b[index] = v
    squares[index] = u * u + v * v
    product[index] = u * v
  }
}

function blurAlong(from: Row, channels: number, to: Row): void {
  blurValues(from.a, channels, to.a)
  blurValues(from.b, channels, to.b)
  blurValues(from.squares, channels, to.squares)
  blurValues(from.product, channels, to.product)
}

/** The window along a row of interleaved samples. It is symmetric: two samples share a weight. */
function blurValues(values: Float64Array, channels: number, out: Float64Array): void {
  const middle = HALF * channels
  const centre = window[HALF] as number
  for (let index = 0; index < out.length; index += 1) out[index] = centre * (values[index + middle] as number)
  for (let k = 0; k < HALF; k += 1) {
    const weight = window[k] as number
    const [near, far] = [k * channels, (SSIM_WINDOW - 1 - k) * channels]
    for (let index = 0; index < out.length; index += 1)
      out[index] =
        (out[index] as number) + weight * ((values[index + near] as number) + (values[index + far] as number))
  }
}

/** The window down the last rows, of which `next % SSIM_WINDOW` is the oldest. */
function blurAcross(rows: readonly Row[], next: number, to: Row): void {
  const ordered = Array.from({ length: SSIM_WINDOW }, (_, k) => rows[(next + k) % SSIM_WINDOW] as Row)
  for (const part of ['a', 'b', 'squares', 'product'] as const)
    sumRows(
      ordered.map((row) => row[part]),
      to[part],
    )
}

function sumRows(rows: readonly Float64Array[], out: Float64Array): void {
  const middle = rows[HALF] as Float64Array
  const centre = window[HALF] as number
  for (let index = 0; index < out.length; index += 1) out[index] = centre * (middle[index] as number)
  for (let k = 0; k < HALF; k += 1) {
    const weight = window[k] as number
    const above = rows[k] as Float64Array
    const below = rows[SSIM_WINDOW - 1 - k] as Float64Array
    for (let index = 0; index < out.length; index += 1)
      out[index] = (out[index] as number) + weight * ((above[index] as number) + (below[index] as number))
  }
}

function addSimilarity({ a, b, squares, product }: Row, { similarity, contrast }: Structure): void {
  const channels = similarity.length
  for (let channel = 0; channel < channels; channel += 1) {
    let whole = 0
    let part = 0
    for (let index = channel; index < a.length; index += channels) {
      const muA = a[index] as number
      const muB = b[index] as number
      const means = muA * muA + muB * muB
      const cross = muA * muB
      const structure =
        (2 * ((product[index] as number) - cross) + C2) / ((squares[index] as number) - means + C2)
      part += structure
      whole += (structure * (2 * cross + C1)) / (means + C1)
    }
    similarity[channel] = (similarity[channel] as number) + whole
    contrast[channel] = (contrast[channel] as number) + part
  }
}
