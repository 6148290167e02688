import { basename } from 'node:path'
import { cropPicture, withBitDepth, withChannels } from '../imaging/picture.ts'
import { readPicture } from '../imaging/read.ts'
import { resizePicture } from '../imaging/resize.ts'

/**
 * A picture as classifiers see it: the square in its middle, brought to `innerPx`, on black of `sidePx`, in colour.
 * @returns [sidePx, sidePx, 3] of 8 bits
 * @throws Refused as `readPicture`, `channels-unlike`
 */
export async function readSquare(
  path: string,
  { innerPx, sidePx }: { innerPx: number; sidePx: number },
): Promise<Uint8Array> {
  const read = { ...(await readPicture(path)), alpha: null }
  const picture = withBitDepth(withChannels(read, 3, basename(path)), 8)
  const { widthPx, heightPx } = picture
  const side = Math.min(widthPx, heightPx)
  const [left, top] = [Math.floor((widthPx - side) / 2), Math.floor((heightPx - side) / 2)]
  const middle = cropPicture(picture, { left, top, widthPx: side, heightPx: side })
  const { data } = await resizePicture(middle, innerPx, innerPx)
  const square = new Uint8Array(sidePx * sidePx * 3)
  const border = Math.floor((sidePx - innerPx) / 2)
  for (let y = 0; y < innerPx; y += 1)
    square.set(data.subarray(y * innerPx * 3, (y + 1) * innerPx * 3), ((y + border) * sidePx + border) * 3)
  return square
}
