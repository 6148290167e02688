import { sharp } from './formats.ts'
import type { Picture, Samples } from './picture.ts'

async function resizeColours(
  data: Samples,
  picture: Picture,
  channels: 1 | 3,
  widthPx: number,
  heightPx: number,
) {
  const wide = picture.bitDepth === 16
  const raw = { width: picture.widthPx, height: picture.heightPx, channels }
  const { data: out } = await sharp(data, { raw, limitInputPixels: false })
    .toColourspace(channels === 1 ? (wide ? 'grey16' : 'b-w') : wide ? 'rgb16' : 'srgb')
    .resize(widthPx, heightPx, { fit: 'fill', kernel: 'cubic' })
    .raw({ depth: wide ? 'ushort' : 'uchar' })
    .toBuffer({ resolveWithObject: true })
  return wide
    ? new Uint16Array(out.buffer, out.byteOffset, out.length / 2)
    : new Uint8Array(out.buffer, out.byteOffset, out.length)
}

/** sharp takes a second or fourth channel for alpha and weighs the colours with it, so data goes band by band. */
async function resizeBands(picture: Picture, widthPx: number, heightPx: number): Promise<Samples> {
  const { data, channels, bitDepth } = picture
  const pixels = picture.widthPx * picture.heightPx
  const length = widthPx * heightPx * channels
  const out = bitDepth === 16 ? new Uint16Array(length) : new Uint8Array(length)
  for (let channel = 0; channel < channels; channel += 1) {
    const band = bitDepth === 16 ? new Uint16Array(pixels) : new Uint8Array(pixels)
    for (let pixel = 0; pixel < pixels; pixel += 1) band[pixel] = data[pixel * channels + channel] as number
    const resized = await resizeColours(band, picture, 1, widthPx, heightPx)
    for (let pixel = 0; pixel < resized.length; pixel += 1)
      out[pixel * channels + channel] = resized[pixel] as number
  }
  return out
}

/**
 * The picture at another size: bicubic (Catmull-Rom), its support widened with the factor when it shrinks, so that
 * nothing aliases. Alpha is resized on its own, so the colours under it stay. Sides need not keep their ratio.
 */
export async function resizePicture(picture: Picture, widthPx: number, heightPx: number): Promise<Picture> {
  if (picture.widthPx === widthPx && picture.heightPx === heightPx) return picture
  const { channels } = picture
  const data =
    channels === 1 || channels === 3
      ? await resizeColours(picture.data, picture, channels, widthPx, heightPx)
      : await resizeBands(picture, widthPx, heightPx)
  const alpha = picture.alpha && (await resizeColours(picture.alpha, picture, 1, widthPx, heightPx))
  return { ...picture, data, alpha, widthPx, heightPx }
}
