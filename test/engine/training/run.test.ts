import { readdir, readFile, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Refused } from '../../../src/core/errors.ts'
import { trainingEventSchema } from '../../../src/core/training/events.ts'
import { fileOnDisk } from '../../../src/core/files.ts'
import { engineViews } from '../../../src/core/contract/index.ts'
import { tf } from '../../../src/engine/backends/tf.ts'
import { readModelFile, readModelHeader } from '../../../src/engine/interchange/modelFile.ts'
import { buildNetwork } from '../../../src/engine/networks/index.ts'
import { createPauseControl } from '../../../src/engine/server/control.ts'
import { createProject, openProject } from '../../../src/engine/storage/project.ts'
import { getRun, listRuns } from '../../../src/engine/storage/runs.ts'
import { realEdges } from '../../../src/engine/training/edges.ts'
import { exportModel } from '../../../src/engine/training/exportModel.ts'
import { resumeRun, startRun } from '../../../src/engine/training/run.ts'
import { hashOf } from './support/killing.ts'
import { backend, follow, ofType, start } from './support/running.ts'
import { createTinyProject, settings, temporaryFolder } from './support/tinyProject.ts'

async function refusalCode(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (error instanceof Refused) return error.refusal.code
  throw error instanceof Error ? error : new Error('It was not refused.')
}

function stopAfter(step: number) {
  const abort = new AbortController()
  return {
    signal: abort.signal,
    onEvent: (event: { type: string; step: number }) => {
      if (event.type === 'step' && event.step === step) abort.abort()
    },
  }
}

test('a run tells what the contract says, in order, and leaves a model that describes itself', async () => {
  const project = await createTinyProject('Tiny é Project')
  const events = await follow(start(project))
  const schema = trainingEventSchema(fileOnDisk)
  for (const event of events) expect(schema.parse(event)).toEqual(event)
  expect(events[0]).toMatchObject({ type: 'run-started', run: 'run-001', step: 0, resumed: false })
  expect(ofType(events, 'step').map(({ step }) => step)).toEqual(Array.from({ length: 24 }, (_, i) => i + 1))
  expect(ofType(events, 'samples').map(({ step }) => step)).toEqual([5, 8, 16, 24])
  expect(ofType(events, 'checkpoint').map(({ step }) => step)).toEqual([7, 14, 21, 24])

  const done = ofType(events, 'done')[0]
  expect(done?.model.path).toBe(join(project, 'models', 'tiny-é-project-run-001.safetensors'))
  const { header, tensors } = await readModelFile(done?.model.path ?? '')
  const network = buildNetwork(header.network.architecture, header.network.options)
  const declared = [...network.parameters, ...network.statistics]
  expect([...tensors.keys()].sort()).toEqual(declared.map(({ name }) => name).sort())
  for (const { name, shape } of declared) expect(tensors.get(name)?.shape).toEqual(shape)
  const best = ofType(events, 'checkpoint').sort((x, y) => (x.validationL1 ?? 1) - (y.validationL1 ?? 1))[0]
  expect(header.training).toMatchObject({ atStep: best?.step, validationL1: best?.validationL1, pairs: 7 })
  expect(done).toMatchObject({ bestStep: best?.step, validationL1: best?.validationL1 })

  const view = await getRun(project, 'run-001')
  expect(engineViews.run.parse(view)).toEqual(view)
  expect(view.summary).toMatchObject({ state: 'done', step: 24, steps: 24, bestL1: best?.validationL1 })
  expect((await openProject(project)).cover?.path).toContain('fakeB')
  const { visuals } = view.samples[0]?.items[0] ?? { visuals: {} }
  expect(Object.keys(visuals)).toEqual(['realA', 'fakeB', 'realB'])
})

test('the configuration has no time in it and is the same for equal runs', async () => {
  const [first, second] = [await createTinyProject(), await createTinyProject()]
  const configs = []
  for (const project of [first, second]) {
    await follow(start(project, { steps: 2 }))
    const config = await getRun(project, 'run-001')
    configs.push({ ...config.config, dataset: null })
    expect(await readFile(join(project, 'runs/run-001/config.json'), 'utf8')).not.toMatch(/20\d\d-\d\d-\d\d/)
  }
  expect(configs[0]).toEqual(configs[1])
})

test('no tensor is left behind, neither by a run nor by its end', async () => {
  const project = await createTinyProject()
  const before = tf.memory().numTensors
  const counts = new Set<number>()
  await follow(start(project), (event) => {
    if (event.type === 'step') counts.add(tf.memory().numTensors)
  })
  expect(counts.size).toBe(1)
  expect(tf.memory().numTensors).toBe(before)
})

test('stopped at any step and resumed equals never stopped', async () => {
  const [whole, broken] = [await createTinyProject(), await createTinyProject()]
  const expected = await follow(start(whole))
  const first = stopAfter(3)
  await follow(start(broken, {}, {}, first.signal), first.onEvent)
  for (const step of [7, 12, 13, 20]) {
    const { signal, onEvent } = stopAfter(step)
    const events = await follow(resumeRun({ projectFolder: broken }, signal), onEvent)
    expect(events.at(-1)).toEqual({ type: 'stopped', run: 'run-001', step })
  }
  const events = await follow(resumeRun({ projectFolder: broken }))
  const model = (all: typeof events) => ofType(all, 'done')[0]?.model.path ?? ''
  expect(await hashOf(model(events))).toBe(await hashOf(model(expected)))
  expect((await getRun(broken, 'run-001')).metrics).toEqual((await getRun(whole, 'run-001')).metrics)
  expect(await refusalCode(follow(resumeRun({ projectFolder: broken })))).toBe('nothing-to-resume')
  expect(await refusalCode(follow(resumeRun({ projectFolder: broken, run: 'run-001' })))).toBe('run-done')
})

test('paused it saves and does not step; stopped while paused it ends', async () => {
  const project = await createTinyProject()
  const control = createPauseControl()
  const abort = new AbortController()
  const seen: string[] = []
  let pauses = 0
  const run = startRun({ projectFolder: project, training: settings(), backend }, abort.signal, control)
  for await (const event of run) {
    if (event.type !== 'samples') seen.push(`${event.type} ${event.step}`)
    if (event.type === 'step' && [3, 10].includes(event.step)) control.pause()
    if (event.type !== 'paused') continue
    pauses += 1
    expect((await listRuns(project))[0]?.state).toBe('paused')
    setTimeout(() => (pauses === 1 ? control.continue() : abort.abort()), 100)
  }
  const third = seen.indexOf('step 3')
  expect(seen.slice(third, third + 5)).toEqual([
    'step 3',
    'checkpoint 3',
    'paused 3',
    'continued 3',
    'step 4',
  ])
  expect(seen.slice(-4)).toEqual(['step 10', 'checkpoint 10', 'paused 10', 'stopped 10'])
})

test('a damaged newest checkpoint is found out, and the one before it is used', async () => {
  const [whole, broken] = [await createTinyProject(), await createTinyProject()]
  const expected = await follow(start(whole))
  const { signal, onEvent } = stopAfter(17)
  await follow(start(broken, {}, {}, signal), onEvent)
  const checkpoints = join(broken, 'runs/run-001/checkpoints')
  expect(await readdir(checkpoints)).toEqual(['00000007', '00000014', '00000017'])
  const state = join(checkpoints, '00000017/state.safetensors')
  const bytes = await readFile(state)
  bytes[bytes.length - 5] = (bytes[bytes.length - 5] ?? 0) ^ 1
  await writeFile(state, bytes)
  await truncate(join(checkpoints, '00000014/manifest.json'), 40)
  const events = await follow(resumeRun({ projectFolder: broken }))
  expect(events[0]).toMatchObject({ type: 'run-started', step: 7, resumed: true })
  expect(ofType(events, 'finding').map(({ finding }) => finding.code)).toEqual([
    'checkpoint-damaged',
    'checkpoint-damaged',
  ])
  const aside = (await readdir(checkpoints)).filter((name) => name.startsWith('damaged-'))
  expect(aside).toEqual(['damaged-00000014', 'damaged-00000017'])
  const model = (all: typeof events) => ofType(all, 'done')[0]?.model.path ?? ''
  expect(await hashOf(model(events))).toBe(await hashOf(model(expected)))
})

test('with no whole state left, resuming is refused and everything stays as it was', async () => {
  const project = await createTinyProject()
  const { signal, onEvent } = stopAfter(22)
  await follow(start(project, {}, {}, signal), onEvent)
  const before = await getRun(project, 'run-001')
  const checkpoints = join(project, 'runs/run-001/checkpoints')
  const folders = await readdir(checkpoints)
  expect(before.checkpoints.map(({ whole }) => whole)).toEqual([false, true, true, true])
  for (const folder of folders.slice(1)) await truncate(join(checkpoints, folder, 'state.safetensors'), 100)
  expect(await refusalCode(follow(resumeRun({ projectFolder: project })))).toBe('checkpoint-damaged')
  expect(await readdir(checkpoints)).toEqual(folders)
  expect((await getRun(project, 'run-001')).metrics).toEqual(before.metrics)
  const model = await exportModel({ projectFolder: project, step: 7 })
  expect((await readModelHeader(model)).training?.atStep).toBe(7)
})

test('a state of another version is refused and stays as it was', async () => {
  const project = await createTinyProject()
  const { signal, onEvent } = stopAfter(3)
  await follow(start(project, {}, {}, signal), onEvent)
  const folder = join(project, 'runs/run-001/checkpoints')
  const path = join(folder, '00000003/manifest.json')
  const manifest = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>
  await writeFile(path, JSON.stringify({ ...manifest, average: 0.999 }))
  expect(await refusalCode(follow(resumeRun({ projectFolder: project })))).toBe('checkpoint-newer')
  expect(await readdir(folder)).toEqual(['00000003'])
})

test('what cannot be trained is refused, and leaves no run behind', async () => {
  const project = await createTinyProject()
  expect(await refusalCode(follow(start(project, { lambdaL2: 1 })))).toBe('option-unknown')
  expect(await refusalCode(follow(start(project, { netG: 'unet_32' })))).toBe('crop-size')
  await expect(follow(start(project, {}, { freeBytes: async () => 1e6 }))).rejects.toMatchObject({
    refusal: { code: 'disk-full', remedy: expect.stringContaining('start again') },
  })
  await expect(follow(start(project, { cropSizePx: 32 }))).rejects.toThrow(
    '--load-size-px 18 is smaller than the crop of 32 px',
  )
  expect(await listRuns(project)).toEqual([])
  const empty = join(await temporaryFolder(), 'empty')
  await createProject(empty, { name: 'Empty', sample: null, dataset: null })
  expect(await refusalCode(follow(start(empty)))).toBe('dataset-missing')
  expect(await refusalCode(follow(start(join(empty, 'nothing'))))).toBe('not-a-project')
})

test('stopped before its pictures were read, a run is resumed from what was asked for', async () => {
  const project = await createTinyProject()
  const started = follow(start(project, { steps: 3, seed: 9 }, {}, AbortSignal.abort()))
  expect(await refusalCode(started)).toBe('stopped-early')
  expect(await refusalCode(follow(resumeRun({ projectFolder: project }, AbortSignal.abort())))).toBe(
    'stopped-early',
  )
  expect(await readdir(join(project, 'runs'))).toEqual(['run-001'])
  expect(await listRuns(project)).toEqual([])
  const fullDisk = { ...realEdges, freeBytes: async () => 1e6 }
  const failed = follow(resumeRun({ projectFolder: project }, undefined, undefined, fullDisk))
  expect(await refusalCode(failed)).toBe('disk-full')
  expect(await readdir(join(project, 'runs'))).toEqual(['run-001'])
  const events = await follow(resumeRun({ projectFolder: project }))
  expect(events.at(-1)).toMatchObject({ type: 'done', run: 'run-001', step: 3 })
  expect((await getRun(project, 'run-001')).config.options).toMatchObject({ seed: 9 })
})

test('a new run forgets one that never began', async () => {
  const project = await createTinyProject()
  await expect(follow(start(project, { steps: 3 }, {}, AbortSignal.abort()))).rejects.toThrow()
  const events = await follow(start(project, { steps: 2 }))
  expect(events.at(-1)).toMatchObject({ type: 'done', run: 'run-001', step: 2 })
})

test('a disk that fills up stops the run before anything is written, and it can be resumed', async () => {
  const [whole, full] = [await createTinyProject(), await createTinyProject()]
  const expected = await follow(start(whole))
  let free = 1e12
  const events = await follow(start(full, {}, { freeBytes: async () => free }), (event) => {
    if (event.type === 'step' && event.step === 10) free = 1e6
  })
  expect(events.at(-1)).toMatchObject({ type: 'failed', step: 14, refusal: { code: 'disk-full' } })
  expect(await readdir(join(full, 'runs/run-001/checkpoints'))).toEqual(['00000007'])
  const resumed = await follow(resumeRun({ projectFolder: full }))
  const model = (all: typeof events) => ofType(all, 'done')[0]?.model.path ?? ''
  expect(await hashOf(model(resumed))).toBe(await hashOf(model(expected)))
})

test('other pictures or another backend: the first is refused, the second is told', async () => {
  const project = await createTinyProject()
  const { signal, onEvent } = stopAfter(3)
  await follow(start(project, { steps: 6 }, {}, signal), onEvent)
  const openBackend = async () => ({ ...backend, threads: 1 })
  const events = await follow(
    resumeRun({ projectFolder: project }, undefined, undefined, { ...realEdges, openBackend }),
  )
  expect(ofType(events, 'finding').map(({ finding }) => finding.code)).toContain('backend-changed')
  const second = stopAfter(3)
  await follow(start(project, { steps: 6 }, {}, second.signal), second.onEvent)
  const [pair] = await readdir(join(project, '../data/A/train'))
  const other = await readFile(join(project, '../data/A/val/3.png'))
  await writeFile(join(project, '../data/A/train', pair ?? ''), other)
  expect(await refusalCode(follow(resumeRun({ projectFolder: project })))).toBe('dataset-changed')
})

test('a stopped run gives a model: of its best state, of its last, of a step', async () => {
  const project = await createTinyProject()
  const { signal, onEvent } = stopAfter(16)
  await follow(start(project, {}, {}, signal), onEvent)
  const atStep = async (step: number | 'best' | 'last') =>
    (await readModelHeader(await exportModel({ projectFolder: project, step }))).training?.atStep
  expect(await atStep('last')).toBe(16)
  expect(await atStep(7)).toBe(7)
  expect([7, 14]).toContain(await atStep('best'))
  const best = (await getRun(project, 'run-001')).model
  await atStep(7)
  expect((await getRun(project, 'run-001')).model).toEqual(best)
  expect(best?.path).not.toContain('-step-')
  expect(await refusalCode(exportModel({ projectFolder: project, step: 3 }))).toBe('checkpoint-missing')
  expect(await refusalCode(exportModel({ projectFolder: project, run: 'run-009', step: 'best' }))).toBe(
    'run-unknown',
  )
})

test('the disk budget thins out and removes old states, never the best and the newest', async () => {
  const project = await createTinyProject()
  const events = await follow(start(project, { checkpointEvery: 2, ngf: 32, ndf: 16, diskBudgetGb: 0.05 }))
  const { checkpoints } = await getRun(project, 'run-001')
  const best = ofType(events, 'done')[0]?.bestStep
  expect(checkpoints.map(({ step }) => step)).toContain(best)
  expect(checkpoints.at(-1)).toMatchObject({ step: 24, whole: true })
  expect(checkpoints.filter(({ whole }) => whole).length).toBe(2)
  const folders = await readdir(join(project, 'runs/run-001/checkpoints'))
  expect(folders.map(Number)).toEqual(checkpoints.map(({ step }) => step))
})
