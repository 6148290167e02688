import type { Plane } from '../../evaluation/metrics.ts'
import { sharp } from '../../imaging/formats.ts'

/** A block of colour at half resolution, as cameras and web pages store it. */
const GRID_PX = 16

/** Adds columns on the left and rows above, repeating the border, and gives 8-bit samples. */
function shifted({ data, widthPx, heightPx, channels }: Plane, left: number, top: number): Uint8Array {
  const wide = widthPx + left
  const out = new Uint8Array(wide * (heightPx + top) * channels)
  let to = 0
  for (let y = 0; y < heightPx + top; y += 1)
    for (let x = 0; x < wide; x += 1) {
      const from = (Math.max(0, y - top) * widthPx + Math.max(0, x - left)) * channels
      for (let channel = 0; channel < channels; channel += 1) {
        out[to] = Math.round((data[from + channel] as number) * 255)
        to += 1
      }
    }
  return out
}

async function throughJpeg(plane: Plane, quality: number, left: number, top: number): Promise<Plane> {
  const { widthPx, heightPx } = plane
  const channels = plane.channels === 3 ? 3 : 1
  const raw = { width: widthPx + left, height: heightPx + top, channels } as const
  const jpeg = await sharp(shifted(plane, left, top), { raw })
    .jpeg({ quality })
    .toBuffer()
  const samples = await sharp(jpeg)
    .extract({ left, top, width: widthPx, height: heightPx })
    .toColourspace(channels === 3 ? 'srgb' : 'b-w')
    .raw()
    .toBuffer()
  const data = new Float32Array(samples.length)
  for (let index = 0; index < data.length; index += 1) data[index] = (samples[index] as number) / 255
  return { ...plane, data }
}

/**
 * The picture as JPEG leaves it: blocks, ringing, colours at half resolution. JPEG has 8 bits, so samples of 16 go through
 * 8 and keep no more than that. Data of other than 1 or 3 channels goes channel by channel.
 * @param corner where the grid of blocks lies, each in [0,1): pictures are cut out of photographs anywhere
 */
export async function compress(
  plane: Plane,
  quality: number,
  corner: readonly [number, number],
): Promise<Plane> {
  const { data, channels } = plane
  const [left, top] = [Math.floor(corner[0] * GRID_PX), Math.floor(corner[1] * GRID_PX)]
  if (channels === 1 || channels === 3) return throughJpeg(plane, quality, left, top)
  const out = new Float32Array(data.length)
  for (let channel = 0; channel < channels; channel += 1) {
    const band = Float32Array.from(
      { length: data.length / channels },
      (_, pixel) => data[pixel * channels + channel] as number,
    )
    const { data: spoiled } = await throughJpeg({ ...plane, data: band, channels: 1 }, quality, left, top)
    for (let pixel = 0; pixel < spoiled.length; pixel += 1)
      out[pixel * channels + channel] = spoiled[pixel] as number
  }
  return { ...plane, data: out }
}
