import { refuse } from '../../core/errors.ts'
import type { PictureRegion } from '../../core/datasets/report.ts'
import type { PictureFormat } from './formats.ts'

export type Samples = Uint8Array | Uint16Array

/** What a photograph carries beside its pixels. */
export type PictureMetadata = {
  format: PictureFormat
  /** The ICC profile that the samples are in; null: none, taken as sRGB. */
  icc: Buffer | null
  /** A TIFF block without the `Exif` marker, orientation already reset, thumbnail removed. */
  exif: Buffer | null
  xmp: string | null
  dotsPerInch: number | null
}

/** A decoded picture: upright, samples interleaved row by row ([H,W,C]), 0 to 255 or 0 to 65535. */
export type Picture = {
  data: Samples
  widthPx: number
  heightPx: number
  /** Colour or data channels; alpha is never among them. */
  channels: number
  bitDepth: 8 | 16
  /** [H,W], of the same depth as the samples. */
  alpha: Samples | null
  /** `grey` has 1 channel, `srgb` 3; `data` is any other number, with no colour meaning. */
  colourSpace: 'srgb' | 'grey' | 'data'
  metadata: PictureMetadata
}

export function largestSample(bitDepth: 8 | 16): number {
  return bitDepth === 16 ? 65535 : 255
}

export function createSamples(length: number, bitDepth: 8 | 16): Samples {
  return bitDepth === 16 ? new Uint16Array(length) : new Uint8Array(length)
}

/** A rectangle of interleaved samples, as a copy. */
export function cropSamples(
  data: Samples,
  widthPx: number,
  channels: number,
  box: { left: number; top: number; widthPx: number; heightPx: number },
): Samples {
  const length = box.widthPx * box.heightPx * channels
  const out = data instanceof Uint16Array ? new Uint16Array(length) : new Uint8Array(length)
  const row = box.widthPx * channels
  for (let y = 0; y < box.heightPx; y += 1) {
    const start = ((box.top + y) * widthPx + box.left) * channels
    out.set(data.subarray(start, start + row), y * row)
  }
  return out
}

export function cropPicture(
  picture: Picture,
  box: { left: number; top: number; widthPx: number; heightPx: number },
): Picture {
  const { data, alpha, widthPx, channels } = picture
  return {
    ...picture,
    widthPx: box.widthPx,
    heightPx: box.heightPx,
    data: cropSamples(data, widthPx, channels, box),
    alpha: alpha && cropSamples(alpha, widthPx, 1, box),
  }
}

/** Mirrors samples in place, left to right: `channels` interleaved ones a pixel. */
export function mirrorSamples(
  samples: Samples,
  { widthPx, heightPx }: Pick<Picture, 'widthPx' | 'heightPx'>,
  channels: number,
): void {
  for (let y = 0; y < heightPx; y += 1)
    for (let x = 0; x < widthPx >> 1; x += 1) {
      const left = (y * widthPx + x) * channels
      const right = (y * widthPx + widthPx - 1 - x) * channels
      for (let channel = 0; channel < channels; channel += 1) {
        const kept = samples[left + channel] as number
        samples[left + channel] = samples[right + channel] as number
        samples[right + channel] = kept
      }
    }
}

/** Size of one region of an upright picture. Halves have equal widths: an odd middle column belongs to neither. */
export function regionBox(widthPx: number, heightPx: number, region: PictureRegion) {
  const half = Math.floor(widthPx / 2)
  if (region === 'whole') return { left: 0, top: 0, widthPx, heightPx }
  return { left: region === 'left' ? 0 : widthPx - half, top: 0, widthPx: half, heightPx }
}

/** Splits the last of n interleaved channels off, as alpha. */
export function splitAlpha(data: Samples, channels: number): { data: Samples; alpha: Samples } {
  const pixels = data.length / channels
  const colours = channels - 1
  const make = (length: number): Samples =>
    data instanceof Uint16Array ? new Uint16Array(length) : new Uint8Array(length)
  const out = make(pixels * colours)
  const alpha = make(pixels)
  for (let pixel = 0; pixel < pixels; pixel += 1) {
    for (let channel = 0; channel < colours; channel += 1)
      out[pixel * colours + channel] = data[pixel * channels + channel] as number
    alpha[pixel] = data[pixel * channels + colours] as number
  }
  return { data: out, alpha }
}

/** Puts alpha behind the colour channels. */
export function joinAlpha(data: Samples, alpha: Samples, colours: number): Samples {
  const channels = colours + 1
  const out =
    data instanceof Uint16Array
      ? new Uint16Array(alpha.length * channels)
      : new Uint8Array(alpha.length * channels)
  for (let pixel = 0; pixel < alpha.length; pixel += 1) {
    for (let channel = 0; channel < colours; channel += 1)
      out[pixel * channels + channel] = data[pixel * colours + channel] as number
    out[pixel * channels + colours] = alpha[pixel] as number
  }
  return out
}

function greyOf(picture: Picture): Samples {
  const { data } = picture
  const grey = createSamples(data.length / 3, picture.bitDepth)
  for (let pixel = 0; pixel < grey.length; pixel += 1) {
    const at = pixel * 3
    // Rec. 709 luma, on the coded samples.
    grey[pixel] = Math.round(
      0.2126 * (data[at] as number) + 0.7152 * (data[at + 1] as number) + 0.0722 * (data[at + 2] as number),
    )
  }
  return grey
}

/**
 * The picture with the channels that a network wants: grey is repeated for colour, colour becomes its luma for grey.
 * A change drops the ICC profile where it no longer describes the samples.
 * @throws Refused `channels-unlike` for any other change: data channels have no meaning that could be converted.
 */
export function withChannels(picture: Picture, channels: number, name: string): Picture {
  if (picture.channels === channels) return picture
  const metadata = { ...picture.metadata, icc: null }
  if (picture.channels === 3 && channels === 1)
    return { ...picture, metadata, channels, colourSpace: 'grey', data: greyOf(picture) }
  if (picture.channels === 1 && channels === 3) {
    const data = createSamples(picture.data.length * 3, picture.bitDepth)
    for (let index = 0; index < data.length; index += 1)
      data[index] = picture.data[Math.floor(index / 3)] as number
    return { ...picture, metadata, channels, colourSpace: 'srgb', data }
  }
  throw refuse(
    'channels-unlike',
    `${name} has ${picture.channels} channels, and ${channels} are needed here.`,
    'Use pictures with the same channels as those the model was trained on.',
  )
}

/** 8 bits as 16 (times 257, exact) or 16 as 8 (rounded). */
export function withBitDepth(picture: Picture, bitDepth: 8 | 16): Picture {
  if (picture.bitDepth === bitDepth) return picture
  const convert = (data: Samples): Samples =>
    bitDepth === 16
      ? Uint16Array.from(data, (value) => value * 257)
      : Uint8Array.from(data, (value) => Math.round(value / 257))
  return { ...picture, bitDepth, data: convert(picture.data), alpha: picture.alpha && convert(picture.alpha) }
}
