import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readModelHeader } from '../../../src/engine/interchange/modelFile.ts'
import { lockProject } from '../../../src/engine/storage/lock.ts'
import { getRun } from '../../../src/engine/storage/runs.ts'
import { exportModel, pickModel } from '../../../src/engine/training/exportModel.ts'
import { resumeRun } from '../../../src/engine/training/run.ts'
import { hashOf } from './support/killing.ts'
import { follow, ofType, start } from './support/running.ts'
import { createTinyProject } from './support/tinyProject.ts'

const run = 'run-001'
const stepIn = async (path: string) => (await readModelHeader(path)).training?.atStep

test('a picked state becomes the model of the run, in the file that bears its name, until another is picked', async () => {
  const projectFolder = await createTinyProject()
  const events = await follow(start(projectFolder))
  const best = ofType(events, 'done')[0]?.bestStep ?? 0
  const others = [7, 14, 21, 24].filter((step) => step !== best)
  const [step = 0, other = 0] = others
  const own = join(projectFolder, 'models', 'tiny-run-001.safetensors')
  expect(await getRun(projectFolder, run)).toMatchObject({ model: { path: own }, modelStep: best })

  expect(await pickModel({ projectFolder, run, step })).toBe(own)
  expect(await getRun(projectFolder, run)).toMatchObject({ model: { path: own }, modelStep: step })
  expect(await stepIn(own)).toBe(step)

  // A figure does not undo what a person chose.
  const beside = await exportModel({ projectFolder, step: 'best' })
  expect(beside).not.toBe(own)
  expect(await stepIn(beside)).toBe(best)
  expect(await getRun(projectFolder, run)).toMatchObject({ model: { path: own }, modelStep: step })

  await pickModel({ projectFolder, run, step: other })
  expect(await stepIn(own)).toBe(other)
  await pickModel({ projectFolder, run, step: best })
  expect(await exportModel({ projectFolder, step: 'best' })).toBe(own)
  expect(await getRun(projectFolder, run)).toMatchObject({ modelStep: best })
})

test('a pick holds when the run goes on; equal states give equal files', async () => {
  const projectFolder = await createTinyProject()
  const abort = new AbortController()
  for await (const event of start(projectFolder, {}, {}, abort.signal))
    if (event.type === 'step' && event.step === 15) abort.abort()
  const own = await pickModel({ projectFolder, run, step: 7 })
  const picked = await hashOf(own)
  const done = ofType(await follow(resumeRun({ projectFolder, run })), 'done')[0]
  expect(done?.step).toBe(24)
  expect(await getRun(projectFolder, run)).toMatchObject({ model: { path: own }, modelStep: 7 })
  expect(await hashOf(own)).toBe(picked)
  if (done?.bestStep !== 7) expect(done?.model.path).not.toBe(own)
  const again = await exportModel({ projectFolder, run, step: 7 })
  expect(again).not.toBe(own)
  expect(await hashOf(again)).toBe(picked)
})

test('a pick of what was forgotten since binds no longer', async () => {
  const projectFolder = await createTinyProject()
  const abort = new AbortController()
  for await (const event of start(projectFolder, {}, {}, abort.signal))
    if (event.type === 'step' && event.step === 15) abort.abort()
  await pickModel({ projectFolder, run, step: 15 })
  await rm(join(projectFolder, 'runs', run, 'checkpoints', '00000015'), { recursive: true })
  const done = ofType(await follow(resumeRun({ projectFolder, run })), 'done')[0]
  expect(await getRun(projectFolder, run)).toMatchObject({ model: done?.model, modelStep: done?.bestStep })
})

test('what was never saved, and a project at work, are refused, and nothing is changed', async () => {
  const projectFolder = await createTinyProject()
  await follow(start(projectFolder, { steps: 7 }))
  const before = await getRun(projectFolder, run)
  const refused = (code: string) => ({ refusal: { code } })
  const none = pickModel({ projectFolder, run, step: 3 })
  await expect(none).rejects.toMatchObject(refused('checkpoint-missing'))
  const unknown = pickModel({ projectFolder, run: 'run-002', step: 7 })
  await expect(unknown).rejects.toMatchObject(refused('run-unknown'))
  const lock = lockProject(projectFolder)
  await expect(pickModel({ projectFolder, run, step: 7 })).rejects.toMatchObject(refused('project-busy'))
  lock.release()
  expect(await getRun(projectFolder, run)).toEqual(before)
  expect(existsSync(join(projectFolder, 'models', 'tiny-run-001-step-3.safetensors'))).toBe(false)
})
