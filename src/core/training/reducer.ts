import type { z } from 'zod'
import type { Refusal } from '../errors.ts'
import type { BackendInfo, RunState } from '../project/project.ts'
import type { trainingEventSchema } from './events.ts'

export type TrainingEvent<F extends z.ZodType> = z.infer<ReturnType<typeof trainingEventSchema<F>>>
type EventOf<F, Type extends string> = Extract<TrainingEvent<z.ZodType<F>>, { type: Type }>

export type MetricPoint = { step: number; losses: Record<string, number>; learningRate: number }

/** All that a screen needs to know of a run: a pure function of its events, for window and command line alike. */
export type RunProgress<F> = {
  run: string
  state: RunState
  step: number
  steps: number
  stepMs: number | null
  secondsLeft: number | null
  backend: BackendInfo | null
  metrics: MetricPoint[]
  samples: { step: number; items: EventOf<F, 'samples'>['items'] }[]
  checkpoints: { step: number; validationL1: number | null }[]
  findings: { step: number; finding: EventOf<F, 'finding'>['finding'] }[]
  rollbacks: { fromStep: number; toStep: number }[]
  model: F | null
  refusal: Refusal | null
}

export function newRunProgress<F>(run: string, steps: number): RunProgress<F> {
  return {
    run,
    state: 'new',
    step: 0,
    steps,
    stepMs: null,
    secondsLeft: null,
    backend: null,
    metrics: [],
    samples: [],
    checkpoints: [],
    findings: [],
    rollbacks: [],
    model: null,
    refusal: null,
  }
}

/** What came after a step is void once a run has gone back to it. */
function cutAfter<T extends { step: number }>(entries: readonly T[], step: number): T[] {
  return entries.filter((entry) => entry.step <= step)
}

function reduceStarted<F>(progress: RunProgress<F>, event: EventOf<F, 'run-started'>): RunProgress<F> {
  return {
    ...progress,
    run: event.run,
    state: 'running',
    step: event.step,
    steps: event.steps,
    backend: event.backend,
    refusal: null,
    metrics: cutAfter(progress.metrics, event.step),
    samples: cutAfter(progress.samples, event.step),
    checkpoints: cutAfter(progress.checkpoints, event.step),
  }
}

function reduceRollback<F>(progress: RunProgress<F>, event: EventOf<F, 'rolled-back'>): RunProgress<F> {
  return {
    ...progress,
    step: event.step,
    metrics: cutAfter(progress.metrics, event.step),
    samples: cutAfter(progress.samples, event.step),
    rollbacks: [...progress.rollbacks, { fromStep: event.fromStep, toStep: event.step }],
  }
}

/** The next state of a run. Unchanged parts keep their identity, so that views select cheaply. */
export function reduceRun<F>(progress: RunProgress<F>, event: TrainingEvent<z.ZodType<F>>): RunProgress<F> {
  switch (event.type) {
    case 'run-started':
      return reduceStarted(progress, event)
    case 'step': {
      const { step, steps, losses, learningRate, stepMs, secondsLeft } = event
      return {
        ...progress,
        step,
        steps,
        stepMs,
        secondsLeft,
        metrics: [...progress.metrics, { step, losses, learningRate }],
      }
    }
    case 'samples':
      return {
        ...progress,
        samples: [...cutAfter(progress.samples, event.step - 1), { step: event.step, items: event.items }],
      }
    case 'checkpoint': {
      const checkpoint = { step: event.step, validationL1: event.validationL1 }
      return { ...progress, checkpoints: [...cutAfter(progress.checkpoints, event.step - 1), checkpoint] }
    }
    case 'finding':
      return { ...progress, findings: [...progress.findings, { step: event.step, finding: event.finding }] }
    case 'rolled-back':
      return reduceRollback(progress, event)
    case 'paused':
      return { ...progress, state: 'paused', secondsLeft: null }
    case 'continued':
      return { ...progress, state: 'running' }
    case 'stopped':
      return { ...progress, state: 'stopped', secondsLeft: null }
    case 'done':
      return { ...progress, state: 'done', secondsLeft: null, model: event.model }
    case 'failed':
      return { ...progress, state: 'failed', secondsLeft: null, refusal: event.refusal }
  }
}
