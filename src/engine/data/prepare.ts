import { basename } from 'node:path'
import { refuse } from '../../core/errors.ts'
import type { Pair } from '../datasets/reader.ts'
import { cropPicture, largestSample, regionBox, withChannels, type Picture } from '../imaging/picture.ts'
import { readPicture } from '../imaging/read.ts'
import { resizePicture } from '../imaging/resize.ts'

/** How pictures become training squares; a part of every recipe's options. */
export type PictureOptions = {
  preprocess: 'resize_and_crop' | 'crop' | 'scale_width_and_crop'
  /** null: as much larger than the crop as published. */
  loadSizePx: number | null
  cropSizePx: number
  flip: boolean
}

/** The published ratio: 286 px for a crop of 256. */
function loadSizeOf({ loadSizePx, cropSizePx }: PictureOptions): number {
  return loadSizePx ?? Math.round((cropSizePx * 286) / 256)
}

/**
 * Refuses what would have to be made larger in silence: squares that do not fit into the size pictures are brought to.
 * @throws Refused `option-invalid`
 */
export function checkPictureOptions(options: PictureOptions): void {
  const { preprocess, cropSizePx } = options
  const loadSizePx = loadSizeOf(options)
  if (preprocess === 'crop' || loadSizePx >= cropSizePx) return
  throw refuse(
    'option-invalid',
    `--load-size-px ${loadSizePx} is smaller than the crop of ${cropSizePx} px.`,
    `Give a --load-size-px of at least ${cropSizePx}, or a --crop-size-px of at most ${loadSizePx}.`,
  )
}

type Size = { widthPx: number; heightPx: number }

/** The size at which a pair is kept, both sides alike, never smaller than the crop. */
export function preparedSize(original: Size, options: PictureOptions): Size {
  const { preprocess, cropSizePx } = options
  const loadSizePx = Math.max(loadSizeOf(options), cropSizePx)
  const { widthPx, heightPx } = original
  if (preprocess === 'resize_and_crop') return { widthPx: loadSizePx, heightPx: loadSizePx }
  if (preprocess === 'scale_width_and_crop')
    return {
      widthPx: loadSizePx,
      heightPx: Math.max(cropSizePx, Math.round((heightPx * loadSizePx) / widthPx)),
    }
  const factor = Math.max(1, cropSizePx / Math.min(widthPx, heightPx))
  return {
    widthPx: Math.max(cropSizePx, Math.round(widthPx * factor)),
    heightPx: Math.max(cropSizePx, Math.round(heightPx * factor)),
  }
}

export type PreparedPair = { a: Picture; b: Picture }

/** Alpha and metadata would only take memory. */
function bare(picture: Picture): Picture {
  return {
    ...picture,
    alpha: null,
    metadata: { format: picture.metadata.format, icc: null, exif: null, xmp: null, dotsPerInch: null },
  }
}

async function readSides({ a, b }: Pair): Promise<PreparedPair> {
  if (a.file.path !== b.file.path) {
    const [pictureA, pictureB] = await Promise.all([
      readPicture(a.file.path, { region: a.region }),
      readPicture(b.file.path, { region: b.region }),
    ])
    return { a: bare(pictureA), b: bare(pictureB) }
  }
  const both = bare(await readPicture(a.file.path))
  const side = (region: Pair['a']['region']) =>
    cropPicture(both, regionBox(both.widthPx, both.heightPx, region))
  return { a: side(a.region), b: side(b.region) }
}

/**
 * Reads a pair in sRGB, brings both sides to their data set's channels and to one size (bicubic, antialiased). The size
 * follows A, so that B lies on it.
 * @throws Refused naming the file that cannot be read
 */
export async function preparePair(
  pair: Pair,
  channels: { a: number; b: number },
  sizeFor: (original: Size) => Size,
): Promise<PreparedPair> {
  const { a, b } = await readSides(pair)
  const { widthPx, heightPx } = sizeFor(a)
  const prepare = (picture: Picture, side: 'a' | 'b') =>
    resizePicture(withChannels(picture, channels[side], basename(pair[side].file.path)), widthPx, heightPx)
  const [preparedA, preparedB] = await Promise.all([prepare(a, 'a'), prepare(b, 'b')])
  return { a: preparedA, b: preparedB }
}

/** A square of a prepared picture, and whether it is mirrored. */
export type Cut = { left: number; top: number; sizePx: number; mirrored: boolean }

/** Writes a square as [sizePx, sizePx, C] in [-1,1] into a batch. */
export function cutInto(target: Float32Array, at: number, picture: Picture, cut: Cut): void {
  const { data, widthPx, channels, bitDepth } = picture
  const { left, top, sizePx, mirrored } = cut
  const scale = 2 / largestSample(bitDepth)
  let to = at
  for (let y = 0; y < sizePx; y += 1) {
    const row = (top + y) * widthPx + left
    for (let x = 0; x < sizePx; x += 1) {
      const from = (row + (mirrored ? sizePx - 1 - x : x)) * channels
      for (let channel = 0; channel < channels; channel += 1) {
        target[to] = (data[from + channel] as number) * scale - 1
        to += 1
      }
    }
  }
}
