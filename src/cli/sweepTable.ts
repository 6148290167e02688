import { figureInWords } from '../core/evaluation/figureInWords.ts'
import { metrics } from '../core/evaluation/metrics.ts'
import type { Ladder } from '../core/sweeps/plan.ts'
import { standingsOf, type Standing } from '../core/sweeps/standing.ts'
import type { SettingValues, Sweep, SweepMeasure, SweepResult } from '../core/sweeps/sweep.ts'
import { countInWords } from '../core/words.ts'

/** `learningRate 0.0002, ngf 32` */
export function settingInWords(settings: SettingValues): string {
  return Object.entries(settings)
    .map(([key, value]) => `${key} ${value === null ? 'auto' : String(value)}`)
    .join(', ')
}

/** How many runs there will be, and how far each goes. */
export function ladderInWords({ rungs, totalSteps }: Pick<Ladder, 'rungs' | 'totalSteps'>): string {
  const rounds = rungs.map(({ runs, steps }) => `${runs} to step ${steps}`).join(', ')
  return `${countInWords(rungs[0]?.runs ?? 0, 'run')}: ${rounds}; ${countInWords(totalSteps, 'step')} in all.`
}

/** A dash where it could not be told. */
function cellOf(measure: SweepMeasure, result: SweepResult | null): string {
  if (!result || result.value === null) return '-'
  const { value, low, high } = result
  return figureInWords(measure, { value, low, high })
}

function endInWords({ state, outStep, trial }: Standing, steps: number): string {
  switch (state) {
    case 'failed':
      return `failed: ${trial.failure?.code ?? ''}`
    case 'out':
      return outStep === steps ? 'beaten at the end' : `out at step ${outStep ?? 0}`
    case 'won':
      return 'the best'
    default:
      return ''
  }
}

/** The table as data, the leader first. */
export function rowsOf(sweep: Sweep) {
  return standingsOf(sweep).map(({ trial, measuredStep, result, state, outStep }, index) => ({
    rank: index + 1,
    settings: trial.settings,
    run: trial.run,
    step: measuredStep,
    result,
    state,
    outStep,
  }))
}

/** Settings as a table for a terminal: rank, settings, run, steps, figure, and when they went out. */
export function sweepTable(sweep: Sweep): string {
  const { measure } = sweep
  const { term, better } = metrics[measure]
  const head = ['', 'settings', 'run', 'steps', `${term} (${better} is better)`, '']
  const rows = standingsOf(sweep).map((standing, index) => [
    String(index + 1),
    settingInWords(standing.trial.settings),
    standing.trial.run ?? '-',
    String(standing.measuredStep),
    cellOf(measure, standing.result),
    endInWords(standing, sweep.steps),
  ])
  const lines = [head, ...rows]
  const widths = head.map((_, column) => Math.max(...lines.map((line) => (line[column] ?? '').length)))
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
