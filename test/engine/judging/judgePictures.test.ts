import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { randomInteger } from '../../../src/core/random.ts'
import {
  judgePictures,
  type JudgingEvent,
  type JudgingRequest,
} from '../../../src/engine/judging/judgePictures.ts'
import { listCheckpoints, thinCheckpoint } from '../../../src/engine/training/checkpoint.ts'
import { startRun } from '../../../src/engine/training/run.ts'
import { createTinyProject, settings, temporaryFolder } from '../training/support/tinyProject.ts'
import { backend, follow } from '../training/support/running.ts'
import { patchLogits, pixelLogits, readSaved, type Plane } from './plainJudges.ts'

const SIDE = 16
const never = new AbortController().signal

async function drawPicture(path: string, seed: number): Promise<Uint8Array> {
  const data = Uint8Array.from({ length: SIDE * SIDE * 3 }, (_, at) => randomInteger(256, seed, at))
  await mkdir(join(path, '..'), { recursive: true })
  await writeFile(
    path,
    await sharp(data, { raw: { width: SIDE, height: SIDE, channels: 3 } })
      .png()
      .toBuffer(),
  )
  return data
}

function planeOf(...pictures: Uint8Array[]): Plane {
  const channels = 3 * pictures.length
  const data = Float64Array.from({ length: SIDE * SIDE * channels }, (_, at) => {
    const [pixel, channel] = [Math.floor(at / channels), at % channels]
    return (pictures[Math.floor(channel / 3)]![pixel * 3 + (channel % 3)]! / 255) * 2 - 1
  })
  return { side: SIDE, channels, data }
}

async function ask(request: Partial<JudgingRequest> & { projectFolder: string }): Promise<JudgingEvent[]> {
  const whole = { run: 'run-001', split: 'test' as const, pictures: [], ...request }
  return Array.fromAsync(judgePictures(whole, never))
}

const opinionsIn = (events: readonly JudgingEvent[]) => events.filter((event) => event.type === 'opinion')
const summaryIn = (events: readonly JudgingEvent[]) => {
  const last = events.at(-1)
  if (last?.type !== 'judged') throw new Error('It ended otherwise.')
  return last
}

async function stateOf(project: string, step: number) {
  const folder = join(project, 'runs', 'run-001', 'checkpoints', String(step).padStart(8, '0'))
  return readSaved(join(folder, 'state.safetensors'))
}

async function train(recipe: 'pix2pix' | 'cyclegan' | 'restore', changes: Record<string, unknown>) {
  const project = await createTinyProject(
    'Tiny',
    recipe === 'cyclegan' ? 'unpaired-folders' : 'paired-folders',
  )
  const { options } = settings({ steps: 14, loadSizePx: null, ...changes })
  await follow(startRun({ projectFolder: project, training: { recipe, options }, backend }))
  return project
}

const meanOf = (values: Iterable<number>) => {
  const all = [...values]
  return all.reduce((sum, value) => sum + value, 0) / all.length
}

describe('a judge of pairs', () => {
  it('says of a picture what plain loops over the saved tensors say, patch by patch', async () => {
    const project = await train('pix2pix', {})
    const room = await temporaryFolder()
    const [shown, given] = [
      await drawPicture(join(room, 'made', 'harbour.png'), 1),
      await drawPicture(join(room, 'before', 'Harbour.png'), 2),
    ]
    const events = await ask({
      projectFolder: project,
      pictures: [join(room, 'made')],
      beside: join(room, 'before'),
      output: join(room, 'seen'),
      step: 14,
    })
    const { side, data } = patchLogits(planeOf(given, shown), await stateOf(project, 14), 'netD')
    const expected = data.map((logit) => 1 / (1 + Math.exp(-logit)))
    const [opinion] = opinionsIn(events)
    expect(opinion!.score).toBeCloseTo(meanOf(expected), 5)
    expect(opinion!.map).toMatchObject({ rows: side, columns: side })
    expect(opinion!.map!.low).toBeCloseTo(Math.min(...expected), 5)
    expect(opinion!.map!.high).toBeCloseTo(Math.max(...expected), 5)
    expect(opinion!.verdict).toBe(meanOf(expected) >= 0.5 ? 'real' : 'made')
    const seen = await sharp(opinion!.seen!.path).raw().toBuffer()
    expect(seen.equals(Buffer.from(shown))).toBe(true)
    const map = await sharp(opinion!.heat!.path).raw().toBuffer({ resolveWithObject: true })
    expect([map.info.width, map.info.height]).toEqual([SIDE, SIDE])
    expect(Math.abs(map.data[0]! - 255 * expected[0]!)).toBeLessThan(1)
    expect(Math.abs(map.data.at(-1)! - 255 * expected.at(-1)!)).toBeLessThan(1)
  })

  it('is measured on held-out pairs and as many made ones, the same each time', async () => {
    const project = await train('pix2pix', { ganLoss: 'hinge' })
    const events = await ask({ projectFolder: project })
    const summary = summaryIn(events)
    expect([summary.real!.count, summary.made!.count]).toEqual([2, 2])
    expect(summary).toMatchObject({
      judge: 'D',
      threshold: 0.5,
      step: 14,
      told: { given: true, label: false },
    })
    const opinions = opinionsIn(events)
    const of = (kind: string) => opinions.filter((one) => one.kind === kind).map(({ score }) => score)
    expect(summary.real!.mean).toBeCloseTo(meanOf(of('real')), 12)
    expect(summary.made!.mean).toBeCloseTo(meanOf(of('made')), 12)
    expect(opinionsIn(await ask({ projectFolder: project }))).toEqual(opinions)
  })

  it('refuses in a sentence what it cannot do, and names the way out', async () => {
    const project = await train('pix2pix', {})
    const room = await temporaryFolder()
    await drawPicture(join(room, 'made', 'harbour.png'), 1)
    await drawPicture(join(room, 'before', 'castle.png'), 2)
    const pictures = [join(room, 'made')]
    const refused = (request: Partial<JudgingRequest>, words: string) =>
      expect(ask({ projectFolder: project, ...request })).rejects.toThrow(words)
    await refused({ pictures }, 'together with what it was made of')
    await refused({ pictures, beside: join(room, 'nowhere') }, 'is no folder')
    await refused({ pictures, beside: join(room, 'before') }, 'harbour.png has no picture of the same name')
    await refused({ pictures, beside: join(room, 'made'), label: 'shoe' }, 'is told no class')
    await refused({ judge: 'D_A' }, 'no judge named "D_A"')
    await refused({ step: 13 }, 'no saved state of step 13')
    await refused({ run: 'run-009' }, 'no run named run-009')
    await mkdir(join(room, 'empty'))
    await refused({ pictures: [join(room, 'empty')] }, 'There is no picture in empty')
    const { saved } = await listCheckpoints(join(project, 'runs', 'run-001'))
    await thinCheckpoint(saved[0]!)
    await refused({ step: saved[0]!.manifest.step }, 'only the generator was kept')
    const last = saved.at(-1)!
    const state = join(last.folder, 'state.safetensors')
    const bytes = await readFile(state)
    bytes[bytes.length - 1]! ^= 1
    await writeFile(state, bytes)
    await refused({ step: last.manifest.step }, 'is damaged')
  })

  it('names a picture that cannot be read, and goes on with the others', async () => {
    const project = await train('pix2pix', {})
    const room = await temporaryFolder()
    await drawPicture(join(room, 'made', 'one.png'), 1)
    await writeFile(join(room, 'made', 'two.png'), 'no picture')
    await drawPicture(join(room, 'made', 'three.png'), 3)
    const events = await ask({
      projectFolder: project,
      pictures: [join(room, 'made')],
      beside: join(room, 'made'),
    })
    const failed = events.filter((event) => event.type === 'picture-failed')
    expect(failed.map(({ name }) => name)).toEqual(['two.png'])
    expect(opinionsIn(events)).toHaveLength(2)
    expect(summaryIn(events)).toMatchObject({ failed: 1, asked: { count: 2 } })
    expect(await readdir(join(room, 'made'))).toHaveLength(3)
  })
})

it('the two judges of CycleGAN each know one look; least squares are told as they are, within 0 and 1', async () => {
  const project = await train('cyclegan', { netG: 'resnet_3blocks', netD: 'pixel' })
  const room = await temporaryFolder()
  const shown = await drawPicture(join(room, 'one.png'), 1)
  const saved = await stateOf(project, 14)
  for (const judge of ['D_A', 'D_B'] as const) {
    const events = await ask({ projectFolder: project, pictures: [join(room, 'one.png')], judge, step: 14 })
    const { data } = pixelLogits(planeOf(shown), saved, `netD_${judge.at(-1) ?? ''}`)
    const [opinion] = opinionsIn(events)
    expect(opinion!.score, judge).toBeCloseTo(Math.min(1, Math.max(0, meanOf(data))), 5)
    expect(opinion!.map).toMatchObject({ rows: SIDE, columns: SIDE })
    expect(opinion!.map!.high).toBeCloseTo(Math.max(...data), 4)
  }
  const other = summaryIn(await ask({ projectFolder: project, judge: 'D_B' }))
  expect(other).toMatchObject({ judge: 'D_B', real: { count: 2 }, made: { count: 2 } })
  expect(summaryIn(await ask({ projectFolder: project })).judge).toBe('D_A')
})

it('a run that was trained without a judge has none to ask', async () => {
  const project = await train('restore', { netG: 'residual_4blocks', lambdaPerceptual: 0 })
  await expect(ask({ projectFolder: project })).rejects.toThrow('trained without a judge')
})
