import type { EngineJobEvent } from '../../core/contract/index.ts'
import { Refused, refusalOf, refuse, type Refusal } from '../../core/errors.ts'
import { createPauseControl, type PauseControl } from './control.ts'

type Kind = EngineJobEvent['kind']
type EventOf<K extends Kind> = Extract<EngineJobEvent, { kind: K }>['event']
type TrainEvent = EventOf<'train'>

type Job = {
  kind: Kind
  abort: AbortController
  control: PauseControl
  /** True between the events `paused` and `continued`: then its place is free for other work. */
  resting: boolean
  finished: Promise<void>
}

export type Jobs = {
  /** Starts a training and waits for its first event, which names the run. A training that cannot start is a refusal. */
  startTraining(
    open: (signal: AbortSignal, control: PauseControl) => AsyncGenerator<TrainEvent>,
  ): Promise<{ job: string; run: string }>
  startTranslation(open: (signal: AbortSignal) => AsyncGenerator<EventOf<'translate'>>): { job: string }
  startReport(open: (signal: AbortSignal) => AsyncGenerator<EventOf<'report'>>): { job: string }
  pause(job: string): void
  continue(job: string): void
  stop(job: string): void
  /** Aborts everything; resolves when each job has saved what it can. */
  stopAll(): Promise<void>
  isBusy(): boolean
}

const namesOfKinds = { train: 'A training', translate: 'A translation', report: 'A report' } as const

/**
 * Long work: async generators whose events are sent on. One thing computes at a time; a paused training makes room for a
 * translation or a report.
 */
export function createJobs(send: (event: EngineJobEvent) => void): Jobs {
  const jobs = new Map<string, Job>()
  let count = 0

  const active = () => [...jobs.values()].find((job) => !job.resting)

  function refuseWhenBusy(): void {
    const other = active()
    if (other)
      throw refuse(
        'engine-busy',
        `${namesOfKinds[other.kind]} is running.`,
        other.kind === 'train'
          ? 'Pause the training, or wait until it is done.'
          : 'Wait until it is done, or stop it.',
      )
  }

  function find(id: string): Job {
    const job = jobs.get(id)
    if (job) return job
    throw refuse('job-unknown', 'This work has already ended.', 'Nothing needs to be done.')
  }

  function findTraining(id: string): Job {
    const job = find(id)
    if (job.kind === 'train') return job
    throw refuse('job-not-pausable', `${namesOfKinds[job.kind]} cannot be paused.`, 'Stop it instead.')
  }

  function enter(kind: Kind): { id: string; job: Job } {
    count += 1
    const id = `job-${count}`
    const job: Job = {
      kind,
      abort: new AbortController(),
      control: createPauseControl(),
      resting: false,
      finished: Promise.resolve(),
    }
    jobs.set(id, job)
    return { id, job }
  }

  /** Sends on what a generator yields; what it throws becomes its last event. */
  function follow<E>(
    { id, job }: { id: string; job: Job },
    events: AsyncIterable<E>,
    wrap: (event: E) => EngineJobEvent,
    failed: (refusal: Refusal) => EngineJobEvent,
  ): void {
    const pump = async () => {
      try {
        for await (const event of events) send(wrap(event))
      } catch (error) {
        tellBug(error)
        send(failed(refusalOf(error)))
      } finally {
        jobs.delete(id)
      }
    }
    job.finished = pump()
  }

  async function startTraining(
    open: (signal: AbortSignal, control: PauseControl) => AsyncGenerator<TrainEvent>,
  ): Promise<{ job: string; run: string }> {
    if ([...jobs.values()].some(({ kind }) => kind === 'train'))
      throw refuse('training-running', 'A training is open already.', 'Stop it, or wait until it is done.')
    refuseWhenBusy()
    const entry = enter('train')
    const { id, job } = entry
    const events = open(job.abort.signal, job.control)
    const first = await firstOf(events).catch((error: unknown) => {
      jobs.delete(id)
      throw error
    })
    let last = first
    const wrap = (event: TrainEvent): EngineJobEvent => {
      last = event
      if (event.type === 'paused') job.resting = true
      if (event.type === 'continued') job.resting = false
      return { kind: 'train', job: id, event }
    }
    const failed = (refusal: Refusal): EngineJobEvent => ({
      kind: 'train',
      job: id,
      event: { type: 'failed', run: last.run, step: last.step, refusal },
    })
    follow(entry, afterAnswer(first, events), wrap, failed)
    return { job: id, run: first.run }
  }

  return {
    startTraining,
    startTranslation: (open) => {
      refuseWhenBusy()
      const entry = enter('translate')
      const { id: job } = entry
      follow(
        entry,
        afterAnswer(null, open(entry.job.abort.signal)),
        (event) => ({ kind: 'translate', job, event }),
        (refusal) => ({ kind: 'translate', job, event: { type: 'translate-failed', refusal } }),
      )
      return { job }
    },
    startReport: (open) => {
      refuseWhenBusy()
      const entry = enter('report')
      const { id: job } = entry
      follow(
        entry,
        afterAnswer(null, open(entry.job.abort.signal)),
        (event) => ({ kind: 'report', job, event }),
        (refusal) => ({ kind: 'report', job, event: { type: 'report-failed', refusal } }),
      )
      return { job }
    },
    pause: (id) => findTraining(id).control.pause(),
    continue: (id) => {
      const job = findTraining(id)
      if (job.resting) refuseWhenBusy()
      job.control.continue()
    },
    stop: (id) => find(id).abort.abort(),
    stopAll: async () => {
      for (const job of jobs.values()) job.abort.abort()
      await Promise.all([...jobs.values()].map((job) => job.finished))
    },
    isBusy: () => active() !== undefined,
  }
}

async function firstOf(events: AsyncGenerator<TrainEvent>): Promise<TrainEvent> {
  const first = await events.next()
  if (first.done) throw new Error('The training ended before it began.')
  return first.value
}

/** The events from the first on, begun after the answer that names the job has been sent. */
async function* afterAnswer<E>(first: E | null, rest: AsyncGenerator<E>): AsyncGenerator<E> {
  await new Promise((resolve) => setImmediate(resolve))
  if (first !== null) yield first
  yield* rest
}

/** A bug goes to the log with its stack; an expected failure is told by its refusal alone. */
export function tellBug(error: unknown): void {
  if (!(error instanceof Refused))
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`)
}
