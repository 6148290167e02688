import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import sharp from 'sharp'
import { randomInteger, randomUniform } from '../../src/core/random.ts'

export const SIDE = 16
export const CLASSES = ['disc', 'square']

/** A grey disc or square of any size at any place, as PNG. */
export function drawShape(label: string, seed: number): Promise<Buffer> {
  const [x, y] = [4 + randomInteger(8, seed, 1), 4 + randomInteger(8, seed, 2)]
  const radius = 2 + randomInteger(3, seed, 3)
  const level = 120 + Math.floor(120 * randomUniform(seed, 4))
  const samples = Uint8Array.from({ length: SIDE * SIDE }, (_, at) => {
    const [dx, dy] = [Math.abs((at % SIDE) - x), Math.abs(Math.floor(at / SIDE) - y)]
    const isIn = label === 'disc' ? dx * dx + dy * dy <= radius * radius : Math.max(dx, dy) <= radius
    return isIn ? level : 10
  })
  return sharp(samples, { raw: { width: SIDE, height: SIDE, channels: 1 } })
    .toColourspace('b-w')
    .png()
    .toBuffer()
}

/** Pictures at `split/class/0.png` and on; `counts` by split and class. */
export async function drawFolder(
  folder: string,
  counts: Readonly<Record<string, Readonly<Record<string, number>>>>,
): Promise<string> {
  let seed = 0
  for (const [split, classes] of Object.entries(counts))
    for (const [label, count] of Object.entries(classes))
      for (let index = 0; index < count; index += 1) {
        const path = join(folder, split, label, `${index}.png`)
        mkdirSync(dirname(path), { recursive: true })
        writeFileSync(path, await drawShape(label, (seed += 1)))
      }
  return folder
}
