import { createHash } from 'node:crypto'
import { mkdir, readdir, rm, stat, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import type { PictureRegion } from '../../core/datasets/report.ts'
import { sharp } from './formats.ts'
import { splitAlpha, withBitDepth, type Picture } from './picture.ts'
import { readHeader, readOptions, readPicture } from './read.ts'
import { refusalForPicture } from './refusals.ts'
import { resizePicture } from './resize.ts'
import { encodePicture, placeFile } from './write.ts'

export type Preview = { path: string; widthPx: number; heightPx: number }
/** What is done to a picture before it is shown; `name` tells one alteration from another. */
export type Alteration = { name: string; apply(picture: Picture): Promise<Picture> }
export type PreviewRequest = {
  maxSidePx: number
  region: PictureRegion
  cacheFolder: string
  alteration?: Alteration | null
}

const MOST_CACHE_BYTES = 500_000_000
const TIDY_EVERY = 200
let madeSinceTidy = 0

/** The first three channels of data, or its first: something to look at. */
function showable(picture: Picture): Picture {
  if (picture.colourSpace !== 'data') return picture
  const channels = picture.channels >= 3 ? 3 : 1
  const pixels = picture.widthPx * picture.heightPx
  const data =
    picture.bitDepth === 16 ? new Uint16Array(pixels * channels) : new Uint8Array(pixels * channels)
  for (let index = 0; index < data.length; index += 1) {
    const pixel = Math.floor(index / channels)
    data[index] = picture.data[pixel * picture.channels + (index % channels)] as number
  }
  return { ...picture, data, channels, colourSpace: channels === 3 ? 'srgb' : 'grey' }
}

type Size = { widthPx: number; heightPx: number }

function shrunkenSize({ widthPx, heightPx }: Size, maxSidePx: number): Size {
  const factor = Math.min(1, maxSidePx / Math.max(widthPx, heightPx))
  return {
    widthPx: Math.max(1, Math.round(widthPx * factor)),
    heightPx: Math.max(1, Math.round(heightPx * factor)),
  }
}

const bare = { format: 'png', icc: null, exif: null, xmp: null, dotsPerInch: null } as const

/** libvips shrinks while it decodes, which takes a tenth of the time; where a sample's meaning is plain, that will do. */
async function shrinkOnLoad(path: string, size: Size): Promise<Picture> {
  const { data, info } = await sharp(path, readOptions)
    .autoOrient()
    .resize(size.widthPx, size.heightPx, { fit: 'fill', kernel: 'cubic' })
    .raw()
    .toBuffer({ resolveWithObject: true })
  const split = info.channels === 4 ? splitAlpha(data, 4) : { data, alpha: null }
  return { ...split, ...size, channels: 3, bitDepth: 8, colourSpace: 'srgb', metadata: bare }
}

async function shrunken(path: string, { maxSidePx, region }: PreviewRequest): Promise<Picture> {
  const header = await readHeader(path, true)
  if (region === 'whole' && header.colourSpace !== 'data' && header.bitDepth === 8)
    return shrinkOnLoad(path, shrunkenSize(header, maxSidePx)).catch(async (error: unknown) => {
      throw await refusalForPicture(path, error)
    })
  const picture = showable(await readPicture(path, { region, firstFrame: true }))
  const { widthPx, heightPx } = shrunkenSize(picture, maxSidePx)
  return withBitDepth(await resizePicture({ ...picture, metadata: bare }, widthPx, heightPx), 8)
}

async function cached(stem: string): Promise<Preview | null> {
  for (const path of [`${stem}.jpg`, `${stem}.png`]) {
    const found = await stat(path).catch(() => null)
    if (!found) continue
    const { width, height } = await sharp(path).metadata()
    // The time tells when it was last wanted: the oldest go first when the cache is tidied.
    await utimes(path, new Date(), new Date())
    return { path, widthPx: width, heightPx: height }
  }
  return null
}

async function tidy(folder: string): Promise<void> {
  const names = await readdir(folder)
  const files = await Promise.all(
    names.map(async (name) => ({
      path: join(folder, name),
      found: await stat(join(folder, name)).catch(() => null),
    })),
  )
  let bytes = files.reduce((sum, { found }) => sum + (found?.size ?? 0), 0)
  for (const { path, found } of files.sort((a, b) => (a.found?.mtimeMs ?? 0) - (b.found?.mtimeMs ?? 0))) {
    if (bytes <= MOST_CACHE_BYTES) return
    await rm(path, { force: true })
    bytes -= found?.size ?? 0
  }
}

/**
 * A picture ready to be shown: 8-bit sRGB, upright, at most `maxSidePx` on its longer side, never enlarged; JPEG, or PNG
 * where it has alpha or is small enough for single pixels to matter. Kept in `cacheFolder` under a name made from path,
 * time and size of the original; the cache stays under 500 MB.
 * @throws Refused as readPicture does
 */
export async function makePreview(path: string, request: PreviewRequest): Promise<Preview> {
  const { maxSidePx, region, cacheFolder, alteration } = request
  const found = await stat(path).catch(async (error: unknown) => {
    throw await refusalForPicture(path, error)
  })
  const key = [path, found.mtimeMs, found.size, maxSidePx, region, alteration?.name ?? '', 3].join('\n')
  const stem = join(cacheFolder, createHash('sha256').update(key).digest('hex').slice(0, 40))
  const kept = await cached(stem)
  if (kept) return kept
  const shrunk = await shrunken(path, request)
  const picture = alteration ? await alteration.apply(shrunk) : shrunk
  const format = picture.alpha || picture.widthPx * picture.heightPx <= 512 * 512 ? 'png' : 'jpeg'
  const target = `${stem}.${format === 'png' ? 'png' : 'jpg'}`
  await mkdir(cacheFolder, { recursive: true })
  await placeFile(target, await encodePicture(picture, { format, quality: 88 }))
  madeSinceTidy += 1
  if (madeSinceTidy % TIDY_EVERY === 0) await tidy(cacheFolder)
  return { path: target, widthPx: picture.widthPx, heightPx: picture.heightPx }
}
