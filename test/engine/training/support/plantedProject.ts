import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import sharp from 'sharp'
import { randomUniform } from '../../../../src/core/random.ts'
import { createProject } from '../../../../src/engine/storage/project.ts'
import { temporaryFolder } from './tinyProject.ts'

export const SIDE_PX = 16

/** Samples in [0,1], row by row. */
export type Drawn = readonly number[]

/** A soft spot on a dark ground: where, how wide and how bright it is, is drawn by the seed. */
export function spot(seed: number): Drawn {
  const [x, y, wide] = [0, 1, 2].map((counter) => randomUniform(seed, counter)) as [number, number, number]
  const bright = 0.5 + 0.5 * randomUniform(seed, 3)
  return drawn((column, row) => {
    const far = (column - SIDE_PX * (0.2 + 0.6 * x)) ** 2 + (row - SIDE_PX * (0.2 + 0.6 * y)) ** 2
    return 0.1 + 0.8 * bright * Math.exp(-far / (6 + 14 * wide))
  })
}

/** Waves: how long and which way is drawn by the seed; about as light as dark. */
export function waves(seed: number): Drawn {
  const [x, y, phase] = [0, 1, 2].map((counter) => randomUniform(seed, counter)) as [number, number, number]
  return drawn((column, row) => 0.5 + 0.4 * Math.sin((x - 0.5) * column + (y - 0.5) * row + 6 * phase))
}

export function drawn(sample: (column: number, row: number) => number): Drawn {
  return Array.from({ length: SIDE_PX * SIDE_PX }, (_, at) => sample(at % SIDE_PX, Math.floor(at / SIDE_PX)))
}

export function negativeOf(picture: Drawn): Drawn {
  return picture.map((value) => 1 - value)
}

async function write(file: string, picture: Drawn): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  const raw = { width: SIDE_PX, height: SIDE_PX, channels: 1 as const }
  const bytes = Uint8Array.from(picture, (value) => Math.round(255 * Math.min(1, Math.max(0, value))))
  await sharp(bytes, { raw }).toColourspace('b-w').png().toFile(file)
}

type Sides = { a: Drawn; b: Drawn }

/** A project whose pictures are drawn one by one: so many to train on, and eight of each other split. */
export async function plantPairs(
  sidesOf: (index: number, split: string) => Sides,
  {
    train = 16,
    kind = 'paired-folders',
  }: { train?: number; kind?: 'paired-folders' | 'unpaired-folders' } = {},
): Promise<string> {
  const folder = await temporaryFolder()
  const splits = { train, val: 8, test: 2 }
  let index = 0
  for (const [split, count] of Object.entries(splits))
    for (let one = 0; one < count; one += 1) {
      const { a, b } = sidesOf((index += 1), split)
      await write(join(folder, 'A', split, `${index}.png`), a)
      await write(join(folder, 'B', split, `${index}.png`), b)
    }
  return project(folder, { kind, options: { a: join(folder, 'A'), b: join(folder, 'B') } })
}

/** A project of one folder for each class, with so many training pictures of each, and four of the other splits. */
export async function plantClasses(
  counts: Readonly<Record<string, number>>,
  draw: (seed: number, label: number) => Drawn,
): Promise<string> {
  const folder = await temporaryFolder()
  let seed = 0
  for (const [label, [name, train]] of Object.entries(counts).entries())
    for (const [split, count] of Object.entries({ train, val: 4, test: 1 }))
      for (let one = 0; one < count; one += 1) {
        const file = join(folder, 'pictures', split, name, `${one}.png`)
        await write(file, draw((seed += 1), label))
      }
  return project(folder, { kind: 'picture-folder', options: { folder: join(folder, 'pictures') } })
}

async function project(
  folder: string,
  dataset: Parameters<typeof createProject>[1]['dataset'],
): Promise<string> {
  await createProject(join(folder, 'project'), { name: 'Planted', sample: null, dataset })
  return join(folder, 'project')
}
