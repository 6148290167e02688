import { randomInteger, randomPermutation, randomUniform } from '../../core/random.ts'
import { sides } from '../datasets/reader.ts'
import { createCache } from './cache.ts'
import { cutPicture, type Cut, type PictureOptions } from './prepare.ts'
import type { Item, ItemPictures } from './source.ts'

// Names of the draws, as counters.
const ORDER = 1
const LEFT = 2
const TOP = 3
const FLIP = 4
const ANGLE = 5
const [BRIGHTNESS, CONTRAST, SATURATION] = [6, 7, 8]
/** Streams draw independently of each other. */
const DRAWS_OF_A_STREAM = 16

/** Which item is at a position of the endless sequence of epochs. */
function createOrder(items: number, seed: number, draw: number): (position: number) => number {
  let epoch = -1
  let order: number[] = []
  return (position) => {
    const wanted = Math.floor(position / items)
    if (wanted !== epoch) {
      epoch = wanted
      order = randomPermutation(items, seed, draw, epoch)
    }
    return order[position % items] as number
  }
}

/** All pictures of an item have one size. */
function sizeOf({ a, b }: ItemPictures): { widthPx: number; heightPx: number } {
  const picture = a ?? b
  if (!picture) throw new Error('An item has no picture.')
  return picture
}

export function middleCut(pictures: ItemPictures, sizePx: number): Cut {
  const { widthPx, heightPx } = sizeOf(pictures)
  return {
    left: Math.floor((widthPx - sizePx) / 2),
    top: Math.floor((heightPx - sizePx) / 2),
    sizePx,
    mirrored: false,
  }
}

/** Cuts all pictures of an item alike. */
export function cutItem({ a, b, label }: ItemPictures, cut: Cut): ItemPictures {
  return {
    ...(a && { a: cutPicture(a, cut) }),
    ...(b && { b: cutPicture(b, cut) }),
    ...(label !== undefined && { label }),
  }
}

function bytesOf(pictures: ItemPictures): number {
  return sides.reduce((sum, side) => sum + (pictures[side]?.data.byteLength ?? 0), 0)
}

export type Stream = {
  /** Reads what is at these positions in the background, and forgets what was read ahead in vain. */
  readAhead(positions: readonly number[]): void
  /** What is cut from the item at a position: a pure function of seed and position. */
  take(position: number): Promise<ItemPictures>
}

/**
 * Items in a seeded endless order, each cut and mirrored by its own draws. Pictures are decoded and resized by libvips'
 * own threads while TensorFlow keeps this one busy, and kept as bytes.
 */
export function createStream(request: {
  items: readonly Item[]
  load: (item: Item) => Promise<ItemPictures>
  options: PictureOptions
  seed: number
  /** 0, 1, ...: streams of other numbers draw otherwise. */
  number: number
  cacheBytes: number
}): Stream {
  const { items, load, options, seed, number, cacheBytes } = request
  const { cropSizePx, flip, rotateDegrees = 0, colourJitter = 0 } = options
  const drawOf = (name: number) => name + number * DRAWS_OF_A_STREAM
  const between = (name: number, position: number) => 2 * randomUniform(seed, drawOf(name), position) - 1
  const factor = (name: number, position: number) => 1 + colourJitter * between(name, position)
  const cache = createCache((index) => load(items[index] as Item), bytesOf, cacheBytes)
  const itemAt = createOrder(items.length, seed, drawOf(ORDER))
  const cutAt = (pictures: ItemPictures, position: number): Cut => {
    const { widthPx, heightPx } = sizeOf(pictures)
    return {
      left: randomInteger(widthPx - cropSizePx + 1, seed, drawOf(LEFT), position),
      top: randomInteger(heightPx - cropSizePx + 1, seed, drawOf(TOP), position),
      sizePx: cropSizePx,
      mirrored: flip && randomUniform(seed, drawOf(FLIP), position) < 0.5,
      ...(rotateDegrees > 0 && { degrees: rotateDegrees * between(ANGLE, position) }),
      ...(colourJitter > 0 && {
        colours: {
          brightness: factor(BRIGHTNESS, position),
          contrast: factor(CONTRAST, position),
          saturation: factor(SATURATION, position),
        },
      }),
    }
  }
  return {
    readAhead(positions) {
      const wanted = positions.map(itemAt)
      cache.keepOnly(new Set(wanted))
      for (const index of wanted) cache.prefetch(index)
    },
    async take(position) {
      const pictures = await cache.take(itemAt(position))
      return cutItem(pictures, cutAt(pictures, position))
    },
  }
}
