import { basename } from 'node:path'
import { refuse } from '../../core/errors.ts'
import type { Side } from '../datasets/reader.ts'
import { cropPicture, largestSample, regionBox, withChannels, type Picture } from '../imaging/picture.ts'
import { readPicture } from '../imaging/read.ts'
import { resizePicture } from '../imaging/resize.ts'
import type { Pictures } from '../recipes/trainer.ts'
import type { Item, ItemFile, ItemPictures } from './source.ts'

/** How pictures become training squares; a part of every recipe's options. */
export type PictureOptions = {
  preprocess: 'resize' | 'resize_and_crop' | 'crop' | 'scale_width_and_crop'
  /** null: as much larger than the crop as published. */
  loadSizePx: number | null
  cropSizePx: number
  flip: boolean
}

/** The published ratio: 286 px for a crop of 256; nothing to crop from where whole pictures are looked at. */
function loadSizeOf({ preprocess, loadSizePx, cropSizePx }: PictureOptions): number {
  if (preprocess === 'resize') return cropSizePx
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

/** The size at which an item is kept, all its pictures alike, never smaller than the crop. */
export function preparedSize(original: Size, options: PictureOptions): Size {
  const { preprocess, cropSizePx } = options
  const loadSizePx = Math.max(loadSizeOf(options), cropSizePx)
  const { widthPx, heightPx } = original
  if (preprocess === 'resize' || preprocess === 'resize_and_crop')
    return { widthPx: loadSizePx, heightPx: loadSizePx }
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

/** Alpha and metadata would only take memory. */
function bare(picture: Picture): Picture {
  return {
    ...picture,
    alpha: null,
    metadata: { format: picture.metadata.format, icc: null, exif: null, xmp: null, dotsPerInch: null },
  }
}

/** Halves of one file are decoded once. */
async function readSides({ a, b }: Item): Promise<ItemPictures> {
  if (a && a.file.path === b?.file.path) {
    const both = bare(await readPicture(a.file.path))
    const side = (region: ItemFile['region']) =>
      cropPicture(both, regionBox(both.widthPx, both.heightPx, region))
    return { a: side(a.region), b: side(b.region) }
  }
  const read = async (file: ItemFile | undefined) =>
    file && bare(await readPicture(file.file.path, { region: file.region }))
  const [pictureA, pictureB] = await Promise.all([read(a), read(b)])
  return { ...(pictureA && { a: pictureA }), ...(pictureB && { b: pictureB }) }
}

/**
 * Reads the files of an item in sRGB, brings them to their sides' channels and to one size (bicubic, antialiased). The
 * size follows A where there is one, so that B lies on it.
 * @throws Refused naming the file that cannot be read
 */
export async function prepareItem(
  item: Item,
  channels: Readonly<Record<Side, number>>,
  sizeFor: (original: Size) => Size,
): Promise<ItemPictures> {
  const read = await readSides(item)
  const first = read.a ?? read.b
  if (!first) throw new Error('An item without pictures cannot be prepared.')
  const { widthPx, heightPx } = sizeFor(first)
  const prepare = async (side: Side) => {
    const picture = read[side]
    if (!picture) return undefined
    const name = basename(item[side]?.file.path ?? '')
    return resizePicture(withChannels(picture, channels[side], name), widthPx, heightPx)
  }
  const [a, b] = await Promise.all([prepare('a'), prepare('b')])
  const { label } = item
  return { ...(a && { a }), ...(b && { b }), ...(label !== undefined && { label }) }
}

/** A square of a prepared picture, and whether it is mirrored. */
export type Cut = { left: number; top: number; sizePx: number; mirrored: boolean }

function mirror({ data, widthPx, heightPx, channels }: Picture): void {
  for (let y = 0; y < heightPx; y += 1)
    for (let x = 0; x < widthPx >> 1; x += 1) {
      const left = (y * widthPx + x) * channels
      const right = (y * widthPx + widthPx - 1 - x) * channels
      for (let channel = 0; channel < channels; channel += 1) {
        const kept = data[left + channel] as number
        data[left + channel] = data[right + channel] as number
        data[right + channel] = kept
      }
    }
}

/** The square as a picture of its own. */
export function cutPicture(picture: Picture, { left, top, sizePx, mirrored }: Cut): Picture {
  const square = cropPicture(picture, { left, top, widthPx: sizePx, heightPx: sizePx })
  if (mirrored) mirror(square)
  return square
}

/** Pictures of one size and depth as [N,H,W,C] in [-1,1]. */
export function toPictures(pictures: readonly Picture[]): Pictures {
  const [first] = pictures
  if (!first) throw new Error('There is no picture to make a batch of.')
  const { widthPx, heightPx, channels } = first
  const length = widthPx * heightPx * channels
  const data = new Float32Array(pictures.length * length)
  for (const [index, picture] of pictures.entries()) {
    const scale = 2 / largestSample(picture.bitDepth)
    const samples = picture.data
    for (let at = 0; at < length; at += 1) data[index * length + at] = (samples[at] as number) * scale - 1
  }
  return { shape: [pictures.length, heightPx, widthPx, channels], data }
}
