import type { Picture } from '../imaging/picture.ts'
import { encodePicture } from '../imaging/write.ts'
import type { Pictures } from '../recipes/trainer.ts'

/** Which sample values become black and white. */
export type ViewRange = { low: number; high: number }

/**
 * How one side's pictures are shown. Pictures of 8 bits are shown as they are; 16-bit and data channels, which may use a
 * sliver of their range, are stretched by the true picture, so that every step of a run is shown alike.
 */
export function viewRange(truth: Pictures, isPlain: boolean): ViewRange {
  if (isPlain) return { low: -1, high: 1 }
  let low = Infinity
  let high = -Infinity
  for (const value of truth.data) {
    low = Math.min(low, value)
    high = Math.max(high, value)
  }
  return high > low ? { low, high } : { low: -1, high: 1 }
}

/** The first picture, [1,H,W,C] in [-1,1], as an 8-bit PNG: grey from 1 or 2 channels, the first three of more as red, green, blue. */
export async function encodeForViewing(pictures: Pictures, { low, high }: ViewRange) {
  const [, heightPx, widthPx, planes] = pictures.shape
  const channels = planes >= 3 ? 3 : 1
  const data = new Uint8Array(heightPx * widthPx * channels)
  for (let pixel = 0; pixel < heightPx * widthPx; pixel += 1)
    for (let channel = 0; channel < channels; channel += 1) {
      const value = ((pictures.data[pixel * planes + channel] ?? 0) - low) / (high - low)
      data[pixel * channels + channel] = Math.round(255 * Math.min(1, Math.max(0, value)))
    }
  const picture: Picture = {
    data,
    widthPx,
    heightPx,
    channels,
    bitDepth: 8,
    alpha: null,
    colourSpace: channels === 3 ? 'srgb' : 'grey',
    metadata: { format: 'png', icc: null, exif: null, xmp: null, dotsPerInch: null },
  }
  return encodePicture(picture, { format: 'png' })
}
