import { counterOf, randomGaussians, randomUniform } from '../../core/random.ts'
import type { Derivation } from '../../core/datasets/derivedPairs.ts'
import type { Plane } from '../evaluation/metrics.ts'
import { createSamples, largestSample, type Picture } from '../imaging/picture.ts'
import { compress } from './derive/jpeg.ts'
import { mark } from './derive/marks.ts'
import { planeOfPicture } from './derive/plane.ts'
import { blur, kernels, resample, type Kernel } from './derive/resample.ts'
import { edgesOf, fade, greyOf } from './derive/tone.ts'

/** Draws of one picture, uniform in [0,1): each a function of its name and number alone. */
type Draw = (name: string, ...numbers: readonly number[]) => number

/** Mild JPEG that nobody sees: no picture draws a better one. */
const BEST_JPEG_QUALITY = 95

/** Brings samples into [0,1], in place. */
function clip({ data }: Plane): void {
  for (let index = 0; index < data.length; index += 1) {
    const value = data[index] as number
    if (value < 0) data[index] = 0
    else if (value > 1) data[index] = 1
  }
}

/** The spoiled samples as a picture of B's depth. */
function pictureOf(b: Picture, plane: Plane): Picture {
  const { data, widthPx, heightPx, channels } = plane
  const top = largestSample(b.bitDepth)
  const samples = createSamples(data.length, b.bitDepth)
  for (let index = 0; index < samples.length; index += 1) {
    const value = data[index] as number
    samples[index] = (value < 0 ? 0 : value > 1 ? 1 : value) * top + 0.5
  }
  const colourSpace = channels === 1 ? 'grey' : channels === 3 ? 'srgb' : 'data'
  const metadata = channels === b.channels ? b.metadata : { ...b.metadata, icc: null }
  return { ...b, data: samples, widthPx, heightPx, channels, colourSpace, alpha: null, metadata }
}

/** A multiple of the factor loses nothing; of any other size, the columns and rows beyond the last whole pixel are left out. */
function shrink(plane: Plane, factor: number, kernel: Kernel): Plane {
  const [widthPx, heightPx] = [Math.floor(plane.widthPx / factor), Math.floor(plane.heightPx / factor)]
  const whole = trimmed(plane, widthPx * factor, heightPx * factor)
  const small = resample(whole, widthPx, heightPx, kernel)
  clip(small)
  return small
}

function trimmed(plane: Plane, widthPx: number, heightPx: number): Plane {
  if (widthPx === plane.widthPx && heightPx === plane.heightPx) return plane
  const row = widthPx * plane.channels
  const data = new Float32Array(row * heightPx)
  for (let y = 0; y < heightPx; y += 1) {
    const from = y * plane.widthPx * plane.channels
    data.set(plane.data.subarray(from, from + row), y * row)
  }
  return { ...plane, data, widthPx, heightPx }
}

function kernelFor(name: Derivation['downscaleKernel'], draw: Draw): Kernel {
  if (name !== 'mixed') return kernels[name]
  const all = Object.values(kernels)
  return all[Math.floor(draw('kernel') * all.length)] as Kernel
}

/** Into `normal`, which holds a standard normal value for every sample. */
function addNoise(plane: Plane, sigma: number, normal: Float32Array): Plane {
  for (let index = 0; index < normal.length; index += 1)
    normal[index] = (plane.data[index] as number) + sigma * (normal[index] as number)
  const noisy = { ...plane, data: normal }
  clip(noisy)
  return noisy
}

/**
 * A spoiled copy of a picture that was already cut: what training gives the model as A. Grey or edges, fading, blur,
 * downscaling, noise, JPEG, scratches and dust, in this order, each from nothing up to its bound.
 * A pure function of its arguments. The sides of the result are those of B divided by `downscale`, rounded down; its depth
 * is B's; its channels are B's, or 1 after grey or edges. Alpha is not carried over.
 * @throws Refused `channels-unlike` where grey or edges are asked of pictures that are neither grey nor colour
 */
export async function deriveA(
  b: Picture,
  derivation: Derivation,
  seed: number,
  position: number,
): Promise<Picture> {
  const draw: Draw = (name, ...numbers) => randomUniform(seed, position, counterOf(name), ...numbers)
  let plane = planeOfPicture(b)
  if (derivation.edges) plane = edgesOf(plane)
  else if (derivation.grey) plane = greyOf(plane)
  if (derivation.fading > 0) plane = fade(plane, derivation.fading * draw('fading'), draw('cast'))
  if (derivation.blurSigmaPx > 0) plane = blur(plane, derivation.blurSigmaPx * draw('blur'))
  if (derivation.downscale > 1)
    plane = shrink(plane, derivation.downscale, kernelFor(derivation.downscaleKernel, draw))
  if (derivation.noiseSigma > 0) {
    const normal = randomGaussians(plane.data.length, seed, position, counterOf('noise'))
    plane = addNoise(plane, (derivation.noiseSigma / 255) * draw('noise level'), normal)
  }
  if (derivation.jpegQuality < 100) {
    const choices = Math.max(1, BEST_JPEG_QUALITY - derivation.jpegQuality + 1)
    const quality = derivation.jpegQuality + Math.floor(draw('quality') * choices)
    plane = await compress(plane, quality, [draw('grid', 0), draw('grid', 1)])
  }
  for (const kind of ['scratches', 'dust'] as const)
    if (derivation[kind] > 0)
      plane = mark(plane, kind, derivation[kind] * draw(`how much ${kind}`), (index, number) =>
        draw(kind, index, number),
      )
  return pictureOf(b, plane)
}
