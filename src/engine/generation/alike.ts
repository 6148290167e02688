import { createHash } from 'node:crypto'
import { largestSample, type Picture } from '../imaging/picture.ts'
import { listPicturesWithPlaces } from '../imaging/list.ts'
import { readPicture } from '../imaging/read.ts'
import { resizePicture } from '../imaging/resize.ts'

const GRID = 16

/** A picture's brightness over a coarse grid, 0 to 1 each: what tells it from others at a glance. */
export async function glanceAt(picture: Picture): Promise<Float32Array> {
  const small = await resizePicture(picture, GRID, GRID)
  const { channels, bitDepth, data } = small
  const largest = largestSample(bitDepth) * channels
  return Float32Array.from({ length: GRID * GRID }, (_, pixel) => {
    let sum = 0
    for (let channel = 0; channel < channels; channel += 1) sum += data[pixel * channels + channel] as number
    return sum / largest
  })
}

/** Glances that have been taken; says which of them another is closest to. */
export type Album = {
  add(glance: Float32Array): void
  /** The same for the same glances in the same order. */
  fingerprint(): string
  /** The least mean difference to one in the album, and its place; infinite where it is empty. */
  nearest(glance: Float32Array, atMost?: number): { difference: number; index: number }
}

export function createAlbum(): Album {
  const glances: Float32Array[] = []
  const means: number[] = []
  return {
    add(glance) {
      glances.push(glance)
      means.push(meanOf(glance))
    },
    fingerprint() {
      const hash = createHash('sha256')
      for (const glance of glances) hash.update(glance)
      return hash.digest('hex')
    },
    nearest(glance, atMost = Infinity) {
      const mean = meanOf(glance)
      let best = { difference: Infinity, index: -1 }
      let limit = atMost * GRID * GRID
      for (const [index, other] of glances.entries()) {
        // The difference of means is never more than the mean difference.
        if (Math.abs((means[index] as number) - mean) * GRID * GRID >= limit) continue
        let sum = 0
        for (let at = 0; at < other.length && sum < limit; at += 1)
          sum += Math.abs((other[at] as number) - (glance[at] as number))
        if (sum >= limit) continue
        limit = sum
        best = { difference: sum / (GRID * GRID), index }
      }
      return best
    },
  }
}

function meanOf(glance: Float32Array): number {
  return glance.reduce((sum, value) => sum + value, 0) / glance.length
}

/** Every picture below a folder, at a glance. @throws Refused naming a picture that cannot be read */
export async function albumOf(
  folder: string,
  signal?: AbortSignal,
): Promise<{ album: Album; paths: string[] }> {
  const album = createAlbum()
  const paths: string[] = []
  for (const { path } of await listPicturesWithPlaces([folder])) {
    signal?.throwIfAborted()
    album.add(await glanceAt(await readPicture(path)))
    paths.push(path)
  }
  return { album, paths }
}
