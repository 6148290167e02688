import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { onTestFinished } from 'vitest'
import { randomUniform } from '../../../../src/core/random.ts'
import { createProject } from '../../../../src/engine/storage/project.ts'

export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'diptych-test-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

const SIDE_PX = 20

/** A picture of soft blobs; B is A with its values turned round, so that there is something to learn. */
async function writePair(folder: string, split: string, index: number): Promise<void> {
  const samples = Uint8Array.from({ length: SIDE_PX * SIDE_PX * 3 }, (_, at) =>
    Math.floor(255 * randomUniform(7, index, Math.floor(at / 60))),
  )
  const raw = { width: SIDE_PX, height: SIDE_PX, channels: 3 as const }
  const inverse = samples.map((value) => 255 - value)
  for (const [side, data] of [
    ['A', samples],
    ['B', inverse],
  ] as const) {
    const at = join(folder, side, split)
    await mkdir(at, { recursive: true })
    await writeFile(join(at, `${index}.png`), await sharp(data, { raw }).png().toBuffer())
  }
}

/** A project over a dozen tiny pairs: 7 to train on, 3 for validation, 2 to test; or over the same pictures without pairs. */
export async function createTinyProject(
  name = 'Tiny',
  kind: 'paired-folders' | 'unpaired-folders' = 'paired-folders',
): Promise<string> {
  const folder = await temporaryFolder()
  const data = join(folder, 'data')
  const splits = [
    'train',
    'train',
    'train',
    'val',
    'train',
    'test',
    'train',
    'val',
    'train',
    'val',
    'train',
    'test',
  ]
  for (const [index, split] of splits.entries()) await writePair(data, split, index)
  const project = join(folder, 'project')
  await createProject(project, {
    name,
    sample: null,
    dataset: { kind, options: { a: join(data, 'A'), b: join(data, 'B') } },
  })
  return project
}

/** A run that takes a second or two. */
export const tinyTraining = {
  netG: 'unet_16',
  cropSizePx: 16,
  loadSizePx: 18,
  ngf: 2,
  ndf: 2,
  nLayersD: 1,
  steps: 24,
  sampleEvery: 8,
  sampleCount: 2,
  checkpointEvery: 7,
}

export function settings(changes: Record<string, unknown> = {}) {
  return { recipe: 'pix2pix' as const, options: { ...tinyTraining, ...changes } }
}
