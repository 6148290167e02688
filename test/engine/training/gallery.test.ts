import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import { expect, test } from 'vitest'
import { createProject } from '../../../src/engine/storage/project.ts'
import { follow, ofType, start } from './support/running.ts'
import { temporaryFolder } from './support/tinyProject.ts'

const SIDE_PX = 16
const raw = { width: SIDE_PX, height: SIDE_PX, channels: 1 as const }

/** A: 8 bits, from 100 to 115. B: 16 bits, from 30000 to 30015, a sliver of its range. */
async function createUnequalProject(): Promise<string> {
  const folder = await temporaryFolder()
  const [a, b] = [join(folder, 'A'), join(folder, 'B')]
  for (const split of ['train', 'val'])
    for (const side of [a, b]) await mkdir(join(side, split), { recursive: true })
  const ramp = Array.from({ length: SIDE_PX * SIDE_PX }, (_, at) => at % SIDE_PX)
  for (const split of ['train', 'val']) {
    const bytes = Uint8Array.from(ramp, (value) => 100 + value)
    const words = Uint16Array.from(ramp, (value) => 30_000 + value)
    await sharp(bytes, { raw })
      .toColourspace('b-w')
      .png()
      .toFile(join(a, split, '1.png'))
    await sharp(words, { raw })
      .toColourspace('grey16')
      .png()
      .toFile(join(b, split, '1.png'))
  }
  const project = join(folder, 'project')
  const dataset = { kind: 'paired-folders' as const, options: { a, b } }
  await createProject(project, { name: 'Unequal', sample: null, dataset })
  return project
}

async function rangeOf(path: string | undefined): Promise<[number, number]> {
  const { channels } = await sharp(path).stats()
  return [channels[0]?.min ?? NaN, channels[0]?.max ?? NaN]
}

test.each(['AtoB', 'BtoA'] as const)(
  'going %s, 8 bits are shown as they are and 16 bits are stretched',
  async (direction) => {
    const changes = { direction, steps: 1, sampleEvery: 1, loadSizePx: SIDE_PX, cropSizePx: SIDE_PX }
    const events = await follow(start(await createUnequalProject(), changes))
    const { realA, realB } = ofType(events, 'samples')[0]?.items[0]?.visuals ?? {}
    const [plain, deep] = direction === 'AtoB' ? [realA, realB] : [realB, realA]
    expect(await rangeOf(plain?.path)).toEqual([100, 115])
    expect(await rangeOf(deep?.path)).toEqual([0, 255])
  },
)
