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

type OtherKind = Exclude<Kind, 'train'>

const namesOfKinds = {
  train: 'A training',
  translate: 'A translation',
  generate: 'The making of a data set',
  report: 'A report',
  evaluate: 'An evaluation',
  plan: 'A plan',
  sweep: 'A trial of several settings',
  judge: 'A verdict',
} as const satisfies Record<Kind, string>

/** What work that failed says last, and what it says where stopping it leaves nothing half done to tell. */
const endings: Record<OtherKind, { failed: string; stopped?: Refused }> = {
  translate: { failed: 'translate-failed' },
  generate: {
    failed: 'generation-failed',
    stopped: refuse(
      'stopped',
      'The making of the data set was stopped before its first picture.',
      'Start it again when you need it.',
    ),
  },
  report: {
    failed: 'report-failed',
    stopped: refuse('stopped', 'The report was stopped.', 'Write it again when you need it.'),
  },
  evaluate: {
    failed: 'evaluation-failed',
    stopped: refuse(
      'stopped',
      'The evaluation was stopped.',
      'What was scored is kept. Start it again to score the rest.',
    ),
  },
  sweep: { failed: 'sweep-failed' },
  plan: {
    failed: 'plan-failed',
    stopped: refuse('stopped', 'The plan was stopped.', 'Nothing was changed. Ask again when you need it.'),
  },
  judge: {
    failed: 'judging-failed',
    stopped: refuse(
      'stopped',
      'The judge was stopped.',
      'Nothing was changed. Ask it again when you need it.',
    ),
  },
}

/**
 * Long work: async generators whose events are sent on. One thing computes at a time; a paused training makes room for
 * all other work.
 */
export class Jobs {
  readonly #jobs = new Map<string, Job>()
  readonly #send: (event: EngineJobEvent) => void
  #count = 0

  constructor(send: (event: EngineJobEvent) => void) {
    this.#send = send
  }

  /** Starts a training and waits for its first event, which names the run. A training that cannot start is a refusal. */
  async startTraining(
    open: (signal: AbortSignal, control: PauseControl) => AsyncGenerator<TrainEvent>,
  ): Promise<{ job: string; run: string }> {
    if ([...this.#jobs.values()].some(({ kind }) => kind === 'train'))
      throw refuse('training-running', 'A training is open already.', 'Stop it, or wait until it is done.')
    const { id, job } = this.#enter('train')
    const events = open(job.abort.signal, job.control)
    const first = await this.#firstOf(id, events)
    let last = first
    const wrap = (event: TrainEvent): EngineJobEvent => {
      last = event
      if (event.type === 'paused') job.resting = true
      if (event.type === 'continued') job.resting = false
      return { kind: 'train', job: id, event }
    }
    const failed = (refusal: Refusal) => wrap({ type: 'failed', run: last.run, step: last.step, refusal })
    this.#follow(id, job, afterAnswer(first, events), wrap, failed)
    return { job: id, run: first.run }
  }

  /** Starts any other work. What it throws becomes its last event. */
  start<K extends OtherKind>(
    kind: K,
    open: (signal: AbortSignal) => AsyncGenerator<EventOf<K>>,
  ): { job: string } {
    const { id, job } = this.#enter(kind)
    const wrap = (event: EventOf<K>) => ({ kind, job: id, event }) as EngineJobEvent
    const { failed, stopped } = endings[kind]
    const { signal } = job.abort
    const events = stopped ? tellingStop(open(signal), signal, stopped) : open(signal)
    this.#follow(id, job, afterAnswer(null, events), wrap, (refusal) =>
      wrap({ type: failed, refusal } as EventOf<K>),
    )
    return { job: id }
  }

  pause(id: string): void {
    this.#findTraining(id).control.pause()
  }

  continue(id: string): void {
    const job = this.#findTraining(id)
    if (job.resting) this.#refuseWhenBusy()
    job.control.continue()
  }

  stop(id: string): void {
    this.#find(id).abort.abort()
  }

  /** Aborts everything; resolves when each job has saved what it can. */
  async stopAll(): Promise<void> {
    for (const job of this.#jobs.values()) job.abort.abort()
    await Promise.all([...this.#jobs.values()].map((job) => job.finished))
  }

  isBusy(): boolean {
    return this.#active() !== undefined
  }

  #active(): Job | undefined {
    return [...this.#jobs.values()].find((job) => !job.resting)
  }

  #refuseWhenBusy(): void {
    const other = this.#active()
    if (!other) return
    const remedy =
      other.kind === 'train'
        ? 'Pause the training, or wait until it is done.'
        : 'Wait until it is done, or stop it.'
    throw refuse('engine-busy', `${namesOfKinds[other.kind]} is running.`, remedy)
  }

  #find(id: string): Job {
    const job = this.#jobs.get(id)
    if (job) return job
    throw refuse('job-unknown', 'This work has already ended.', 'Nothing needs to be done.')
  }

  #findTraining(id: string): Job {
    const job = this.#find(id)
    if (job.kind === 'train') return job
    throw refuse('job-not-pausable', `${namesOfKinds[job.kind]} cannot be paused.`, 'Stop it instead.')
  }

  #enter(kind: Kind): { id: string; job: Job } {
    this.#refuseWhenBusy()
    this.#count += 1
    const id = `job-${this.#count}`
    const job: Job = {
      kind,
      abort: new AbortController(),
      control: createPauseControl(),
      resting: false,
      finished: Promise.resolve(),
    }
    this.#jobs.set(id, job)
    return { id, job }
  }

  /** A training stopped before its first event has ended, too. */
  async #firstOf(id: string, events: AsyncGenerator<TrainEvent>): Promise<TrainEvent> {
    try {
      const first = await events.next()
      if (first.done)
        throw refuse('training-stopped', 'The training was stopped before it began.', 'Start it again.')
      return first.value
    } catch (error) {
      this.#jobs.delete(id)
      throw error
    }
  }

  /** Sends on what a generator yields; what it throws becomes its last event. */
  #follow<E>(
    id: string,
    job: Job,
    events: AsyncIterable<E>,
    wrap: (event: E) => EngineJobEvent,
    failed: (refusal: Refusal) => EngineJobEvent,
  ): void {
    const pump = async () => {
      try {
        for await (const event of events) this.#send(wrap(event))
      } catch (error) {
        tellBug(error)
        this.#send(failed(refusalOf(error)))
      } finally {
        this.#jobs.delete(id)
      }
    }
    job.finished = pump()
  }
}

/** The events from the first on, begun after the answer that names the job has been sent. */
async function* afterAnswer<E>(first: E | null, rest: AsyncGenerator<E>): AsyncGenerator<E> {
  await new Promise((resolve) => setImmediate(resolve))
  if (first !== null) yield first
  yield* rest
}

/** What has no half of itself to tell when it is stopped ends by AbortError, which is no bug: `stopped` says so. */
async function* tellingStop<E>(
  events: AsyncGenerator<E>,
  signal: AbortSignal,
  stopped: Refused,
): AsyncGenerator<E> {
  try {
    yield* events
  } catch (error) {
    if (signal.aborted && error instanceof Error && error.name === 'AbortError') throw stopped
    throw error
  }
}

/** A bug goes to the log with its stack; an expected failure is told by its refusal alone. */
export function tellBug(error: unknown): void {
  if (!(error instanceof Refused))
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`)
}
