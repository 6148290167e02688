import { mkdirSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { randomUniform } from '../../src/core/random.ts'

/** Smooth random colours: something a small network can learn, different for each seed. */
function blobs(seed: number, sidePx: number): Uint8Array {
  const waves = Array.from({ length: 6 }, (_, k) => ({
    x: randomUniform(seed, k, 0) * 0.4,
    y: randomUniform(seed, k, 1) * 0.4,
    phase: randomUniform(seed, k, 2) * 6,
    channel: k % 3,
  }))
  const data = new Uint8Array(sidePx * sidePx * 3).fill(128)
  for (let y = 0; y < sidePx; y += 1)
    for (let x = 0; x < sidePx; x += 1)
      for (const wave of waves) {
        const at = (y * sidePx + x) * 3 + wave.channel
        data[at] = (data[at] as number) + Math.round(60 * Math.sin(wave.x * x + wave.y * y + wave.phase))
      }
  return data
}

/** B is A inverted, channels swapped: a task with an exact answer. */
function answer(data: Uint8Array): Uint8Array {
  return data.map((_, index) => 255 - (data[index - (index % 3) + ((index + 1) % 3)] as number))
}

async function writePng(path: string, data: Uint8Array, sidePx: number): Promise<void> {
  await sharp(data, { raw: { width: sidePx, height: sidePx, channels: 3 } })
    .png()
    .toFile(path)
}

/** A fresh folder in the system's temporary folder. */
export function makeRoom(): string {
  return mkdtempSync(join(tmpdir(), 'diptych-test-'))
}

/** Folders A and B with train, val and test pairs in `room/pictures`. */
export async function makePairs(
  room: string,
  sidePx = 32,
  counts = { train: 6, val: 2, test: 2 },
): Promise<{ a: string; b: string }> {
  const [a, b] = [join(room, 'pictures', 'A'), join(room, 'pictures', 'B')]
  let seed = 0
  for (const [split, count] of Object.entries(counts)) {
    for (const side of [a, b]) mkdirSync(join(side, split), { recursive: true })
    for (let index = 0; index < count; index += 1) {
      const data = blobs((seed += 1), sidePx)
      await writePng(join(a, split, `${index}.png`), data, sidePx)
      await writePng(join(b, split, `${index}.png`), answer(data), sidePx)
    }
  }
  return { a, b }
}

/** Flags of a run that takes a second or two: 32 px, a tiny U-Net, two saved states. */
export const TINY_FLAGS = [
  ...['--net-g', 'unet_32', '--ngf', '4', '--ndf', '4', '--n-layers-d', '2'],
  ...[
    '--load-size-px',
    '34',
    '--crop-size-px',
    '32',
    '--sample-every',
    '4',
    '--checkpoint-every',
    '4',
    '--threads',
    '1',
  ],
]
