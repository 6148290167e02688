import { refuse } from '../../../core/errors.ts'
import type { Plane } from '../../evaluation/metrics.ts'
import { RGB_TO_XYZ, decodeSrgb, encodeSrgb } from '../../imaging/lab.ts'
import { blur } from './resample.ts'

const STEPS = 65_535
let linearOfCoded: Float32Array | undefined

/** Samples of 8 and of 16 bits lie on this table's places exactly (65535 = 255 * 257). */
function linearTable(): Float32Array {
  if (linearOfCoded) return linearOfCoded
  linearOfCoded = new Float32Array(STEPS + 1)
  for (let step = 0; step <= STEPS; step += 1) linearOfCoded[step] = decodeSrgb(step / STEPS)
  return linearOfCoded
}

/**
 * One channel of the same lightness: the luminance Y of linear sRGB, put back through the sRGB curve. CIE L* depends on Y
 * alone, so it is kept exactly, up to rounding.
 * @throws Refused `channels-unlike` for data channels, which have no lightness
 */
export function greyOf(plane: Plane): Plane {
  const { data, channels, widthPx, heightPx } = plane
  if (channels === 1) return plane
  if (channels !== 3)
    throw refuse(
      'channels-unlike',
      `Pictures with ${channels} channels have no colour that could be taken away.`,
      'Use colour pictures, or switch "Take the colour away" and "Draw its edges" off.',
    )
  const table = linearTable()
  const linear = (at: number) => table[Math.round((data[at] as number) * STEPS)] as number
  const [red, green, blue] = RGB_TO_XYZ[1]
  const out = new Float32Array(widthPx * heightPx)
  for (let pixel = 0; pixel < out.length; pixel += 1) {
    const at = 3 * pixel
    out[pixel] = encodeSrgb(red * linear(at) + green * linear(at + 1) + blue * linear(at + 2))
  }
  return { data: out, widthPx, heightPx, channels: 1 }
}

const FINE_SIGMA_PX = 1
/** Approximates a Laplacian (Marr and Hildreth 1980). */
const SIGMA_RATIO = 1.6
/** Differences below are grain, not edges. */
const EDGE_THRESHOLD = 0.005
const EDGE_STEEPNESS = 40

/**
 * A drawing: dark lines on white, on the dark side of every edge. Difference of Gaussians of the lightness with a soft
 * threshold (after Winnemoeller et al. 2012, with equal weights, so that flat ground stays white whatever its shade).
 * [H,W,1 or 3] to [H,W,1].
 */
export function edgesOf(plane: Plane): Plane {
  const grey = greyOf(plane)
  const fine = blur(grey, FINE_SIGMA_PX).data
  const coarse = blur(grey, FINE_SIGMA_PX * SIGMA_RATIO).data
  const data = fine.map((value, index) => {
    const depth = (coarse[index] as number) - value - EDGE_THRESHOLD
    return depth <= 0 ? 1 : 1 - Math.tanh(EDGE_STEEPNESS * depth)
  })
  return { ...grey, data }
}

/** Red, green and blue towards which an old print fades at full cast; without a cast, and in other channels, `PAPER`. */
const YELLOWED = [0.78, 0.68, 0.5]
const PAPER = 0.68
/** Full fading leaves a tenth of the contrast. */
const LARGEST_LOSS = 0.9

/**
 * Contrast lost towards the shade of old paper.
 * @param strength 0: none, 1: nearly all of it
 * @param cast 0: neutral paper, 1: yellowed; tells only in colour
 */
export function fade(plane: Plane, strength: number, cast: number): Plane {
  const { data, channels } = plane
  const loss = LARGEST_LOSS * strength
  const paper = Array.from({ length: channels }, (_, channel) =>
    channels === 3 ? PAPER + cast * ((YELLOWED[channel] as number) - PAPER) : PAPER,
  )
  const faded = new Float32Array(data.length)
  for (let channel = 0; channel < channels; channel += 1) {
    const shade = loss * (paper[channel] as number)
    for (let at = channel; at < data.length; at += channels)
      faded[at] = (1 - loss) * (data[at] as number) + shade
  }
  return { ...plane, data: faded }
}
