import { setImmediate } from 'node:timers/promises'
import type { Plane } from '../evaluation/metrics.ts'
import { CHROMA_RANGE, RGB_TO_XYZ, colourWith, decodeSrgb, encodeSrgb } from '../imaging/lab.ts'
import {
  createSamples,
  largestSample,
  withBitDepth,
  withChannels,
  type Picture,
  type Samples,
} from '../imaging/picture.ts'
import { resizePicture } from '../imaging/resize.ts'

/** Rows between two looks at the signal. */
const ROWS_AT_ONCE = 128

function decodedSamples(bitDepth: 8 | 16): Float64Array {
  const top = largestSample(bitDepth)
  return Float64Array.from({ length: top + 1 }, (_, sample) => decodeSrgb(sample / top))
}

/** Linear luminance of one pixel of interleaved samples, 1 or 3 channels. */
function luminanceAt(data: Samples, pixel: number, channels: number, decoded: Float64Array): number {
  const light = (channel: number) => decoded[data[pixel * channels + channel] as number] as number
  if (channels === 1) return light(0)
  const [r, g, b] = RGB_TO_XYZ[1]
  return r * light(0) + g * light(1) + b * light(2)
}

/**
 * The picture as the network sees it: the grey of its lightness at 16 bits; where `sidePx` is given, made smaller until its shorter
 * side has it.
 * @throws Refused `channels-unlike`
 */
export async function lightnessOf(
  picture: Picture,
  sidePx: number | undefined,
  name: string,
): Promise<Picture> {
  const grey = greyOf(picture, name)
  const factor = sidePx === undefined ? 1 : sidePx / Math.min(grey.widthPx, grey.heightPx)
  if (factor >= 1) return grey
  const scaled = (side: number) => Math.max(1, Math.round(side * factor))
  return resizePicture(grey, scaled(grey.widthPx), scaled(grey.heightPx))
}

function greyOf(picture: Picture, name: string): Picture {
  const { data, channels, widthPx, heightPx } = picture
  // Refuses what has no colours.
  const grey: Picture = { ...withChannels(picture, 1, name), alpha: null }
  if (channels !== 3) return withBitDepth(grey, 16)
  const decoded = decodedSamples(picture.bitDepth)
  const samples = createSamples(widthPx * heightPx, 16)
  for (let pixel = 0; pixel < samples.length; pixel += 1)
    samples[pixel] = Math.round(65535 * encodeSrgb(luminanceAt(data, pixel, channels, decoded)))
  return { ...grey, data: samples, bitDepth: 16 }
}

/** Between two neighbours of a row or column: `index`, `index + 1`, and the share of the second. */
type Place = { index: number; next: number; share: number }

/** Where each of `length` pixels lies among `among`, centre on centre. */
function placesOf(length: number, among: number): Place[] {
  return Array.from({ length }, (_, at) => {
    const centre = Math.min(among - 1, Math.max(0, ((at + 0.5) * among) / length - 0.5))
    const index = Math.floor(centre)
    return { index, next: Math.min(among - 1, index + 1), share: centre - index }
  })
}

/** One plane of chroma at a place, bilinear. */
function chromaAt({ data, widthPx }: Plane, channel: number, row: Place, column: Place): number {
  const value = (y: number, x: number) => data[(y * widthPx + x) * 2 + channel] as number
  const along = (y: number) =>
    value(y, column.index) + column.share * (value(y, column.next) - value(y, column.index))
  const chroma = along(row.index) + row.share * (along(row.next) - along(row.index))
  return Math.min(1, Math.max(-1, chroma))
}

/**
 * `lab-chroma` of a model's header. Colours in sRGB, [H,W,3], with the lightness of the picture at its full size and depth, and with chroma [h,w,2], clipped to [-1,1] and
 * enlarged to it.
 */
export async function composeColours(
  picture: Picture,
  chroma: Plane,
  bitDepth: 8 | 16,
  signal?: AbortSignal,
): Promise<Samples> {
  const { data, widthPx, heightPx, channels } = picture
  const top = largestSample(bitDepth)
  const decoded = decodedSamples(picture.bitDepth)
  const columns = placesOf(widthPx, chroma.widthPx)
  const out = createSamples(widthPx * heightPx * 3, bitDepth)
  for (const [y, row] of placesOf(heightPx, chroma.heightPx).entries()) {
    if (y % ROWS_AT_ONCE === 0) {
      await setImmediate()
      signal?.throwIfAborted()
    }
    for (const [x, column] of columns.entries()) {
      const pixel = y * widthPx + x
      const [a, b] = [chromaAt(chroma, 0, row, column), chromaAt(chroma, 1, row, column)]
      const luminance = luminanceAt(data, pixel, channels, decoded)
      const [red, green, blue] = colourWith(luminance, a * CHROMA_RANGE, b * CHROMA_RANGE)
      out[3 * pixel] = Math.round(red * top)
      out[3 * pixel + 1] = Math.round(green * top)
      out[3 * pixel + 2] = Math.round(blue * top)
    }
  }
  return out
}

/** The grey of the lightness of a picture of 1 or 3 channels, samples in [0,1]. */
export function lightnessPlane(picture: Plane): Plane {
  if (picture.channels === 1) return picture
  const { data, widthPx, heightPx, channels } = picture
  const grey = new Float32Array(widthPx * heightPx)
  for (let pixel = 0; pixel < grey.length; pixel += 1)
    grey[pixel] = encodeSrgb(planeLuminance(data, pixel, channels))
  return { data: grey, widthPx, heightPx, channels: 1 }
}

function planeLuminance(data: Float32Array, pixel: number, channels: number): number {
  const light = (channel: number) => decodeSrgb(data[pixel * channels + channel] as number)
  const [r, g, b] = RGB_TO_XYZ[1]
  return channels === 1 ? light(0) : r * light(0) + g * light(1) + b * light(2)
}

/** Colours with the lightness of `picture`, samples in [0,1], and chroma of its size, stored as (c + 1) / 2 of c in [-1,1]. */
export function composePlane(picture: Plane, { data }: Plane): Plane {
  const { widthPx, heightPx, channels } = picture
  const out = new Float32Array(widthPx * heightPx * 3)
  for (let pixel = 0; pixel < widthPx * heightPx; pixel += 1) {
    const chroma = (plane: number) => (2 * (data[2 * pixel + plane] as number) - 1) * CHROMA_RANGE
    out.set(colourWith(planeLuminance(picture.data, pixel, channels), chroma(0), chroma(1)), 3 * pixel)
  }
  return { data: out, widthPx, heightPx, channels: 3 }
}
