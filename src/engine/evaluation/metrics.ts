/** A picture for measuring: samples in [0,1], interleaved, `heightPx * widthPx * channels` of them. */
export type Plane = { data: Float32Array; widthPx: number; heightPx: number; channels: number }

export type Scores = { l1: number; psnr: number; ssim: number }

function assertSameShape(a: Plane, b: Plane): void {
  if (a.widthPx !== b.widthPx || a.heightPx !== b.heightPx || a.channels !== b.channels)
    throw new Error(
      `Cannot compare ${a.widthPx}x${a.heightPx}x${a.channels} with ${b.widthPx}x${b.heightPx}x${b.channels}.`,
    )
}

/** Mean absolute difference over all samples, in [0,1]. */
export function meanAbsoluteError(a: Plane, b: Plane): number {
  assertSameShape(a, b)
  let sum = 0
  for (let index = 0; index < a.data.length; index += 1)
    sum += Math.abs((a.data[index] as number) - (b.data[index] as number))
  return sum / a.data.length
}

/** Peak signal-to-noise ratio in dB for a peak of 1; Infinity for equal pictures. */
export function peakSignalToNoise(a: Plane, b: Plane): number {
  assertSameShape(a, b)
  let sum = 0
  for (let index = 0; index < a.data.length; index += 1)
    sum += ((a.data[index] as number) - (b.data[index] as number)) ** 2
  return sum === 0 ? Infinity : -10 * Math.log10(sum / a.data.length)
}

const SSIM_WINDOW = 11
const SSIM_SIGMA = 1.5
/** Constants of the paper for a dynamic range of 1: (0.01)^2 and (0.03)^2. */
const C1 = 1e-4
const C2 = 9e-4

function gaussianWindow(): Float64Array {
  const half = (SSIM_WINDOW - 1) / 2
  const weights = Float64Array.from({ length: SSIM_WINDOW }, (_, index) =>
    Math.exp(-((index - half) ** 2) / (2 * SSIM_SIGMA ** 2)),
  )
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  return weights.map((weight) => weight / total)
}

/** Gaussian blur without padding: [h,w] to [h-10,w-10]. */
function blurValid(values: Float64Array, width: number, height: number, window: Float64Array): Float64Array {
  const outWidth = width - SSIM_WINDOW + 1
  const outHeight = height - SSIM_WINDOW + 1
  const rows = new Float64Array(outWidth * height)
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < outWidth; x += 1) {
      let sum = 0
      for (let k = 0; k < SSIM_WINDOW; k += 1)
        sum += (window[k] as number) * (values[y * width + x + k] as number)
      rows[y * outWidth + x] = sum
    }
  const out = new Float64Array(outWidth * outHeight)
  for (let y = 0; y < outHeight; y += 1)
    for (let x = 0; x < outWidth; x += 1) {
      let sum = 0
      for (let k = 0; k < SSIM_WINDOW; k += 1)
        sum += (window[k] as number) * (rows[(y + k) * outWidth + x] as number)
      out[y * outWidth + x] = sum
    }
  return out
}

function channelOf(plane: Plane, channel: number): Float64Array {
  return Float64Array.from(
    { length: plane.widthPx * plane.heightPx },
    (_, index) => plane.data[index * plane.channels + channel] as number,
  )
}

function channelSimilarity(a: Float64Array, b: Float64Array, width: number, height: number): number {
  const window = gaussianWindow()
  const product = (x: Float64Array, y: Float64Array) => x.map((value, index) => value * (y[index] as number))
  const blur = (values: Float64Array) => blurValid(values, width, height, window)
  const [meanA, meanB, squareA, squareB, cross] = [a, b, product(a, a), product(b, b), product(a, b)].map(
    blur,
  ) as [Float64Array, Float64Array, Float64Array, Float64Array, Float64Array]
  let sum = 0
  for (let index = 0; index < meanA.length; index += 1) {
    const muA = meanA[index] as number
    const muB = meanB[index] as number
    const varianceA = (squareA[index] as number) - muA * muA
    const varianceB = (squareB[index] as number) - muB * muB
    const covariance = (cross[index] as number) - muA * muB
    const luminance = (2 * muA * muB + C1) / (muA * muA + muB * muB + C1)
    sum += (luminance * (2 * covariance + C2)) / (varianceA + varianceB + C2)
  }
  return sum / meanA.length
}

/**
 * Mean structural similarity, Gaussian window 11, sigma 1.5, over all channels and every position where the window fits
 * (Wang, Bovik, Sheikh, Simoncelli 2004). Pictures smaller than the window on a side give NaN.
 */
export function structuralSimilarity(a: Plane, b: Plane): number {
  assertSameShape(a, b)
  if (a.widthPx < SSIM_WINDOW || a.heightPx < SSIM_WINDOW) return NaN
  let sum = 0
  for (let channel = 0; channel < a.channels; channel += 1)
    sum += channelSimilarity(channelOf(a, channel), channelOf(b, channel), a.widthPx, a.heightPx)
  return sum / a.channels
}

export function scorePicture(made: Plane, real: Plane): Scores {
  return {
    l1: meanAbsoluteError(made, real),
    psnr: peakSignalToNoise(made, real),
    ssim: structuralSimilarity(made, real),
  }
}

/** Mean of each score over pictures. An infinite PSNR (equal pictures) stays infinite. */
export function meanScores(scores: readonly Scores[]): Scores {
  const mean = (key: keyof Scores) => scores.reduce((sum, score) => sum + score[key], 0) / scores.length
  return { l1: mean('l1'), psnr: mean('psnr'), ssim: mean('ssim') }
}
