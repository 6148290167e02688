import { createStore } from 'zustand/vanilla'
import type { WindowEvent, WindowReply, WindowViews } from '../../core/contract/index.ts'
import type { Refusal } from '../../core/errors.ts'
import type { EvaluationEvent, EvaluationRow } from '../../core/evaluation/events.ts'
import type { FileHandle } from '../../core/files.ts'
import type { RunSummary, TrainingSettings } from '../../core/project/project.ts'
import { newRunProgress, reduceRun } from '../../core/training/reducer.ts'
import type { RunProgress } from '../../core/training/reducer.ts'
import { ask } from '../bridge.ts'
import { enterJob } from './jobs.ts'
import { failed, idle, load, loading, ready, valueOf } from './loadable.ts'
import type { Loadable } from './loadable.ts'
import { attempt } from './notices.ts'
import { shellStore } from './shell.ts'

export type Progress = RunProgress<FileHandle>
export type ReportEvent = Extract<WindowEvent, { kind: 'report' }>['event']
export type ReportDone = Extract<ReportEvent, { type: 'report' }>
export type ReportState =
  | { status: 'working'; job: string }
  | { status: 'done'; report: ReportDone }
  | { status: 'failed'; refusal: Refusal }

/** Scoring of a run's saved states: at work, or why it ended. */
export type ScoringState = { job: string; split: 'val' | 'test'; refusal: Refusal | null }

type RunsState = {
  list: Loadable<readonly RunSummary[]>
  /** null: a new run is being set up. */
  selected: string | null
  details: Readonly<Record<string, Loadable<WindowViews['run']>>>
  progress: Readonly<Record<string, Progress>>
  reports: Readonly<Record<string, ReportState>>
  scorings: Readonly<Record<string, ScoringState>>
  starting: boolean
}

function emptyRuns(): RunsState {
  return { list: idle, selected: null, details: {}, progress: {}, reports: {}, scorings: {}, starting: false }
}

export const runsStore = createStore<RunsState>(() => emptyRuns())

export function resetRuns(): void {
  runsStore.setState(emptyRuns())
}

/** What is on disk, as the start of the same progress that events go on with. */
export function progressOf(view: WindowReply<'run:get'>): Progress {
  return {
    ...newRunProgress<FileHandle>(view.summary.run, view.summary.steps),
    state: view.summary.state,
    step: view.summary.step,
    backend: view.config.backend,
    metrics: view.metrics,
    samples: view.samples,
    checkpoints: view.checkpoints.map(({ step, validationL1 }) => ({ step, validationL1 })),
    model: view.model,
  }
}

type Stepped = { step: number }

function before<T extends Stepped>(stored: readonly T[], live: readonly T[]): T[] {
  const first = live[0]?.step ?? Infinity
  return [...stored.filter((entry) => entry.step < first), ...live]
}

/** Events may have come while the disk was read: what was stored goes before what was heard. */
export function mergeProgress(stored: Progress, live: Progress | undefined): Progress {
  if (!live || (live.metrics.length === 0 && live.state === 'new')) return stored
  return {
    ...live,
    metrics: before(stored.metrics, live.metrics),
    samples: before(stored.samples, live.samples),
    checkpoints: before(stored.checkpoints, live.checkpoints),
    backend: live.backend ?? stored.backend,
    model: live.model ?? stored.model,
    steps: live.steps || stored.steps,
  }
}

export async function listRuns(project: FileHandle): Promise<void> {
  if (runsStore.getState().list.status !== 'ready') runsStore.setState({ list: loading })
  try {
    const list = await ask('run:list', { project })
    const sorted = [...list].sort((one, other) => other.run.localeCompare(one.run, 'en', { numeric: true }))
    runsStore.setState({ list: ready<readonly RunSummary[]>(sorted) })
  } catch (error) {
    runsStore.setState({ list: failed(error) })
  }
}

function tellRun(run: string, state: Loadable<WindowViews['run']>): void {
  runsStore.setState(({ details, progress }) => ({
    details: { ...details, [run]: state },
    progress:
      state.status === 'ready'
        ? { ...progress, [run]: mergeProgress(progressOf(state.value), progress[run]) }
        : progress,
  }))
}

/** Takes what a request told of a run. */
export function takeView(view: WindowViews['run']): void {
  tellRun(view.summary.run, ready(view))
}

export function openRun(project: FileHandle, run: string): Promise<void> {
  runsStore.setState({ selected: run })
  return readRun(project, run)
}

/** Reads a run without showing it in Train; what is known already stays in sight meanwhile. */
export async function readRun(project: FileHandle, run: string): Promise<void> {
  const tell = (state: Loadable<WindowViews['run']>) => tellRun(run, state)
  const known = runsStore.getState().details[run]
  const view = () => ask('run:get', { project, run })
  if (known?.status !== 'ready') return load(view, tell)
  try {
    tell(ready(await view()))
  } catch (error) {
    tell(failed(error))
  }
}

export function setUpNewRun(): void {
  runsStore.setState({ selected: null })
}

function rememberStart(reply: { job: string; run: string }): void {
  enterJob(reply.job, 'train', reply.run)
  runsStore.setState(({ progress }) => ({
    selected: reply.run,
    progress: { ...progress, [reply.run]: progress[reply.run] ?? newRunProgress<FileHandle>(reply.run, 0) },
  }))
}

export async function startRun(project: FileHandle, training: TrainingSettings): Promise<void> {
  runsStore.setState({ starting: true })
  await attempt(async () => {
    // What was trained with last is what the form, and the command line, begin with next time.
    shellStore.setState({ project: await ask('project:setTraining', { project, training }) })
    rememberStart(await ask('run:start', { project, training }))
    await listRuns(project)
  })
  runsStore.setState({ starting: false })
}

export async function resumeRun(project: FileHandle, run: string): Promise<void> {
  runsStore.setState({ starting: true })
  await attempt(async () => {
    rememberStart(await ask('run:resume', { project, run }))
    await openRun(project, run)
  })
  runsStore.setState({ starting: false })
}

export function writeReport(project: FileHandle, run: string): Promise<void> {
  return attempt(async () => {
    const { job } = await ask('report:write', { project, run, output: null })
    enterJob(job, 'report', run)
    runsStore.setState(({ reports }) => ({ reports: { ...reports, [run]: { status: 'working', job } } }))
  })
}

/** Scores saved states on the hold-out; `steps` null: all that are saved. */
export function scoreStates(
  project: FileHandle,
  run: string,
  split: 'val' | 'test',
  steps: number[] | null,
): Promise<void> {
  return attempt(async () => {
    const { job } = await ask('evaluate:start', { project, run, split, steps })
    enterJob(job, 'evaluate', run)
    runsStore.setState(({ scorings }) => ({
      scorings: { ...scorings, [run]: { job, split, refusal: null } },
    }))
  })
}

/** Newer scores of a state take the place of older ones. */
function withRows(state: RunsState, run: string, rows: readonly EvaluationRow[]): Partial<RunsState> {
  const known = state.details[run]
  if (known?.status !== 'ready') return {}
  const isNewer = (old: EvaluationRow) =>
    rows.some(({ step, split }) => step === old.step && split === old.split)
  const evaluations = [...known.value.evaluations.filter((old) => !isNewer(old)), ...rows]
  return { details: { ...state.details, [run]: ready({ ...known.value, evaluations }) } }
}

function reduceScoring(state: RunsState, job: string, event: EvaluationEvent): Partial<RunsState> {
  if (event.type === 'checkpoint-evaluated') return withRows(state, event.run, [event.row])
  if (event.type === 'evaluated') return withRows(state, event.run, event.rows)
  if (event.type !== 'evaluation-failed') return {}
  const entry = Object.entries(state.scorings).find(([, scoring]) => scoring.job === job)
  if (!entry) return {}
  const [run, scoring] = entry
  return { scorings: { ...state.scorings, [run]: { ...scoring, refusal: event.refusal } } }
}

function summariesAfter(list: RunsState['list'], progress: Progress): RunsState['list'] {
  const known = valueOf(list)
  if (!known) return list
  const scores = progress.checkpoints.flatMap(({ validationL1 }) =>
    validationL1 === null ? [] : [validationL1],
  )
  const bestL1 = scores.length > 0 ? Math.min(...scores) : null
  return ready(
    known.map((summary) =>
      summary.run === progress.run
        ? { ...summary, state: progress.state, step: progress.step, bestL1: bestL1 ?? summary.bestL1 }
        : summary,
    ),
  )
}

function reduceReport(state: RunsState, job: string, event: ReportEvent): Partial<RunsState> {
  const run = Object.entries(state.reports).find(
    ([, report]) => report.status === 'working' && report.job === job,
  )?.[0]
  if (!run || event.type === 'report-progress') return {}
  const report: ReportState =
    event.type === 'report' ? { status: 'done', report: event } : { status: 'failed', refusal: event.refusal }
  return { reports: { ...state.reports, [run]: report } }
}

/** The next state of all runs, one batch of events at a time: one render for many steps. */
export function reduceRuns(state: RunsState, events: readonly WindowEvent[]): RunsState {
  let next = state
  for (const event of events) {
    if (event.kind === 'report') next = { ...next, ...reduceReport(next, event.job, event.event) }
    if (event.kind === 'evaluate') next = { ...next, ...reduceScoring(next, event.job, event.event) }
    if (event.kind === 'engine') next = { ...next, progress: afterEngine(next.progress, event.status.state) }
    if (event.kind !== 'train') continue
    const { run } = event.event
    const progress = reduceRun<FileHandle>(
      next.progress[run] ?? newRunProgress<FileHandle>(run, 0),
      event.event,
    )
    next = {
      ...next,
      progress: { ...next.progress, [run]: progress },
      list: summariesAfter(next.list, progress),
    }
  }
  return next
}

/** A run whose engine is gone has stopped, whatever its last event said: it goes on from its last saved state. */
function afterEngine(progress: RunsState['progress'], state: string): RunsState['progress'] {
  if (state === 'ready' || state === 'starting') return progress
  return Object.fromEntries(
    Object.entries(progress).map(([run, known]) => [
      run,
      known.state === 'running' || known.state === 'paused'
        ? { ...known, state: 'stopped', secondsLeft: null }
        : known,
    ]),
  )
}
