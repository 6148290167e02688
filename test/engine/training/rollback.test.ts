import { expect, test } from 'vitest'
import { getRun } from '../../../src/engine/storage/runs.ts'
import { realEdges } from '../../../src/engine/training/edges.ts'
import { resumeRun } from '../../../src/engine/training/run.ts'
import { hashOf } from './support/killing.ts'
import { breakingTrainers, follow, ofType, start } from './support/running.ts'
import { createTinyProject } from './support/tinyProject.ts'

test('NaN at a step: back to the last saved state, half the learning rate, curves replaced', async () => {
  const project = await createTinyProject()
  const edges = breakingTrainers((step, learningRate) => step === 10 && learningRate > 1.5e-4)
  const events = await follow(start(project, { decayShare: 0 }, edges))
  expect(ofType(events, 'rolled-back')).toEqual([
    { type: 'rolled-back', run: 'run-001', step: 7, fromStep: 9, learningRateScale: 0.5 },
  ])
  expect(events.at(-1)?.type).toBe('done')
  const { metrics } = await getRun(project, 'run-001')
  expect(metrics.map(({ step }) => step)).toEqual(Array.from({ length: 24 }, (_, index) => index + 1))
  expect(metrics[6]?.learningRate).toBeCloseTo(2e-4)
  expect(metrics[7]?.learningRate).toBeCloseTo(1e-4)
  expect(metrics.every(({ losses }) => Object.values(losses).every(Number.isFinite))).toBe(true)
})

test('before the first saved state it goes back to the start, with the weights of the start', async () => {
  const [broken, calm] = [await createTinyProject(), await createTinyProject()]
  const edges = breakingTrainers((step, learningRate) => step === 3 && learningRate > 1.5e-4)
  const events = await follow(start(broken, { decayShare: 0, steps: 5 }, edges))
  const expected = await follow(start(calm, { decayShare: 0, steps: 5, learningRate: 1e-4 }))
  expect(ofType(events, 'rolled-back')[0]?.step).toBe(0)
  const losses = (all: typeof events) =>
    ofType(all, 'step')
      .slice(-5)
      .map((event) => event.losses)
  expect(losses(events)).toEqual(losses(expected))
})

test('after three returns it stops with the reason and a remedy, and what was saved is whole', async () => {
  const project = await createTinyProject()
  const events = await follow(
    start(
      project,
      {},
      breakingTrainers((step) => step === 10),
    ),
  )
  expect(ofType(events, 'rolled-back').map((event) => event.learningRateScale)).toEqual([0.5, 0.25, 0.125])
  const last = events.at(-1)
  expect(last).toMatchObject({ type: 'failed', refusal: { code: 'not-finite' } })
  const run = await getRun(project, 'run-001')
  expect(run.summary.state).toBe('failed')
  expect(run.checkpoints).toMatchObject([{ step: 7, whole: true }])
})

test('an absurd learning rate never gets NaN into a saved state', async () => {
  const project = await createTinyProject()
  const events = await follow(
    start(project, { learningRate: 0.1, lambdaL1: 10_000, norm: 'none', steps: 16 }),
  )
  expect(['done', 'failed']).toContain(events.at(-1)?.type)
  for (const { losses } of ofType(events, 'step'))
    expect(Object.values(losses).every(Number.isFinite)).toBe(true)
})

test('stopped after a return and resumed equals never stopped', async () => {
  const [whole, broken] = [await createTinyProject(), await createTinyProject()]
  const edges = breakingTrainers(
    (step, rate) => (step === 10 && rate > 1.5e-4) || (step === 17 && rate > 0.8e-4),
  )
  const expected = await follow(start(whole, { decayShare: 0 }, edges))

  let events = expected.slice(0, 0)
  for (const stopAt of [9, 8, 12, 16]) {
    const abort = new AbortController()
    const running =
      stopAt === 9
        ? start(broken, { decayShare: 0 }, edges, abort.signal)
        : resumeRun({ projectFolder: broken }, abort.signal, undefined, { ...realEdges, ...edges })
    let seen = 0
    events = await follow(running, (event) => {
      if (event.type === 'step' && event.step === stopAt && (stopAt !== 8 || (seen += 1) === 1)) abort.abort()
    })
    expect(events.at(-1)?.type).toBe('stopped')
  }
  events = await follow(
    resumeRun({ projectFolder: broken }, undefined, undefined, { ...realEdges, ...edges }),
  )
  const model = (all: typeof events) => ofType(all, 'done')[0]?.model.path ?? ''
  expect(await hashOf(model(events))).toBe(await hashOf(model(expected)))
})
