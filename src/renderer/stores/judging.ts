import { createStore } from 'zustand/vanilla'
import type { WindowEvent } from '../../core/contract/index.ts'
import type { Refusal } from '../../core/errors.ts'
import type { FileHandle } from '../../core/files.ts'
import { ask } from '../bridge.ts'
import { enterJob } from './jobs.ts'
import { attempt } from './notices.ts'

type JudgeEvent = Extract<WindowEvent, { kind: 'judge' }>['event']
export type Judged = Extract<JudgeEvent, { type: 'judged' }>
export type AskedPicture = Extract<JudgeEvent, { type: 'opinion' }>

/** What a judge was last asked: about held-out pictures (`summary` when done), or about pictures that a person chose. */
type Asking = { job: string; refusal: Refusal | null }
export type Measuring = Asking & { split: 'val' | 'test'; summary: Judged | null }
export type Choosing = Asking & {
  opinions: readonly AskedPicture[]
  failures: readonly { name: string; refusal: Refusal }[]
}

type JudgingState = {
  measured: Readonly<Record<string, Measuring>>
  chosen: Readonly<Record<string, Choosing>>
}

export const judgingStore = createStore<JudgingState>(() => ({ measured: {}, chosen: {} }))

/** Runs are counted anew in every project. */
export function resetJudging(): void {
  judgingStore.setState({ measured: {}, chosen: {} })
}

const alone = { step: null, judge: null, beside: null, label: null, output: null }

/** How well a run's judge tells held-out pictures from those that its generator makes. */
export function measureJudge(project: FileHandle, run: string, split: 'val' | 'test'): Promise<void> {
  return attempt(async () => {
    const { job } = await ask('judge:start', { ...alone, project, run, pictures: [], split })
    enterJob(job, 'judge', run)
    judgingStore.setState(({ measured }) => ({
      measured: { ...measured, [run]: { job, split, refusal: null, summary: null } },
    }))
  })
}

/** Asks a run's judge about pictures that a person chooses; and first for what they were made of, where it must see that. */
export function judgeChosen(
  project: FileHandle,
  { run, step, judge, told }: Judged,
  label: string | null,
): Promise<void> {
  return attempt(async () => {
    const pictures = await ask('dialog:choosePictures', {})
    if (pictures.length === 0) return
    const beside = told.given ? await ask('dialog:chooseFolder', { purpose: 'input' }) : null
    if (told.given && !beside) return
    const output = await ask('folder:scratch', {})
    const request = { project, run, step, judge, pictures, beside, label, split: 'test', output } as const
    const { job } = await ask('judge:start', request)
    enterJob(job, 'judge', run)
    judgingStore.setState(({ chosen }) => ({
      chosen: { ...chosen, [run]: { job, refusal: null, opinions: [], failures: [] } },
    }))
  })
}

function afterMeasuring(known: Measuring, event: JudgeEvent): Measuring {
  if (event.type === 'judged') return { ...known, summary: event }
  return event.type === 'judging-failed' ? { ...known, refusal: event.refusal } : known
}

function afterChoosing(known: Choosing, event: JudgeEvent): Choosing {
  switch (event.type) {
    case 'opinion':
      return event.kind === 'asked' ? { ...known, opinions: [...known.opinions, event] } : known
    case 'picture-failed':
      return { ...known, failures: [...known.failures, { name: event.name, refusal: event.refusal }] }
    case 'judging-failed':
      return { ...known, refusal: event.refusal }
    default:
      return known
  }
}

function withEvent<A extends Asking>(
  all: Readonly<Record<string, A>>,
  job: string,
  next: (known: A) => A,
): Readonly<Record<string, A>> {
  const entry = Object.entries(all).find(([, asking]) => asking.job === job)
  return entry ? { ...all, [entry[0]]: next(entry[1]) } : all
}

/** The next state of all that judges were asked. */
export function reduceJudging(state: JudgingState, events: readonly WindowEvent[]): JudgingState {
  let { measured, chosen } = state
  for (const event of events) {
    if (event.kind !== 'judge') continue
    measured = withEvent(measured, event.job, (known) => afterMeasuring(known, event.event))
    chosen = withEvent(chosen, event.job, (known) => afterChoosing(known, event.event))
  }
  return measured === state.measured && chosen === state.chosen ? state : { measured, chosen }
}
