import { createSamples, withBitDepth, withChannels, type Picture } from '../imaging/picture.ts'
import { resizePicture } from '../imaging/resize.ts'
import { drawText, TEXT_HEIGHT_PX } from './digits.ts'

/** One cell of a sheet: pictures side by side, and a number below them. */
export type Cell = { pictures: readonly Picture[]; caption?: string }

/** A grey between black and white backgrounds of pictures, which glares on no screen. */
const [GAP_PX, PAPER] = [8, 88]

/**
 * Pictures in rows and columns on grey, each brought to a square of `sidePx`, in colour, 8 bits.
 * @throws Refused `channels-unlike` for data that has no colours
 */
export async function makeSheet(
  cells: readonly Cell[],
  { columns, sidePx }: { columns: number; sidePx: number },
): Promise<Picture> {
  const across = Math.max(...cells.map(({ pictures }) => pictures.length))
  const below = cells.some(({ caption }) => caption !== undefined) ? TEXT_HEIGHT_PX + GAP_PX : 0
  const [cellWidth, cellHeight] = [across * sidePx + GAP_PX, sidePx + below + GAP_PX]
  const widthPx = Math.min(columns, cells.length) * cellWidth + GAP_PX
  const heightPx = Math.ceil(cells.length / columns) * cellHeight + GAP_PX
  const sheet = blank(widthPx, heightPx)
  for (const [index, { pictures, caption = '' }] of cells.entries()) {
    const left = GAP_PX + (index % columns) * cellWidth
    const top = GAP_PX + Math.floor(index / columns) * cellHeight
    for (const [place, picture] of pictures.entries())
      paste(sheet, await asTile(picture, sidePx), left + place * sidePx, top)
    drawText(sheet, caption, left, top + sidePx + GAP_PX / 2)
  }
  return sheet
}

async function asTile(picture: Picture, sidePx: number): Promise<Picture> {
  const colour = withBitDepth(withChannels({ ...picture, alpha: null }, 3, 'A picture'), 8)
  return resizePicture(colour, sidePx, sidePx)
}

function blank(widthPx: number, heightPx: number): Picture {
  return {
    data: createSamples(widthPx * heightPx * 3, 8).fill(PAPER),
    widthPx,
    heightPx,
    channels: 3,
    bitDepth: 8,
    alpha: null,
    colourSpace: 'srgb',
    metadata: { format: 'png', icc: null, exif: null, xmp: null, dotsPerInch: null },
  }
}

function paste(sheet: Picture, tile: Picture, left: number, top: number): void {
  for (let y = 0; y < tile.heightPx; y += 1)
    sheet.data.set(
      tile.data.subarray(y * tile.widthPx * 3, (y + 1) * tile.widthPx * 3),
      ((top + y) * sheet.widthPx + left) * 3,
    )
}
