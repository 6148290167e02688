import { largestSample, type Picture } from '../imaging/picture.ts'

/** Numbers of 3 x 5 dots, row by row: they look alike on every machine, whatever fonts it has. */
const GLYPHS: Readonly<Record<string, string>> = {
  '0': '111101101101111',
  '1': '010110010010111',
  '2': '111001111100111',
  '3': '111001111001111',
  '4': '101101111001001',
  '5': '111100111001111',
  '6': '111100111101111',
  '7': '111001010010010',
  '8': '111101111101111',
  '9': '111101111001111',
  '.': '000000000000010',
}
const [COLUMNS, ROWS, DOT_PX] = [3, 5, 2]
export const TEXT_HEIGHT_PX = ROWS * DOT_PX

/** Draws a number in white; what the picture does not hold of it is cut off. */
export function drawText(
  { data, widthPx, heightPx, channels, bitDepth }: Picture,
  text: string,
  left: number,
  top: number,
): void {
  for (const [place, character] of [...text].entries())
    for (const [at, dot] of [...(GLYPHS[character] ?? '')].entries()) {
      if (dot === '0') continue
      const x = left + (place * (COLUMNS + 1) + (at % COLUMNS)) * DOT_PX
      const y = top + Math.floor(at / COLUMNS) * DOT_PX
      for (let pixel = 0; pixel < DOT_PX ** 2; pixel += 1) {
        const [px, py] = [x + (pixel % DOT_PX), y + Math.floor(pixel / DOT_PX)]
        if (px < widthPx && py < heightPx)
          data.fill(
            largestSample(bitDepth),
            (py * widthPx + px) * channels,
            (py * widthPx + px + 1) * channels,
          )
      }
    }
}
