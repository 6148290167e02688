import { randomUUID } from 'node:crypto'
import { mkdir, open, rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { refuse } from '../../core/errors.ts'
import { removeGps, removeGpsFromXmp, resizedExif } from './exif.ts'
import { sharp, type OutputFormat } from './formats.ts'
import { joinAlpha, type Picture, type PictureMetadata } from './picture.ts'
import { withPngMetadata } from './png.ts'
import { encodeDataTiff } from './tiff.ts'

export type WriteOptions = { format: OutputFormat; quality?: number; removeGps?: boolean }

function metadataFor(picture: Picture, withoutPlace: boolean): PictureMetadata {
  const { metadata, widthPx, heightPx } = picture
  const exif = metadata.exif && resizedExif(metadata.exif, widthPx, heightPx)
  return {
    ...metadata,
    exif: exif && withoutPlace ? removeGps(exif) : exif,
    xmp: metadata.xmp && withoutPlace ? removeGpsFromXmp(metadata.xmp) : metadata.xmp,
  }
}

function spaceOf(picture: Picture, wide: boolean): string {
  if (picture.channels === 1) return wide ? 'grey16' : 'b-w'
  return wide ? 'rgb16' : 'srgb'
}

/** Every format but data TIFF goes through a PNG, into which EXIF and ICC can be put byte for byte. */
async function encodePng(picture: Picture, metadata: PictureMetadata, compressionLevel: number) {
  const { widthPx, heightPx, channels, data, alpha } = picture
  const samples = alpha ? joinAlpha(data, alpha, channels) : data
  const bands = (alpha ? channels + 1 : channels) as 1 | 2 | 3 | 4
  const raw = { width: widthPx, height: heightPx, channels: bands }
  const png = await sharp(samples, { raw, limitInputPixels: false })
    .toColourspace(spaceOf(picture, picture.bitDepth === 16))
    .png({ compressionLevel, adaptiveFiltering: compressionLevel > 0 })
    .toBuffer()
  return withPngMetadata(png, metadata)
}

async function encodeFrom(png: Buffer, picture: Picture, options: WriteOptions): Promise<Buffer> {
  const { format, quality = 92 } = options
  const wide = picture.bitDepth === 16 && format === 'tiff'
  const pipeline = sharp(png, { limitInputPixels: false })
    .keepExif()
    .keepIccProfile()
    .keepXmp()
    .toColourspace(spaceOf(picture, wide))
  if (format === 'jpeg')
    return pipeline
      .flatten({ background: 'white' })
      .jpeg({ quality, chromaSubsampling: quality >= 90 ? '4:4:4' : '4:2:0' })
      .toBuffer()
  if (format === 'webp') return pipeline.webp({ quality, smartSubsample: true }).toBuffer()
  if (format === 'avif') return pipeline.avif({ quality: Math.min(quality, 90) }).toBuffer()
  const perMillimetre = (picture.metadata.dotsPerInch ?? 72) / 25.4
  return pipeline
    .tiff({
      compression: 'deflate',
      predictor: 'horizontal',
      xres: perMillimetre,
      yres: perMillimetre,
      resolutionUnit: 'inch',
    })
    .toBuffer()
}

/**
 * The bytes of a picture file. PNG and TIFF keep 16 bits, the others become 8. JPEG has no alpha: it is laid on white.
 * Data of 2, or of 4 and more channels goes into TIFF only.
 * @throws Refused `format-cannot-hold` for data in another format
 */
export async function encodePicture(picture: Picture, options: WriteOptions): Promise<Buffer> {
  const metadata = metadataFor(picture, options.removeGps ?? false)
  if (picture.channels !== 1 && picture.channels !== 3) {
    if (options.format !== 'tiff')
      throw refuse(
        'format-cannot-hold',
        `A picture of ${picture.channels} channels cannot be written as ${options.format.toUpperCase()}.`,
        'Choose TIFF as the format.',
      )
    const { data, alpha, channels } = picture
    const samples = alpha ? joinAlpha(data, alpha, channels) : data
    return encodeDataTiff({ ...picture, metadata }, samples, alpha ? channels + 1 : channels)
  }
  if (options.format === 'png') return encodePng(picture, metadata, 6)
  return encodeFrom(await encodePng(picture, metadata, 0), picture, options)
}

const remedies: Readonly<Record<string, readonly [code: string, what: string, remedy: string]>> = {
  ENOSPC: ['disk-full', 'the disk is full', 'Free some space, or choose a folder on another disk.'],
  EDQUOT: ['disk-full', 'your share of the disk is used up', 'Free some space, or choose another disk.'],
  EACCES: [
    'output-forbidden',
    'the folder may not be written to',
    'Choose another folder, or change its permissions.',
  ],
  EPERM: [
    'output-forbidden',
    'the folder may not be written to',
    'Choose another folder, or change its permissions.',
  ],
  EROFS: ['output-forbidden', 'the disk is read-only', 'Choose a folder on another disk.'],
  ENOTDIR: ['output-not-a-folder', 'a part of its path is a file', 'Choose another folder.'],
  EEXIST: ['output-not-a-folder', 'a part of its path is a file', 'Choose another folder.'],
  ENAMETOOLONG: ['name-too-long', 'its name is too long', 'Shorten the name of the original.'],
}

/** Turns what the file system throws on writing into a refusal; anything else is a bug and is thrown on. */
export function refusalForWriting(path: string, error: unknown): unknown {
  const known = remedies[(error as NodeJS.ErrnoException | null)?.code ?? '']
  return known ? refuse(known[0], `${basename(path)} could not be written: ${known[1]}.`, known[2]) : error
}

async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Puts a file in place whole or not at all: temporary file beside it, fsync, rename. Makes its folder. */
export async function placeFile(path: string, data: Buffer): Promise<void> {
  const folder = dirname(path)
  const temporary = join(folder, `.diptych-${randomUUID()}.tmp`)
  await mkdir(folder, { recursive: true }).catch((error: unknown) => {
    throw refusalForWriting(path, error)
  })
  try {
    await writeFile(temporary, data, { flush: true })
    await rename(temporary, path)
    await syncFolder(folder)
  } catch (error) {
    await rm(temporary, { force: true })
    throw refusalForWriting(path, error)
  }
}

/**
 * Writes a picture with its profile, EXIF and resolution.
 * @throws Refused `format-cannot-hold`, `disk-full`, `output-forbidden`, `output-not-a-folder`, `name-too-long`
 */
export async function writePicture(path: string, picture: Picture, options: WriteOptions): Promise<void> {
  await placeFile(path, await encodePicture(picture, options))
}
