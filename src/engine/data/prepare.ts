import { basename } from 'node:path'
import { refuse } from '../../core/errors.ts'
import type { Side } from '../datasets/reader.ts'
import {
  createSamples,
  cropPicture,
  mirrorSamples,
  largestSample,
  regionBox,
  withChannels,
  type Picture,
} from '../imaging/picture.ts'
import { readPicture } from '../imaging/read.ts'
import { resizePicture } from '../imaging/resize.ts'
import { mirrorIndex } from '../kernels/mirrorIndex.ts'
import type { Pictures } from '../recipes/trainer.ts'
import type { Item, ItemFile, ItemPictures } from './source.ts'

/** How pictures become training squares; a part of every recipe's options. */
export type PictureOptions = {
  preprocess: 'resize' | 'resize_and_crop' | 'crop' | 'scale_width_and_crop'
  /** null: as much larger than the crop as published. */
  loadSizePx: number | null
  cropSizePx: number
  flip: boolean
  /** The most by which pictures turn, to either side. */
  rotateDegrees?: number
  /** The most by which brightness, contrast and saturation change, as a share. */
  colourJitter?: number
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

/** The size at which what was held out is looked at: without the margin that training crops from. */
export function heldOutSize(original: Size, options: PictureOptions): Size {
  const { preprocess, cropSizePx } = options
  const isSquare = preprocess === 'resize_and_crop' || preprocess === 'resize'
  return isSquare ? { widthPx: cropSizePx, heightPx: cropSizePx } : preparedSize(original, options)
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

/** Factors on brightness, contrast and saturation. */
export type ColourChange = { brightness: number; contrast: number; saturation: number }
/** A square of a prepared picture, whether it is mirrored, by how much it is turned, and how its colours change. */
export type Cut = {
  left: number
  top: number
  sizePx: number
  mirrored: boolean
  degrees?: number
  colours?: ColourChange
}

/** The square as a picture of its own. */
export function cutPicture(picture: Picture, cut: Cut): Picture {
  const { left, top, sizePx, mirrored, degrees = 0, colours } = cut
  const square =
    degrees === 0
      ? cropPicture(picture, { left, top, widthPx: sizePx, heightPx: sizePx })
      : turnedSquare(picture, cut, degrees)
  if (mirrored) mirrorSamples(square.data, square, square.channels)
  if (colours) changeColours(square, colours)
  return square
}

/** The square as it lies in the picture turned about the square's middle: bilinear, mirrored where it reaches over an edge. */
function turnedSquare(picture: Picture, { left, top, sizePx }: Cut, degrees: number): Picture {
  const { widthPx, heightPx, channels, data, bitDepth } = picture
  const square = {
    ...picture,
    widthPx: sizePx,
    heightPx: sizePx,
    data: createSamples(sizePx ** 2 * channels, bitDepth),
  }
  const [sin, cos] = [Math.sin((degrees * Math.PI) / 180), Math.cos((degrees * Math.PI) / 180)]
  const middle = (sizePx - 1) / 2
  for (let y = 0; y < sizePx; y += 1)
    for (let x = 0; x < sizePx; x += 1) {
      const [dx, dy] = [x - middle, y - middle]
      const [fromX, fromY] = [left + middle + cos * dx - sin * dy, top + middle + sin * dx + cos * dy]
      const [x0, y0] = [Math.floor(fromX), Math.floor(fromY)]
      const [shareX, shareY] = [fromX - x0, fromY - y0]
      const place = (column: number, row: number) =>
        (mirrorIndex(row, heightPx) * widthPx + mirrorIndex(column, widthPx)) * channels
      const [a, b, c, d] = [place(x0, y0), place(x0 + 1, y0), place(x0, y0 + 1), place(x0 + 1, y0 + 1)]
      for (let channel = 0; channel < channels; channel += 1) {
        const above = (data[a + channel] as number) * (1 - shareX) + (data[b + channel] as number) * shareX
        const below = (data[c + channel] as number) * (1 - shareX) + (data[d + channel] as number) * shareX
        square.data[(y * sizePx + x) * channels + channel] = Math.round(above * (1 - shareY) + below * shareY)
      }
    }
  return square
}

/** Of grey and colour pictures, in place: contrast about the middle of the picture's own brightness, saturation about each pixel's. */
function changeColours(
  { data, channels, bitDepth }: Picture,
  { brightness, contrast, saturation }: ColourChange,
): void {
  if (channels !== 1 && channels !== 3) return
  const largest = largestSample(bitDepth)
  let sum = 0
  for (const sample of data) sum += sample
  const mean = (sum / data.length) * brightness
  for (let at = 0; at < data.length; at += channels) {
    let grey = 0
    for (let channel = 0; channel < channels; channel += 1) grey += (data[at + channel] as number) / channels
    for (let channel = 0; channel < channels; channel += 1) {
      const coloured = grey + ((data[at + channel] as number) - grey) * saturation
      const value = mean + (coloured * brightness - mean) * contrast
      data[at + channel] = Math.round(Math.min(largest, Math.max(0, value)))
    }
  }
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
