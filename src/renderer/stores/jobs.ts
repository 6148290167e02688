import { createStore } from 'zustand/vanilla'
import type { WindowEvent } from '../../core/contract/index.ts'
import { attempt } from './notices.ts'
import { ask } from '../bridge.ts'

type JobEvent = Extract<WindowEvent, { job: string }>

/** One piece of long work, as the bar at the bottom shows it. */
export type Job = {
  job: string
  kind: JobEvent['kind']
  state: 'running' | 'paused' | 'stopping' | 'done' | 'stopped' | 'failed' | 'lost'
  /** The run that it trains or scores, where there is one. */
  run: string | null
  done: number
  total: number
  secondsLeft: number | null
  /** What is counted, where it is not what this kind of work counts as a rule. */
  unit?: string
}
export type Jobs = Readonly<Record<string, Job>>

export function isLive(job: Job): boolean {
  return job.state === 'running' || job.state === 'paused' || job.state === 'stopping'
}

export function newJob(job: string, kind: Job['kind'], run: string | null = null): Job {
  return { job, kind, state: 'running', run, done: 0, total: 0, secondsLeft: null }
}

function afterTraining(job: Job, event: Extract<JobEvent, { kind: 'train' }>['event']): Job {
  const known = { ...job, run: event.run }
  switch (event.type) {
    case 'run-started':
      return { ...known, state: 'running', done: event.step, total: event.steps }
    case 'step':
      return { ...known, done: event.step, total: event.steps, secondsLeft: event.secondsLeft }
    case 'rolled-back':
      return { ...known, done: event.step }
    case 'paused':
      return { ...known, state: 'paused', secondsLeft: null }
    case 'continued':
      return { ...known, state: 'running' }
    case 'stopped':
    case 'done':
    case 'failed':
      return { ...known, state: event.type, done: event.step, secondsLeft: null }
    default:
      return known
  }
}

/** A picture is told to be on disk while the next is under way. */
function passed({ done }: Job, { index, total }: { index: number; total: number }) {
  return { done: Math.max(done, index + 1), total }
}

function afterTranslating(job: Job, event: Extract<JobEvent, { kind: 'translate' }>['event']): Job {
  switch (event.type) {
    case 'translate-started':
      return { ...job, total: event.total }
    case 'tile':
      return {
        ...job,
        done: event.index + event.tile / Math.max(1, event.tiles),
        secondsLeft: event.secondsLeft,
      }
    case 'translated':
      return { ...job, ...passed(job, event), secondsLeft: event.secondsLeft }
    case 'item-skipped':
    case 'item-failed':
      return { ...job, ...passed(job, event) }
    case 'translate-done':
      return { ...job, state: event.cancelled ? 'stopped' : 'done', secondsLeft: null }
    case 'translate-failed':
      return { ...job, state: 'failed', secondsLeft: null }
  }
}

function counted({ done, total, secondsLeft }: Pick<Job, 'done' | 'total' | 'secondsLeft'>) {
  return { done, total, secondsLeft }
}

/** What is counted is again what this kind of work counts as a rule. */
function withoutUnit({ unit: _, ...job }: Job): Job {
  return job
}

function afterGenerating(job: Job, event: Extract<JobEvent, { kind: 'generate' }>['event']): Job {
  switch (event.type) {
    case 'generation-started':
      return { ...job, done: event.already, total: event.total }
    case 'generation-trial':
      return { ...job, ...counted(event), unit: 'trial pictures' }
    case 'generated':
      return {
        ...withoutUnit(job),
        done: event.index + 1,
        total: event.total,
        secondsLeft: event.secondsLeft,
      }
    case 'figures-progress':
      return {
        ...job,
        ...counted(event),
        unit: event.part === 'worth' ? 'trainings' : 'pictures compared',
      }
    case 'figures':
    case 'figures-skipped':
      return job
    case 'generation-done':
      return { ...job, state: event.cancelled ? 'stopped' : 'done', secondsLeft: null }
    case 'generation-failed':
      return { ...job, state: 'failed', secondsLeft: null }
  }
}

function afterReporting(job: Job, event: Extract<JobEvent, { kind: 'report' }>['event']): Job {
  if (event.type === 'report-progress') return { ...job, done: event.done, total: event.total }
  return { ...job, state: event.type === 'report' ? 'done' : 'failed' }
}

function afterEvaluating(job: Job, event: Extract<JobEvent, { kind: 'evaluate' }>['event']): Job {
  switch (event.type) {
    case 'evaluation-progress':
      return { ...job, ...counted(event) }
    case 'checkpoint-evaluated':
      return { ...job, run: event.run }
    case 'evaluated':
      return { ...job, run: event.run, state: 'done', secondsLeft: null }
    case 'evaluation-failed':
      return { ...job, state: 'failed', secondsLeft: null }
  }
}

function afterPlanning(job: Job, event: Extract<JobEvent, { kind: 'plan' }>['event']): Job {
  if (event.type === 'plan-progress') return { ...job, done: event.done, total: event.total }
  return { ...job, state: event.type === 'plan-failed' ? 'failed' : 'done' }
}

/** Its run is the one at work; what is counted are the steps of all. */
function afterSweeping(job: Job, event: Extract<JobEvent, { kind: 'sweep' }>['event']): Job {
  switch (event.type) {
    case 'sweep':
      return job
    case 'sweep-run': {
      const { done, total, secondsLeft } = event
      return { ...job, run: event.event.run, done, total, secondsLeft }
    }
    case 'sweep-done':
      return { ...job, state: 'done', secondsLeft: null }
    case 'sweep-stopped':
      return { ...job, state: 'stopped', secondsLeft: null }
    case 'sweep-failed':
      return { ...job, state: 'failed', secondsLeft: null }
  }
}

function afterJudging(job: Job, event: Extract<JobEvent, { kind: 'judge' }>['event']): Job {
  switch (event.type) {
    case 'judging-progress':
      return { ...job, ...counted(event) }
    case 'opinion':
    case 'picture-failed':
      return job
    case 'judged':
      return { ...job, run: event.run, state: 'done', secondsLeft: null }
    case 'judging-failed':
      return { ...job, state: 'failed', secondsLeft: null }
  }
}

function afterEvent(job: Job, event: JobEvent): Job {
  switch (event.kind) {
    case 'train':
      return afterTraining(job, event.event)
    case 'translate':
      return afterTranslating(job, event.event)
    case 'generate':
      return afterGenerating(job, event.event)
    case 'report':
      return afterReporting(job, event.event)
    case 'evaluate':
      return afterEvaluating(job, event.event)
    case 'plan':
      return afterPlanning(job, event.event)
    case 'sweep':
      return afterSweeping(job, event.event)
    case 'judge':
      return afterJudging(job, event.event)
  }
}

/** The next state of all jobs. A crash of the engine ends whatever was alive. */
export function reduceJobs(jobs: Jobs, event: WindowEvent): Jobs {
  if (event.kind === 'engine') {
    if (event.status.state === 'ready' || event.status.state === 'starting') return jobs
    return Object.fromEntries(
      Object.entries(jobs).map(([id, job]) => [
        id,
        isLive(job) ? { ...job, state: 'lost', secondsLeft: null } : job,
      ]),
    )
  }
  if (!('job' in event)) return jobs
  const job = jobs[event.job] ?? newJob(event.job, event.kind)
  return { ...jobs, [event.job]: afterEvent(job, event) }
}

export const jobsStore = createStore<{ jobs: Jobs }>(() => ({ jobs: {} }))

/** Enters a job as soon as it was accepted, before its first event. */
export function enterJob(job: string, kind: Job['kind'], run: string | null = null): void {
  jobsStore.setState(({ jobs }) => ({ jobs: jobs[job] ? jobs : { ...jobs, [job]: newJob(job, kind, run) } }))
}

/** What works on a run: its training, by itself or for a sweep, unless another kind of work is asked for. */
export function liveJobOfRun(jobs: Jobs, run: string | null, kind: Job['kind'] = 'train'): Job | undefined {
  return run === null
    ? undefined
    : Object.values(jobs).find((job) => {
        const isKind = job.kind === kind || (kind === 'train' && job.kind === 'sweep')
        return job.run === run && isKind && isLive(job)
      })
}

export function pauseJob(job: string): Promise<void> {
  return attempt(async () => {
    await ask('job:pause', { job })
  })
}

export function continueJob(job: string): Promise<void> {
  return attempt(async () => {
    await ask('job:continue', { job })
  })
}

export function stopJob(job: string): Promise<void> {
  return attempt(async () => {
    await ask('job:stop', { job })
    jobsStore.setState(({ jobs }) => {
      const known = jobs[job]
      return known && isLive(known) ? { jobs: { ...jobs, [job]: { ...known, state: 'stopping' } } } : { jobs }
    })
  })
}
