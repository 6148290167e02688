import { describe, expect, it } from 'vitest'
import {
  newRunProgress,
  reduceRun,
  type RunProgress,
  type TrainingEvent,
} from '../../../src/core/training/reducer.ts'
import type { FileOnDisk } from '../../../src/core/files.ts'
import type { z } from 'zod'

type Event = TrainingEvent<z.ZodType<FileOnDisk>>
const run = 'run-001'
const backend = {
  kind: 'cpu',
  version: '1',
  device: 'CPU',
  precision: 'float32',
  precisionBecause: '',
  threads: 2,
  fellBackBecause: null,
} as const

function step(at: number): Event {
  return {
    type: 'step',
    run,
    step: at,
    steps: 10,
    losses: { G_L1: at },
    learningRate: 1,
    stepMs: 5,
    secondsLeft: 10 - at,
  }
}

function started(at: number): Event {
  return {
    type: 'run-started',
    run,
    step: at,
    recipe: 'pix2pix',
    steps: 10,
    resumed: at > 0,
    parameters: 1,
    backend,
  }
}

function samples(at: number): Event {
  return { type: 'samples', run, step: at, items: [{ name: 'a', visuals: { fakeB: { path: `/${at}` } } }] }
}

function reduce(...events: Event[]): RunProgress<FileOnDisk> {
  return events.reduce((progress, event) => reduceRun(progress, event), newRunProgress<FileOnDisk>(run, 10))
}

describe('a run as its events tell it', () => {
  it('follows steps, pictures, saved states and the end', () => {
    const done: Event = { type: 'done', run, step: 10, model: { path: '/m' }, bestStep: 5, validationL1: 0.1 }
    const checkpoint: Event = { type: 'checkpoint', run, step: 2, validationL1: 0.1, bytes: 9 }
    const progress = reduce(started(0), step(1), step(2), samples(2), checkpoint, done)
    expect(progress).toMatchObject({ state: 'done', step: 2, model: { path: '/m' }, secondsLeft: null })
    expect(progress.metrics.map((point) => point.step)).toEqual([1, 2])
    expect(progress.checkpoints).toEqual([{ step: 2, validationL1: 0.1 }])
  })

  it('shows nothing twice after a resume from an earlier step', () => {
    const progress = reduce(
      started(0),
      step(1),
      samples(1),
      step(2),
      step(3),
      samples(3),
      started(1),
      step(2),
    )
    expect(progress.metrics.map((point) => point.step)).toEqual([1, 2])
    expect(progress.samples.map((sample) => sample.step)).toEqual([1])
  })

  it('takes back what a roll-back made void', () => {
    const back: Event = { type: 'rolled-back', run, step: 1, fromStep: 3, learningRateScale: 0.5 }
    const progress = reduce(started(0), step(1), step(2), step(3), back)
    expect(progress.metrics.map((point) => point.step)).toEqual([1])
    expect(progress.rollbacks).toEqual([{ fromStep: 3, toStep: 1 }])
  })

  it('keeps the identity of what an event does not change', () => {
    const before = reduce(started(0), step(1), samples(1))
    const after = reduceRun(before, step(2))
    expect(after.samples).toBe(before.samples)
    expect(after.findings).toBe(before.findings)
  })
})
