import { createStore } from 'zustand/vanilla'
import type { WindowEvent } from '../../core/contract/index.ts'
import type { Refusal } from '../../core/errors.ts'
import type { FileHandle } from '../../core/files.ts'
import type { Plan, PlanEvent, Proposal } from '../../core/planning/plan.ts'
import type { TrainingSettings } from '../../core/project/project.ts'
import { ask } from '../bridge.ts'
import { enterJob } from './jobs.ts'
import { attempt } from './notices.ts'
import { resetTraining } from './training.ts'

/** How long a person is willing to wait; `morning` depends on what time it is. */
export const patiences = [
  { id: 'none', label: 'As long as it takes' },
  { id: 'quarter', label: '15 minutes' },
  { id: 'hour', label: '1 hour' },
  { id: 'afternoon', label: '4 hours' },
  { id: 'night', label: 'Overnight, 10 hours' },
  { id: 'morning', label: 'By tomorrow morning, 8:00' },
] as const
export type Patience = (typeof patiences)[number]['id']

const HOUR_SECONDS = 3600
const MORNING_HOUR = 8

function secondsUntilMorning(now: Date): number {
  const morning = new Date(now)
  morning.setDate(now.getDate() + 1)
  morning.setHours(MORNING_HOUR, 0, 0, 0)
  return Math.round((morning.getTime() - now.getTime()) / 1000)
}

/** Seconds that a run may take; null: no limit. */
export function patienceSeconds(patience: Patience, now: Date): number | null {
  switch (patience) {
    case 'none':
      return null
    case 'quarter':
      return HOUR_SECONDS / 4
    case 'hour':
      return HOUR_SECONDS
    case 'afternoon':
      return 4 * HOUR_SECONDS
    case 'night':
      return 10 * HOUR_SECONDS
    case 'morning':
      return secondsUntilMorning(now)
  }
}

type Planned =
  | { status: 'none' }
  | { status: 'working'; job: string; done: number; total: number }
  | { status: 'ready'; plan: Plan }
  | { status: 'failed'; refusal: Refusal }

type PlanningState = { patience: Patience; planned: Planned; asking: boolean }

function nothingPlanned(): PlanningState {
  return { patience: 'none', planned: { status: 'none' }, asking: false }
}

export const planningStore = createStore<PlanningState>(nothingPlanned)

export function resetPlanning(): void {
  planningStore.setState(nothingPlanned())
}

/** Measures real steps on this machine: it takes seconds. */
export async function measurePlan(project: FileHandle, training: TrainingSettings): Promise<void> {
  const seconds = patienceSeconds(planningStore.getState().patience, new Date())
  planningStore.setState({ asking: true })
  await attempt(async () => {
    const { job } = await ask('plan:start', { project, training, patienceSeconds: seconds })
    enterJob(job, 'plan')
    planningStore.setState({ planned: { status: 'working', job, done: 0, total: 0 } })
  })
  planningStore.setState({ asking: false })
}

function afterEvent(planned: Extract<Planned, { status: 'working' }>, event: PlanEvent): Planned {
  switch (event.type) {
    case 'plan-progress':
      return { ...planned, done: event.done, total: event.total }
    case 'plan':
      return { status: 'ready', plan: event.plan }
    case 'sweep-plan':
      return planned
    case 'plan-failed':
      return { status: 'failed', refusal: event.refusal }
  }
}

/** The next state of planning. A plan that was asked for elsewhere, or before, leaves it as it is. */
export function reducePlanning(state: PlanningState, events: readonly WindowEvent[]): PlanningState {
  let { planned } = state
  for (const event of events) {
    if (planned.status !== 'working') break
    if (event.kind === 'engine' && event.status.state !== 'ready' && event.status.state !== 'starting')
      planned = { status: 'none' }
    else if (event.kind === 'plan' && event.job === planned.job) planned = afterEvent(planned, event.event)
  }
  return planned === state.planned ? state : { ...state, planned }
}

/** Whether two settings ask for the same run. */
export function isSameTraining(one: TrainingSettings, other: TrainingSettings): boolean {
  const keys = new Set([...Object.keys(one.options), ...Object.keys(other.options)])
  return one.recipe === other.recipe && [...keys].every((key) => one.options[key] === other.options[key])
}

/** The plan as it is for other settings that it proposed; what only measuring tells of these is left out. */
export function adopt(plan: Plan, { training, estimate }: Proposal, limitSeconds: number | null): Plan {
  return {
    ...plan,
    training,
    estimate,
    fits: {
      time: limitSeconds === null || estimate.seconds <= limitSeconds,
      memory: estimate.memoryBytes <= plan.memoryFreeBytes,
      disk: estimate.diskBytes <= plan.diskFreeBytes,
    },
    legalSizesPx: [],
    proposals: plan.proposals.filter((proposal) => proposal.estimate.seconds < estimate.seconds),
  }
}

/** Puts proposed settings into the form. */
export function takeProposal(plan: Plan, proposal: Proposal): void {
  resetTraining(proposal.training)
  planningStore.setState(({ patience }) => ({
    planned: {
      status: 'ready',
      plan: adopt(plan, proposal, patienceSeconds(patience, new Date())),
    },
  }))
}
