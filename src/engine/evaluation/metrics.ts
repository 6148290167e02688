import { SSIM_WINDOW, structureOf } from './structure.ts'

/** A picture for measuring: samples in [0,1], interleaved, `heightPx * widthPx * channels` of them. */
export type Plane = { data: Float32Array; widthPx: number; heightPx: number; channels: number }

export type Scores = { l1: number; psnr: number; ssim: number }

/** @throws Error where two pictures differ in shape: a bug of the caller */
export function assertSameShape(a: Plane, b: Plane): void {
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

/**
 * Mean structural similarity, Gaussian window 11, sigma 1.5, over all channels and every position where the window fits
 * (Wang, Bovik, Sheikh, Simoncelli 2004). Pictures smaller than the window on a side give NaN.
 */
export function structuralSimilarity(a: Plane, b: Plane): number {
  assertSameShape(a, b)
  if (a.widthPx < SSIM_WINDOW || a.heightPx < SSIM_WINDOW) return NaN
  return structureOf(a, b).similarity.reduce((sum, value) => sum + value, 0) / a.channels
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
