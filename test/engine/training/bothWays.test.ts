import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readModelFile } from '../../../src/engine/interchange/modelFile.ts'
import { getRun } from '../../../src/engine/storage/runs.ts'
import { listCheckpoints } from '../../../src/engine/training/checkpoint.ts'
import { exportModel } from '../../../src/engine/training/exportModel.ts'
import { resumeRun, startRun } from '../../../src/engine/training/run.ts'
import { hashOf } from './support/killing.ts'
import { backend, follow, ofType } from './support/running.ts'
import { createTinyProject } from './support/tinyProject.ts'

const training = {
  recipe: 'cyclegan' as const,
  options: {
    ...{ netG: 'resnet_3blocks', cropSizePx: 16, loadSizePx: 18, ngf: 2, ndf: 2, nLayersD: 1, poolSize: 3 },
    ...{ steps: 20, sampleEvery: 8, sampleCount: 2, checkpointEvery: 5 },
  },
}

const tensorOf = async (path: string, name = 'stem.weight') =>
  (await readModelFile(path)).tensors.get(name)?.data

test('a run that learns both ways leaves a model for each, stopped or not, from whole and from thinned states', async () => {
  const whole = await createTinyProject('Ways', 'unpaired-folders')
  const done = ofType(await follow(startRun({ projectFolder: whole, training, backend })), 'done')[0]
  const there = done?.model.path ?? ''
  const back = there.replace('.safetensors', '-reverse.safetensors')
  const [forward, reverse] = [(await readModelFile(there)).header, (await readModelFile(back)).header]
  expect([forward.training?.direction, reverse.training?.direction]).toEqual(['AtoB', 'BtoA'])
  expect(forward.card.summary).toContain('7 and 7 pictures without pairs')
  expect(await tensorOf(there)).not.toEqual(await tensorOf(back))

  const stopped = await createTinyProject('Ways', 'unpaired-folders')
  for (const stopAt of [1, 7, 13]) {
    const abort = new AbortController()
    const events =
      stopAt === 1
        ? startRun({ projectFolder: stopped, training, backend }, abort.signal)
        : resumeRun({ projectFolder: stopped }, abort.signal)
    await follow(events, (event) => {
      if (event.type === 'step' && event.step === stopAt) abort.abort()
    })
  }
  const resumed = ofType(await follow(resumeRun({ projectFolder: stopped })), 'done')[0]?.model.path ?? ''
  expect(await hashOf(resumed)).toBe(await hashOf(there))
  expect(await hashOf(resumed.replace('.safetensors', '-reverse.safetensors'))).toBe(await hashOf(back))

  const { saved } = await listCheckpoints(join(whole, 'runs', 'run-001'))
  expect(saved.map(({ manifest }) => manifest.whole)).toEqual([false, false, true, true])
  const early = await exportModel({ projectFolder: whole, run: 'run-001', step: 5 })
  expect(await tensorOf(early)).not.toEqual(await tensorOf(there))
  expect(await tensorOf(early)).not.toEqual(
    await tensorOf(early.replace('.safetensors', '-reverse.safetensors')),
  )
  const { samples } = await getRun(whole, 'run-001')
  expect(Object.keys(samples[0]?.items[0]?.visuals ?? {})).toHaveLength(8)
}, 120_000)
