import { describe, expect, it } from 'vitest'
import type { EngineJobEvent } from '../../../src/core/contract/index.ts'
import { refuse } from '../../../src/core/errors.ts'
import type { PauseControl } from '../../../src/engine/server/control.ts'
import { Jobs } from '../../../src/engine/server/jobs.ts'

type TrainEvent = Extract<EngineJobEvent, { kind: 'train' }>['event']
type TranslateEvent = Extract<EngineJobEvent, { kind: 'translate' }>['event']

const step = (count: number): TrainEvent => ({ type: 'stopped', run: 'run-001', step: count })
const tick = () => new Promise((resolve) => setTimeout(resolve, 5))

/** A training that behaves as the real one: pauses between steps, and saves when it is stopped. */
async function* train(signal: AbortSignal, control: PauseControl): AsyncGenerator<TrainEvent> {
  yield { type: 'continued', run: 'run-001', step: 0 }
  let count = 0
  while (!signal.aborted) {
    if (control.isPaused()) {
      yield { type: 'paused', run: 'run-001', step: count }
      await control.whilePaused(signal)
      if (!signal.aborted) yield { type: 'continued', run: 'run-001', step: count }
    }
    count += 1
    await tick()
  }
  yield step(count)
}

async function* translate(signal: AbortSignal): AsyncGenerator<TranslateEvent> {
  while (!signal.aborted) await tick()
  const output = { path: '/out' }
  yield { type: 'translate-done', translated: 0, failed: 0, skipped: 0, cancelled: true, output }
}

function createJobs() {
  const events: EngineJobEvent[] = []
  const jobs = new Jobs((event) => events.push(event))
  const types = () => events.map(({ event }) => event.type)
  const reaches = (type: string) => expect.poll(types).toContain(type)
  return { jobs, events, types, reaches }
}

describe('jobs', () => {
  it('start with an answer that names the run, and its first event comes after it', async () => {
    const { jobs, types, reaches } = createJobs()
    expect(await jobs.startTraining(train)).toEqual({ job: 'job-1', run: 'run-001' })
    expect(types()).toEqual([])
    await reaches('continued')
    await jobs.stopAll()
    expect(types().at(-1)).toBe('stopped')
    expect(jobs.isBusy()).toBe(false)
  })

  it('compute one at a time; a paused training makes room, and does not go on beside another', async () => {
    const { jobs, reaches } = createJobs()
    const { job } = await jobs.startTraining(train)
    await expect(jobs.startTraining(train)).rejects.toThrow('open already')
    expect(() => jobs.start('translate', translate)).toThrow('A training is running')
    jobs.pause(job)
    await reaches('paused')
    expect(jobs.isBusy()).toBe(false)
    const other = jobs.start('translate', translate)
    await expect(jobs.startTraining(train)).rejects.toThrow('open already')
    expect(() => jobs.continue(job)).toThrow('A translation is running')
    jobs.stop(other.job)
    await reaches('translate-done')
    jobs.continue(job)
    await expect.poll(() => jobs.isBusy()).toBe(true)
    await jobs.stopAll()
  })

  it('end all when the engine leaves, also those that are paused', async () => {
    const { jobs, types, reaches } = createJobs()
    const { job } = await jobs.startTraining(train)
    jobs.pause(job)
    await reaches('paused')
    await jobs.stopAll()
    expect(types().at(-1)).toBe('stopped')
  })

  it('that cannot start are refused, and leave no trace', async () => {
    const { jobs } = createJobs()
    const broken = async function* (): AsyncGenerator<TrainEvent> {
      throw refuse('disk-full', 'The disk is full.', 'Make room.')
    }
    await expect(jobs.startTraining(broken)).rejects.toMatchObject({ refusal: { code: 'disk-full' } })
    expect(jobs.isBusy()).toBe(false)
    await jobs.startTraining(train)
    await jobs.stopAll()
  })

  it('that fail on their way say so as their last event, with the reason', async () => {
    const { jobs, events, reaches } = createJobs()
    await jobs.startTraining(async function* () {
      yield { type: 'continued', run: 'run-007', step: 41 }
      throw refuse('disk-full', 'The disk is full.', 'Make room.')
    })
    await reaches('failed')
    expect(events.at(-1)?.event).toMatchObject({
      type: 'failed',
      run: 'run-007',
      step: 41,
      refusal: { code: 'disk-full' },
    })
    jobs.start('translate', async function* () {
      yield { type: 'translate-started', total: 1, output: { path: '/out' }, backend: 'cpu' }
      throw new Error('a bug')
    })
    await reaches('translate-failed')
    expect(events.at(-1)?.event).toMatchObject({
      refusal: { code: 'internal', message: expect.stringContaining('a bug') },
    })
    expect(jobs.isBusy()).toBe(false)
  })

  it('that are reports and are stopped say so, and tell no bug', async () => {
    const { jobs, events, reaches } = createJobs()
    const { job } = jobs.start('report', async function* (signal) {
      yield { type: 'report-progress', done: 1, total: 2 }
      while (!signal.aborted) await tick()
      signal.throwIfAborted()
    })
    await reaches('report-progress')
    jobs.stop(job)
    await reaches('report-failed')
    expect(events.at(-1)?.event).toMatchObject({ refusal: { code: 'stopped' } })
  })

  it('that are evaluations and are stopped say that what was scored is kept', async () => {
    const { jobs, events, reaches } = createJobs()
    const { job } = jobs.start('evaluate', async function* (signal) {
      yield { type: 'evaluation-progress', done: 1, total: 2, secondsLeft: null }
      while (!signal.aborted) await tick()
      signal.throwIfAborted()
    })
    await reaches('evaluation-progress')
    expect(() => jobs.start('translate', translate)).toThrow('An evaluation is running')
    jobs.stop(job)
    await reaches('evaluation-failed')
    expect(events.at(-1)?.event).toMatchObject({
      refusal: { code: 'stopped', remedy: expect.stringContaining('kept') },
    })
    expect(jobs.isBusy()).toBe(false)
  })

  it('that have ended are unknown, and only trainings pause', async () => {
    const { jobs } = createJobs()
    expect(() => jobs.stop('job-9')).toThrow('already ended')
    const { job } = jobs.start('translate', translate)
    expect(() => jobs.pause(job)).toThrow('cannot be paused')
    await jobs.stopAll()
  })
})
