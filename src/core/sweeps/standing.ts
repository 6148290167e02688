import { metrics } from '../evaluation/metrics.ts'
import { ladderOfSweep } from './settings.ts'
import type { Sweep, SweepResult, Trial } from './sweep.ts'

/** One line of the table, the leader first. */
export type Standing = {
  /** Its place among the trials. */
  index: number
  trial: Trial
  /** The step of the last rung that it was measured at; 0 before the first. */
  measuredStep: number
  result: SweepResult | null
  /** `next`: its turn comes. `out`: others were better. `won` once all is done. */
  state: 'in' | 'next' | 'out' | 'failed' | 'won'
  /** The step at which it went out. */
  outStep: number | null
}

/** A comparison for sorting, better first; what could not be measured comes last, equals stay in order. */
function byResult(sweep: Sweep, rung: number): (one: number, other: number) => number {
  const isLower = metrics[sweep.measure].better === 'lower'
  const costOf = (index: number) => {
    const value = sweep.trials[index]?.results[rung]?.value ?? null
    return value === null ? Infinity : isLower ? value : -value
  }
  return (one, other) => {
    const [a, b] = [costOf(one), costOf(other)]
    return a === b ? one - other : a - b
  }
}

function isSettled(trial: Trial | undefined, rung: number): boolean {
  return trial === undefined || trial.failure !== null || trial.results.length > rung
}

/**
 * Who goes through each rung that has begun, as places among the trials. A rung begins when all of the one before are
 * measured; it takes the best ceil(n / eta) of its n, without those that failed.
 */
export function contestantsOf(sweep: Sweep): number[][] {
  const { rungs } = ladderOfSweep(sweep)
  const all = [[...sweep.trials.keys()]]
  for (let rung = 0; rung < rungs.length - 1; rung += 1) {
    const contestants = all[rung] ?? []
    if (!contestants.every((index) => isSettled(sweep.trials[index], rung))) break
    const best = contestants
      .filter((index) => sweep.trials[index]?.failure === null)
      .sort(byResult(sweep, rung))
      .slice(0, Math.ceil(contestants.length / sweep.request.eta))
    if (best.length === 0) break
    all.push(best.sort((one, other) => one - other))
  }
  return all
}

/** What is to be done next: take this trial to this step. Null when all is done. */
export function nextWork(sweep: Sweep): { index: number; rung: number; step: number } | null {
  const { rungs } = ladderOfSweep(sweep)
  const contestants = contestantsOf(sweep)
  const rung = contestants.length - 1
  const index = contestants[rung]?.find((one) => !isSettled(sweep.trials[one], rung))
  const step = rungs[rung]?.steps
  return index === undefined || step === undefined ? null : { index, rung, step }
}

/** Steps that are behind: what was measured counts, what is under way does not. */
export function stepsDone(sweep: Sweep): number {
  const { rungs } = ladderOfSweep(sweep)
  return sweep.trials.reduce((sum, { results }) => sum + (rungs[results.length - 1]?.steps ?? 0), 0)
}

function stateOf(sweep: Sweep, trial: Trial, index: number, order: readonly number[]): Standing['state'] {
  if (trial.failure) return 'failed'
  const contestants = contestantsOf(sweep)
  if (!contestants.at(-1)?.includes(index)) return 'out'
  const work = nextWork(sweep)
  if (work === null) return index === order[0] ? 'won' : 'out'
  return work.index === index ? 'next' : 'in'
}

/** The table: who came further stands higher, then who measured better. */
export function standingsOf(sweep: Sweep): Standing[] {
  const { rungs } = ladderOfSweep(sweep)
  const reached = (index: number) => sweep.trials[index]?.results.length ?? 0
  const order = [...sweep.trials.keys()].sort((one, other) =>
    reached(one) === reached(other)
      ? byResult(sweep, reached(one) - 1)(one, other)
      : reached(other) - reached(one),
  )
  return order.flatMap((index) => {
    const trial = sweep.trials[index]
    if (!trial) return []
    const measuredStep = rungs[trial.results.length - 1]?.steps ?? 0
    const state = stateOf(sweep, trial, index, order)
    const outStep = state === 'out' || state === 'failed' ? measuredStep : null
    return [{ index, trial, measuredStep, result: trial.results.at(-1) ?? null, state, outStep }]
  })
}

export function isFinished(sweep: Sweep): boolean {
  return nextWork(sweep) === null
}
