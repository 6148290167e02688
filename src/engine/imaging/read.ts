import { basename } from 'node:path'
import type { Metadata, Sharp, SharpOptions } from 'sharp'
import { refuse } from '../../core/errors.ts'
import type { PictureRegion } from '../../core/datasets/report.ts'
import { uprightExif, uprightXmp } from './exif.ts'
import { LARGEST_PICTURE_PX, MOST_CHANNELS, sharp, type PictureFormat } from './formats.ts'
import { cropPicture, regionBox, splitAlpha, type Picture, type Samples } from './picture.ts'
import { refusalForPicture } from './refusals.ts'
import { readExtraSampleKind } from './tiff.ts'
import { readExifOfTiff } from './tiffTags.ts'

/** What the head of a file says, before its pixels are decoded. Sizes are those of the upright picture. */
export type PictureHeader = {
  format: PictureFormat
  widthPx: number
  heightPx: number
  channels: number
  hasAlpha: boolean
  bitDepth: 8 | 16
  colourSpace: Picture['colourSpace']
  /** EXIF orientation, 1 to 8. */
  orientation: number
  hasProfile: boolean
}

export type ReadOptions = {
  region?: PictureRegion
  /**
   * `srgb`: colours are converted to sRGB by the embedded profile, as networks were trained on them.
   * `own`: samples stay as they are, in the embedded profile, which then has to be written again with the result; for
   * networks that change sharpness and noise but not colours, so that a wide gamut survives.
   * Grey keeps its own curve in both. CMYK and Lab always become sRGB.
   */
  colour?: 'srgb' | 'own'
  /** The first frame of an animation instead of a refusal. For showing only. */
  firstFrame?: boolean
}

/** How every picture file is opened: nothing huge, nothing broken in silence. */
export const readOptions: SharpOptions = {
  failOn: 'error',
  limitInputPixels: LARGEST_PICTURE_PX,
  limitInputChannels: MOST_CHANNELS,
}

function formatOf(metadata: Metadata): PictureFormat {
  if (metadata.format === 'heif') return 'avif'
  const found = (['jpeg', 'png', 'tiff', 'webp', 'gif'] as const).find((format) => format === metadata.format)
  if (!found) throw new Error(`unsupported image format ${metadata.format}`)
  return found
}

function depthOf(path: string, metadata: Metadata): 8 | 16 {
  if (metadata.depth === 'uchar') return 8
  if (metadata.depth === 'ushort') return 16
  throw refuse(
    'picture-unsupported',
    `${basename(path)} stores its samples as ${metadata.depth}, which is not supported.`,
    'Save it with 8 or 16 bits a sample, unsigned.',
  )
}

function refuseSeveralFrames(path: string, metadata: Metadata): void {
  if ((metadata.pages ?? 1) < 2 || metadata.format === 'tiff' || metadata.format === 'heif') return
  throw refuse(
    'picture-animated',
    `${basename(path)} is an animation of ${metadata.pages} frames.`,
    'Save its frames as single pictures first.',
  )
}

/** A second TIFF page of the same size is a stack; a smaller one is a thumbnail or a pyramid, which may be left out. */
async function refuseStack(path: string, metadata: Metadata): Promise<void> {
  if (metadata.format !== 'tiff' || (metadata.pages ?? 1) < 2) return
  const second = await sharp(path, { ...readOptions, page: 1 }).metadata()
  if (second.width !== metadata.width || second.height !== metadata.height) return
  throw refuse(
    'picture-stack',
    `${basename(path)} holds ${metadata.pages} pages of the same size.`,
    'Save each page as a picture of its own.',
  )
}

async function describe(path: string, metadata: Metadata): Promise<PictureHeader> {
  const bands = metadata.channels
  const grey = metadata.space === 'b-w' || metadata.space === 'grey16'
  const multiband = metadata.space === 'multiband'
  let alpha = metadata.hasAlpha && !multiband && bands === (grey ? 2 : 4)
  if (alpha && metadata.format === 'tiff') alpha = (await readExtraSampleKind(path)) !== 'unspecified'
  const cmyk = metadata.space === 'cmyk'
  const channels = cmyk ? 3 : alpha ? bands - 1 : bands
  const colourSpace = channels === 1 ? 'grey' : channels === 3 && !grey && !multiband ? 'srgb' : 'data'
  return {
    format: formatOf(metadata),
    widthPx: metadata.autoOrient.width,
    heightPx: metadata.autoOrient.height,
    channels,
    hasAlpha: alpha,
    bitDepth: depthOf(path, metadata),
    colourSpace,
    orientation: metadata.orientation ?? 1,
    hasProfile: metadata.hasProfile,
  }
}

async function inspect(path: string, firstFrame: boolean) {
  const metadata = await sharp(path, readOptions).metadata()
  if (!firstFrame) {
    refuseSeveralFrames(path, metadata)
    await refuseStack(path, metadata)
  }
  return { metadata, header: await describe(path, metadata) }
}

/**
 * Reads the head of a picture file.
 * @throws Refused naming the file, the cause and the remedy
 */
export async function readHeader(path: string, firstFrame = false): Promise<PictureHeader> {
  try {
    return (await inspect(path, firstFrame)).header
  } catch (error) {
    throw await refusalForPicture(path, error)
  }
}

function samplesOf(buffer: Buffer, bitDepth: 8 | 16): Samples {
  if (bitDepth === 8) return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length)
  const aligned = buffer.byteOffset % 2 === 0 ? buffer : Buffer.from(buffer)
  return new Uint16Array(aligned.buffer, aligned.byteOffset, aligned.length / 2)
}

async function rawOf(pipeline: Sharp, bitDepth: 8 | 16): Promise<{ data: Samples; channels: number }> {
  const { data, info } = await pipeline
    .raw({ depth: bitDepth === 16 ? 'ushort' : 'uchar' })
    .toBuffer({ resolveWithObject: true })
  return { data: samplesOf(data, bitDepth), channels: info.channels }
}

/**
 * Bands without colour meaning. Of what libvips takes for 8-bit grey sharp gives the first band alone, so that comes in
 * 16 bits (times 257) and is taken back, which is exact.
 */
async function decodeBands(path: string, space: string, header: PictureHeader): Promise<Samples> {
  const widened = space === 'b-w'
  const pipeline = sharp(path, { ...readOptions, ignoreIcc: true }).autoOrient()
  const raw = await rawOf(pipeline.toColourspace(widened ? 'grey16' : space), widened ? 16 : header.bitDepth)
  return widened ? Uint8Array.from(raw.data, (value) => value >>> 8) : raw.data
}

/**
 * sharp's ways, each checked by a test: 16 bits need a 16-bit colour space *and* `depth: 'ushort'`; 16-bit colour is taken
 * to Display P3, not to sRGB, unless a profile is asked for; grey comes out as three channels, or as one without alpha.
 */
async function decodeColour(path: string, metadata: Metadata, header: PictureHeader, own: boolean) {
  const grey = header.colourSpace === 'grey'
  const keeps = own || grey
  const pipeline = sharp(path, { ...readOptions, ignoreIcc: keeps && metadata.space !== 'cmyk' }).autoOrient()
  if (header.bitDepth === 16) {
    pipeline.toColourspace(grey ? 'grey16' : 'rgb16')
    if (!keeps && metadata.hasProfile) pipeline.withIccProfile('srgb')
  } else if (grey && !header.hasAlpha) pipeline.toColourspace('b-w')
  const raw = await rawOf(pipeline, header.bitDepth)
  const wanted = header.channels + (header.hasAlpha ? 1 : 0)
  if (raw.channels === wanted) return raw.data
  // Grey with alpha in 8 bits: three equal channels and alpha.
  const pixels = header.widthPx * header.heightPx
  const out = header.bitDepth === 16 ? new Uint16Array(pixels * wanted) : new Uint8Array(pixels * wanted)
  for (let pixel = 0; pixel < pixels; pixel += 1) {
    const from = pixel * raw.channels
    for (let channel = 0; channel < wanted; channel += 1) {
      const isAlpha = header.hasAlpha && channel === wanted - 1
      out[pixel * wanted + channel] = raw.data[from + (isAlpha ? raw.channels - 1 : channel)] as number
    }
  }
  return out
}

let srgbProfile: Promise<Buffer> | undefined

/** The bytes of the sRGB profile that libvips converts to. */
function readSrgbProfile(): Promise<Buffer> {
  const make = async () => {
    const one = sharp({ create: { width: 1, height: 1, channels: 3, background: 'white' } })
    const { icc } = await sharp(await one.withIccProfile('srgb').png().toBuffer()).metadata()
    if (!icc) throw new Error('libvips wrote no sRGB profile.')
    return icc
  }
  return (srgbProfile ??= make())
}

async function profileOf(metadata: Metadata, header: PictureHeader, own: boolean): Promise<Buffer | null> {
  if (!metadata.icc) return null
  const isConverted = metadata.space === 'cmyk' || (header.colourSpace === 'srgb' && !own)
  return isConverted ? readSrgbProfile() : metadata.icc
}

async function exifOf(path: string, metadata: Metadata): Promise<Buffer | null> {
  const exif = metadata.exif ?? (metadata.format === 'tiff' ? await readExifOfTiff(path) : null)
  return exif && uprightExif(exif)
}

async function decode(path: string, { region = 'whole', colour = 'srgb', firstFrame = false }: ReadOptions) {
  const { metadata, header } = await inspect(path, firstFrame)
  const own = colour === 'own' && metadata.space !== 'cmyk' && metadata.space !== 'lab'
  const all =
    header.colourSpace === 'data'
      ? await decodeBands(path, metadata.space, header)
      : await decodeColour(path, metadata, header, own)
  const split = header.hasAlpha ? splitAlpha(all, header.channels + 1) : { data: all, alpha: null }
  const { widthPx, heightPx, channels, bitDepth, colourSpace, format } = header
  if (split.data.length !== widthPx * heightPx * channels)
    throw new Error(`${path} decoded to another size than its head says.`)
  const picture: Picture = {
    ...split,
    ...{ widthPx, heightPx, channels, bitDepth, colourSpace },
    metadata: {
      format,
      icc: await profileOf(metadata, header, own),
      exif: await exifOf(path, metadata),
      xmp: metadata.xmp ? uprightXmp(metadata.xmp.toString('utf8')) : null,
      dotsPerInch: metadata.density ?? null,
    },
  }
  return region === 'whole' ? picture : cropPicture(picture, regionBox(widthPx, heightPx, region))
}

/**
 * Reads a picture as it looks: upright, grey as 1 channel, 16 bits as 16, alpha apart.
 * @throws Refused naming the file, the cause and the remedy
 */
export async function readPicture(path: string, read: ReadOptions = {}): Promise<Picture> {
  try {
    return await decode(path, read)
  } catch (error) {
    throw await refusalForPicture(path, error)
  }
}
