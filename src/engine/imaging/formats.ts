import { extname } from 'node:path'
import sharp from 'sharp'

/** Formats that are read. Everything else libvips can decode stays blocked: SVG expands entities and reads other files. */
const loaders = ['Jpeg', 'Png', 'Tiff', 'Webp', 'Heif', 'Nsgif']
sharp.block({ operation: ['VipsForeignLoad'] })
sharp.unblock({
  operation: loaders.flatMap((name) => [`VipsForeignLoad${name}File`, `VipsForeignLoad${name}Buffer`]),
})
// libvips caches by path: a file that was written again would be read as it was before.
sharp.cache(false)

export { sharp }

/** About 16,000 x 16,000 px. What claims to be larger is refused before anything is decoded. */
export const LARGEST_PICTURE_PX = 268_402_689
/** As many as a model can have (core/models/modelHeader.ts), and alpha. */
export const MOST_CHANNELS = 65

export type PictureFormat = 'jpeg' | 'png' | 'tiff' | 'webp' | 'avif' | 'gif'
/** GIF is read, never written: its 256 colours would damage a picture. */
export type OutputFormat = Exclude<PictureFormat, 'gif'>

const extensions: Readonly<Record<PictureFormat, readonly string[]>> = {
  jpeg: ['.jpg', '.jpeg', '.jpe', '.jfif'],
  png: ['.png'],
  tiff: ['.tif', '.tiff'],
  webp: ['.webp'],
  avif: ['.avif'],
  gif: ['.gif'],
}
const formatOfExtension = new Map(
  Object.entries(extensions).flatMap(([format, list]) => list.map((one) => [one, format as PictureFormat])),
)

/** The format that a file's name speaks of, if it is one that Diptych reads. */
export function claimedFormat(path: string): PictureFormat | undefined {
  return formatOfExtension.get(extname(path).toLowerCase())
}

export function claimsToBePicture(path: string): boolean {
  return claimedFormat(path) !== undefined
}

/**
 * The name ending of a written picture: the original's own where it fits the format, so that .jpeg stays .jpeg.
 * @param original the path of the picture that it was made from
 */
export function extensionFor(format: OutputFormat, original: string): string {
  const own = extname(original)
  if (extensions[format].includes(own.toLowerCase())) return own
  return extensions[format][0] ?? `.${format}`
}

/** What "same format" means for a picture: GIF becomes PNG. */
export function outputFormatOf(format: PictureFormat): OutputFormat {
  return format === 'gif' ? 'png' : format
}
