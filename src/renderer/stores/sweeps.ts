import { createStore } from 'zustand/vanilla'
import type { WindowEvent } from '../../core/contract/index.ts'
import type { Refusal } from '../../core/errors.ts'
import type { FileHandle } from '../../core/files.ts'
import type { SweepPlan } from '../../core/planning/plan.ts'
import type { TrainingSettings } from '../../core/project/project.ts'
import type { SettingValues, Sweep, SweepRequest } from '../../core/sweeps/sweep.ts'
import { ask } from '../bridge.ts'
import { enterJob } from './jobs.ts'
import { idle, load, ready, valueOf } from './loadable.ts'
import type { Loadable } from './loadable.ts'
import { attempt } from './notices.ts'
import { setUpNewRun } from './runs.ts'
import { resetTraining } from './training.ts'

type Listed = { sweeps: readonly Sweep[]; damaged: readonly Refusal[] }
export type SweepPlanned =
  | { status: 'none' }
  | { status: 'working'; job: string; done: number; total: number }
  | { status: 'ready'; plan: SweepPlan }
  | { status: 'failed'; refusal: Refusal }

type SweepsState = {
  list: Loadable<Listed>
  /** What Train shows while no run is chosen; null: a new run is being set up. */
  selected: string | null
  /** The one at work; `sweep` is known from its first event on. */
  live: { job: string; sweep: string | null } | null
  /** Why one ended before all was compared, by name; under '' what did not begin. */
  failures: Readonly<Record<string, Refusal>>
  planned: SweepPlanned
  asking: boolean
}

function noSweeps(): SweepsState {
  return { list: idle, selected: null, live: null, failures: {}, planned: { status: 'none' }, asking: false }
}

export const sweepsStore = createStore<SweepsState>(noSweeps)

export function resetSweeps(): void {
  sweepsStore.setState(noSweeps())
}

export async function listSweeps(project: FileHandle): Promise<void> {
  const known = sweepsStore.getState().list.status === 'ready'
  await load<Listed>(
    () => ask('sweep:list', { project }),
    (list) => {
      if (!known || list.status !== 'loading') sweepsStore.setState({ list })
    },
  )
}

export function openSweep(sweep: string | null): void {
  setUpNewRun()
  sweepsStore.setState({ selected: sweep })
}

/** Asks for one piece of work at a time. */
async function asking(work: () => Promise<void>): Promise<void> {
  sweepsStore.setState({ asking: true })
  await attempt(work)
  sweepsStore.setState({ asking: false })
}

function without(failures: SweepsState['failures'], name: string): SweepsState['failures'] {
  return Object.fromEntries(Object.entries(failures).filter(([known]) => known !== name))
}

export function startSweep(project: FileHandle, sweep: SweepRequest): Promise<void> {
  return asking(async () => {
    const { job } = await ask('sweep:start', { project, sweep })
    enterJob(job, 'sweep')
    sweepsStore.setState(({ failures }) => ({
      live: { job, sweep: null },
      failures: without(failures, ''),
    }))
  })
}

export function resumeSweep(project: FileHandle, sweep: string): Promise<void> {
  return asking(async () => {
    const { job } = await ask('sweep:resume', { project, sweep })
    enterJob(job, 'sweep')
    sweepsStore.setState(({ failures }) => ({ live: { job, sweep }, failures: without(failures, sweep) }))
  })
}

export function planSweep(project: FileHandle, sweep: SweepRequest): Promise<void> {
  return asking(async () => {
    const { job } = await ask('sweep:plan', { project, sweep })
    enterJob(job, 'plan')
    sweepsStore.setState({ planned: { status: 'working', job, done: 0, total: 0 } })
  })
}

/** Puts a setting that was tried into the form of a new run. */
export function takeSetting({ recipe, options }: TrainingSettings, setting: SettingValues): void {
  resetTraining({ recipe, options: { ...options, ...setting } })
  openSweep(null)
}

/** The newer word on a sweep takes the place of the older one. */
function withSweep(list: Loadable<Listed>, sweep: Sweep): Loadable<Listed> {
  const { sweeps, damaged } = valueOf(list) ?? { sweeps: [], damaged: [] }
  const isKnown = sweeps.some((known) => known.sweep === sweep.sweep)
  const changed = sweeps.map((known) => (known.sweep === sweep.sweep ? sweep : known))
  return ready({ sweeps: isKnown ? changed : [sweep, ...sweeps], damaged })
}

type EventOf<Kind extends string> = Extract<WindowEvent, { kind: Kind }>

function afterSweep(state: SweepsState, { job, event }: EventOf<'sweep'>): SweepsState {
  const isOwn = state.live?.job === job
  if (event.type === 'sweep-run') return state
  if (event.type === 'sweep-failed') {
    const name = (isOwn ? state.live?.sweep : null) ?? ''
    return {
      ...state,
      live: isOwn ? null : state.live,
      failures: { ...state.failures, [name]: event.refusal },
    }
  }
  const { sweep } = event
  const list = withSweep(state.list, sweep)
  if (event.type !== 'sweep') return { ...state, list, live: isOwn ? null : state.live }
  const begins = isOwn && state.live?.sweep === null
  return {
    ...state,
    list,
    live: { job, sweep: sweep.sweep },
    selected: begins ? sweep.sweep : state.selected,
  }
}

function afterPlan(state: SweepsState, { job, event }: EventOf<'plan'>): SweepsState {
  const { planned } = state
  if (planned.status !== 'working' || planned.job !== job) return state
  switch (event.type) {
    case 'plan-progress':
      return { ...state, planned: { ...planned, done: event.done, total: event.total } }
    case 'sweep-plan':
      return { ...state, planned: { status: 'ready', plan: event.plan } }
    case 'plan-failed':
      return { ...state, planned: { status: 'failed', refusal: event.refusal } }
    case 'plan':
      return state
  }
}

/** The next state of all sweeps. A crash of the engine ends the one at work; it can be resumed. */
export function reduceSweeps(state: SweepsState, events: readonly WindowEvent[]): SweepsState {
  let next = state
  for (const event of events) {
    if (event.kind === 'sweep') next = afterSweep(next, event)
    if (event.kind === 'plan') next = afterPlan(next, event)
    if (event.kind === 'engine' && event.status.state !== 'ready' && event.status.state !== 'starting')
      next = {
        ...next,
        live: null,
        planned: next.planned.status === 'working' ? { status: 'none' } : next.planned,
      }
  }
  return next
}

/** What the runs of a sweep tell, as if each had been started by itself: their curves and galleries are those of any run. */
export function withRunsOfSweeps(events: readonly WindowEvent[]): WindowEvent[] {
  return events.map((event) =>
    event.kind === 'sweep' && event.event.type === 'sweep-run'
      ? { kind: 'train', job: event.job, event: event.event.event }
      : event,
  )
}
