import { mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Sharp } from 'sharp'
import { refuse } from '../../core/errors.ts'
import { checkWritable, placeWritten, refusalForWriting } from '../storage/atomic.ts'
import { removeGps, removeGpsFromXmp, resizedExif } from './exif.ts'
import { sharp, type OutputFormat } from './formats.ts'
import { joinAlpha, type Picture, type PictureMetadata } from './picture.ts'
import { withJpegMetadata } from './jpeg.ts'
import { withPngMetadata } from './png.ts'
import { encodeDataTiff } from './tiff.ts'
import { withTiffExif } from './tiffTags.ts'

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

/** Above this many samples a JPEG's codes are not optimised: that would hold every coefficient, 2 bytes each. */
const MOST_OPTIMISED_SAMPLES = 60_000_000

function pipelineOf(picture: Picture, wide: boolean): Sharp {
  const { widthPx, heightPx, channels, data, alpha } = picture
  const samples = alpha ? joinAlpha(data, alpha, channels) : data
  const bands = (alpha ? channels + 1 : channels) as 1 | 2 | 3 | 4
  const raw = { width: widthPx, height: heightPx, channels: bands }
  return sharp(samples, { raw, limitInputPixels: false }).toColourspace(spaceOf(picture, wide))
}

async function encodeJpeg(picture: Picture, metadata: PictureMetadata, quality: number): Promise<Buffer[]> {
  const jpeg = await pipelineOf(picture, false)
    .flatten({ background: 'white' })
    .jpeg({
      quality,
      chromaSubsampling: quality >= 90 ? '4:4:4' : '4:2:0',
      optimiseCoding: picture.data.length <= MOST_OPTIMISED_SAMPLES,
    })
    .toBuffer()
  return withJpegMetadata(jpeg, metadata)
}

async function encodePng(picture: Picture, metadata: PictureMetadata, compressionLevel: number) {
  const png = await pipelineOf(picture, picture.bitDepth === 16)
    .png({ compressionLevel, adaptiveFiltering: compressionLevel > 0 })
    .toBuffer()
  return withPngMetadata(png, metadata)
}

/** The other formats go through a PNG in memory, from which sharp takes EXIF and ICC over. */
async function encodeFrom(png: Buffer, picture: Picture, options: WriteOptions): Promise<Buffer> {
  const { format, quality = 92 } = options
  const wide = picture.bitDepth === 16 && format === 'tiff'
  const pipeline = sharp(png, { limitInputPixels: false })
    .keepExif()
    .keepIccProfile()
    .keepXmp()
    .toColourspace(spaceOf(picture, wide))
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

function encodeData(picture: Picture, metadata: PictureMetadata, format: OutputFormat): Buffer {
  const { data, alpha, channels } = picture
  if (format !== 'tiff')
    throw refuse(
      'format-cannot-hold',
      `A picture of ${channels} channels cannot be written as ${format.toUpperCase()}.`,
      'Choose TIFF as the format.',
    )
  const samples = alpha ? joinAlpha(data, alpha, channels) : data
  return encodeDataTiff({ ...picture, metadata }, samples, alpha ? channels + 1 : channels)
}

/**
 * The bytes of a picture file, in pieces. PNG and TIFF keep 16 bits, the others become 8. JPEG has no alpha: the picture
 * is laid on white. Data of 2, or of 4 and more channels goes into TIFF only.
 * @throws Refused `format-cannot-hold` for data in another format
 */
export async function encodePicture(picture: Picture, options: WriteOptions): Promise<Buffer[]> {
  const metadata = metadataFor(picture, options.removeGps ?? false)
  const { format, quality = 92 } = options
  if (picture.channels !== 1 && picture.channels !== 3) return [encodeData(picture, metadata, format)]
  if (format === 'png') return encodePng(picture, metadata, 6)
  if (format === 'jpeg') return encodeJpeg(picture, metadata, quality)
  const encoded = await encodeFrom(Buffer.concat(await encodePng(picture, metadata, 0)), picture, options)
  return format === 'tiff' && metadata.exif ? withTiffExif(encoded, metadata.exif) : [encoded]
}

/**
 * Puts an encoded picture in place whole or not at all. Makes its folder.
 * @throws Refused `disk-full`, `write-forbidden`, `not-a-folder`
 */
export async function placeFile(path: string, pieces: readonly Buffer[]): Promise<void> {
  await makeFolderFor(path)
  await placeWritten(path, (temporary) => writeFile(temporary, pieces, { flush: true }))
}

/** @throws Refused as `placeFile` */
export async function makeFolderFor(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true }).catch(async (error: unknown) => {
    // A read-only disk says ENOENT: what is above tells why.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') await checkWritable(dirname(path), path)
    // A file where a folder should be is told in two ways.
    const isFile = (error as NodeJS.ErrnoException).code === 'EEXIST'
    throw refusalForWriting(path, isFile ? Object.assign(new Error(), { code: 'ENOTDIR' }) : error)
  })
}

/**
 * Writes a picture with its profile, EXIF and resolution.
 * @throws Refused `format-cannot-hold`, `disk-full`, `write-forbidden`, `not-a-folder`
 */
export async function writePicture(path: string, picture: Picture, options: WriteOptions): Promise<void> {
  await placeFile(path, await encodePicture(picture, options))
}
