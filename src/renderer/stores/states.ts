import { createStore } from 'zustand/vanilla'
import type { WindowViews } from '../../core/contract/index.ts'
import type { EvaluationRow, Measurement } from '../../core/evaluation/events.ts'
import { metricIds, metrics } from '../../core/evaluation/metrics.ts'
import type { MetricId } from '../../core/evaluation/metrics.ts'
import type { FileHandle } from '../../core/files.ts'
import { ask } from '../bridge.ts'
import { attempt } from './notices.ts'
import { listRuns, takeView } from './runs.ts'
import { chooseModel, listModels } from './translate.ts'

export type RunView = WindowViews['run']
export type SortKey = 'step' | MetricId

/** What stands against the state on the right: another state, or a picture of the hold-out itself. */
export type Against = 'state' | (string & {})

type StatesState = {
  run: string | null
  left: number | null
  right: number | null
  against: Against
  sort: { by: SortKey; descending: boolean }
  /** Which held-out picture is looked at. */
  picture: number
}

function noStates(): StatesState {
  return {
    run: null,
    left: null,
    right: null,
    against: 'state',
    sort: { by: 'step', descending: true },
    picture: 0,
  }
}

export const statesStore = createStore<StatesState>(noStates)

export function resetStates(): void {
  statesStore.setState(noStates())
}

export function compareRun(run: string): void {
  statesStore.setState({ ...noStates(), run })
}

/** A saved state with what is known of it. */
export type StateRow = {
  step: number
  /** False where its scores are kept but the state itself was thinned out. */
  isSaved: boolean
  whole: boolean
  bytes: number
  /** L1 on a few validation pictures, measured while it trained. */
  validationL1: number | null
  measurements: Partial<Record<MetricId, Measurement>>
}

function measurementsOf(rows: readonly EvaluationRow[], step: number, split: 'val' | 'test') {
  const row = rows.find((known) => known.step === step && known.split === split)
  return Object.fromEntries(
    (row?.measurements ?? []).map((measured) => [measured.metric, measured]),
  ) as StateRow['measurements']
}

/** Saved states, and states that were scored before they were thinned out; by step. */
export function rowsOf(view: RunView): StateRow[] {
  const scored = view.evaluations.filter(({ split }) => split === 'val').map(({ step }) => step)
  const steps = [...new Set([...view.checkpoints.map(({ step }) => step), ...scored])].sort((a, b) => a - b)
  return steps.map((step) => {
    const saved = view.checkpoints.find((known) => known.step === step)
    return {
      step,
      isSaved: saved !== undefined,
      whole: saved?.whole ?? false,
      bytes: saved?.bytes ?? 0,
      validationL1: saved?.validationL1 ?? null,
      measurements: measurementsOf(view.evaluations, step, 'val'),
    }
  })
}

/** The final score of the state that was picked, where it was measured. */
export function finalScores(view: RunView): Measurement[] {
  const row = view.evaluations.find(({ step, split }) => split === 'test' && step === view.modelStep)
  return row?.measurements ?? []
}

/** Metrics with a figure in at least one row, in the order of their declaration. */
export function columnsOf(rows: readonly StateRow[]): MetricId[] {
  return metricIds.filter((id) =>
    rows.some(({ measurements }) => typeof measurements[id]?.value === 'number'),
  )
}

/** What could not be measured in any row, with the reason. */
export function untoldOf(rows: readonly StateRow[]): { metric: MetricId; note: string }[] {
  const told = columnsOf(rows)
  return metricIds.flatMap((metric) => {
    if (told.includes(metric)) return []
    const note = rows.map(({ measurements }) => measurements[metric]?.note).find((words) => words)
    return note ? [{ metric, note }] : []
  })
}

/** Whether one figure is better than another. */
function isBetter(metric: MetricId, one: number, other: number): boolean {
  return metrics[metric].better === 'lower' ? one < other : one > other
}

/** The row with the best figure; of equal ones the earliest. Only saved states can be used. */
export function bestOf(rows: readonly StateRow[], metric: MetricId): StateRow | null {
  let best: StateRow | null = null
  for (const row of rows) {
    const value = row.measurements[metric]?.value ?? null
    const known = best?.measurements[metric]?.value ?? null
    if (value === null || !row.isSaved) continue
    if (known === null || isBetter(metric, value, known)) best = row
  }
  return best
}

/** The step to mark as the best in a column; null where there is nothing to be better than. */
export function markedBest(rows: readonly StateRow[], metric: MetricId): number | null {
  const told = rows.filter(({ measurements }) => typeof measurements[metric]?.value === 'number')
  return told.length > 1 ? (bestOf(rows, metric)?.step ?? null) : null
}

/** Other saved states whose figure lies within the best one's interval: the figure does not tell them apart. */
export function tiedWith(rows: readonly StateRow[], best: StateRow, metric: MetricId): StateRow[] {
  const measured = best.measurements[metric]
  if (!measured || measured.low === null || measured.high === null) return []
  const { low, high } = measured
  return rows.filter((row) => {
    const value = row.measurements[metric]?.value ?? null
    return row !== best && row.isSaved && value !== null && value >= low && value <= high
  })
}

/** Rows in the order asked for; rows without the figure come last either way. */
export function sortRows(rows: readonly StateRow[], { by, descending }: StatesState['sort']): StateRow[] {
  const valueOf = (row: StateRow) => (by === 'step' ? row.step : (row.measurements[by]?.value ?? null))
  return [...rows].sort((one, other) => {
    const [a, b] = [valueOf(one), valueOf(other)]
    if (a === null || b === null) return Number(a === null) - Number(b === null)
    return (descending ? b - a : a - b) || other.step - one.step
  })
}

/** A first press sorts the best to the top, a second turns it round. */
export function nextSort(sort: StatesState['sort'], by: SortKey): StatesState['sort'] {
  if (sort.by === by) return { by, descending: !sort.descending }
  return { by, descending: by === 'step' || metrics[by].better === 'higher' }
}

/** The pictures of a step: rendered at it, else the last before it, else the first after. */
export function samplesAt<T extends { step: number }>(samples: readonly T[], step: number): T | undefined {
  return samples.findLast((known) => known.step <= step) ?? samples[0]
}

/** Which two states are looked at until the person says so: the one in use, or the newest, against the one before it. */
export function shownStates(
  rows: readonly StateRow[],
  modelStep: number | null,
  { left, right }: Pick<StatesState, 'left' | 'right'>,
): { left: number | null; right: number | null } {
  const steps = rows.map(({ step }) => step)
  const known = (step: number | null) => (step !== null && steps.includes(step) ? step : null)
  const shown = known(right) ?? known(modelStep) ?? steps.at(-1) ?? null
  const other = known(left) ?? steps.findLast((step) => step !== shown) ?? null
  return { left: other, right: shown }
}

/** Makes a saved state the run's model; translating uses it from now on. */
export function pickState(project: FileHandle, run: string, step: number): Promise<void> {
  return attempt(async () => {
    const view = await ask('run:pick', { project, run, step })
    takeView(view)
    await Promise.all([listRuns(project), listModels(project)])
    if (view.model) chooseModel(view.model.id)
  })
}
