import { basename } from 'node:path'
import { sideBySidePairs } from '../../core/exporters/sideBySidePairs.ts'
import { parseOptions } from '../../core/options/parse.ts'
import { extensionFor } from '../imaging/formats.ts'
import { createSamples, withBitDepth, withChannels, type Picture } from '../imaging/picture.ts'
import { readPicture } from '../imaging/read.ts'
import { resizePicture } from '../imaging/resize.ts'
import { writePicture } from '../imaging/write.ts'
import { formatFor, type Exporter, type ExportItem } from './exporter.ts'

function joinPictures(left: Picture, right: Picture): Picture {
  const { widthPx, heightPx, channels, bitDepth } = right
  const row = widthPx * channels
  const data = createSamples(row * 2 * heightPx, bitDepth)
  for (let y = 0; y < heightPx; y += 1) {
    data.set(left.data.subarray(y * row, (y + 1) * row), 2 * y * row)
    data.set(right.data.subarray(y * row, (y + 1) * row), (2 * y + 1) * row)
  }
  const metadata = { ...right.metadata, exif: null, xmp: null }
  return { ...right, data, widthPx: widthPx * 2, alpha: null, metadata }
}

/** Both in sRGB, with the same channels and depth; the original is brought to the size of the result. */
async function joinItem({ before, after }: ExportItem): Promise<Picture> {
  const [left, right] = await Promise.all([readPicture(before), readPicture(after)])
  const channels = Math.max(left.channels, right.channels)
  const bitDepth = left.bitDepth === 16 || right.bitDepth === 16 ? 16 : 8
  const fitted = await resizePicture({ ...left, alpha: null }, right.widthPx, right.heightPx)
  return joinPictures(
    withBitDepth(withChannels(fitted, channels, basename(before)), bitDepth),
    withBitDepth(withChannels(right, channels, basename(after)), bitDepth),
  )
}

/** Before on the left, after on the right: what the data set kind `side-by-side` reads. Transparency is left out. */
export const exportSideBySidePairs: Exporter = (input) => {
  const options = parseOptions(sideBySidePairs.options, input)
  return {
    plan(item, name) {
      const format = formatFor(item, options)
      return [
        {
          place: `${name}${extensionFor(format, item.before)}`,
          write: async (path) =>
            writePicture(path, await joinItem(item), { format, quality: options.quality }),
        },
      ]
    },
  }
}
