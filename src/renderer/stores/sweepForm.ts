import { createStore } from 'zustand/vanilla'
import { refusalOf, type Refusal } from '../../core/errors.ts'
import { parseOptions } from '../../core/options/parse.ts'
import type { TrainingSettings } from '../../core/project/project.ts'
import { recipes } from '../../core/recipes/index.ts'
import type { Ladder } from '../../core/sweeps/plan.ts'
import { ladderOf, settingsOf, variableOptions } from '../../core/sweeps/settings.ts'
import type { SweepMeasure, SweepRequest } from '../../core/sweeps/sweep.ts'
import { parseVaried } from '../../core/sweeps/vary.ts'
import { totalSteps } from '../../core/training/schedule.ts'

/** More make a table that nobody reads; the command line takes more. */
export const MOST_ROWS = 3

/** An option to vary, and its values as typed: `16, 32`. */
export type VaryRow = { option: string; text: string }

type SweepForm = { rows: readonly VaryRow[]; eta: SweepRequest['eta']; measure: SweepMeasure | 'usual' }

function emptyForm(): SweepForm {
  return { rows: [], eta: 2, measure: 'usual' }
}

export const sweepFormStore = createStore<SweepForm>(emptyForm)

export function resetSweepForm(): void {
  sweepFormStore.setState(emptyForm())
}

/** What one is most likely to vary first; offered with values around the one in use. */
const FIRST_CHOICES = ['learningRate', 'ngf', 'lambdaL1', 'batchSize']

/** Half of it, itself, and twice it: what a person would try around a number. */
function valuesAround(
  { kind, minimum, maximum }: ReturnType<typeof variableOptions>[number],
  value: unknown,
): string {
  if (kind === 'boolean') return 'true,false'
  if (kind !== 'number' && kind !== 'integer') return typeof value === 'string' ? value : ''
  if (typeof value !== 'number' || value === 0) return ''
  const around = [value / 2, value, value * 2].filter(
    (one) =>
      one >= (minimum ?? -Infinity) &&
      one <= (maximum ?? Infinity) &&
      (kind === 'number' || Number.isInteger(one)),
  )
  return around.map((one) => String(Number(one.toPrecision(6)))).join(', ')
}

export function newRow({ recipe, options }: TrainingSettings, key: string): VaryRow {
  const option = variableOptions(recipe).find((one) => one.key === key)
  return { option: key, text: option ? valuesAround(option, options[key] ?? option.defaultValue) : '' }
}

/** The next row: the first likely option that is not varied yet. */
export function addRow(training: TrainingSettings): void {
  const known = variableOptions(training.recipe).map(({ key }) => key)
  sweepFormStore.setState(({ rows }) => {
    const free = [...FIRST_CHOICES, ...known].find(
      (key) => known.includes(key) && rows.every(({ option }) => option !== key),
    )
    return free === undefined || rows.length >= MOST_ROWS ? {} : { rows: [...rows, newRow(training, free)] }
  })
}

export function changeRow(index: number, row: VaryRow | null): void {
  sweepFormStore.setState(({ rows }) => ({
    rows: rows.flatMap((known, place) => (place === index ? (row ?? []) : known)),
  }))
}

export type AskedSweep = { request: SweepRequest; ladder: Ladder } | { refusal: Refusal } | null

/**
 * What the form asks for, or why it cannot; null while nothing is varied.
 * @param pairs to train on
 */
export function askedSweep(
  { rows, eta, measure }: SweepForm,
  training: TrainingSettings,
  pairs: number,
): AskedSweep {
  if (rows.length === 0) return null
  const { recipe, options } = training
  try {
    const described = variableOptions(recipe)
    const vary = rows.flatMap(({ option: key, text }) => {
      const option = described.find((one) => one.key === key)
      return option ? [parseVaried(recipe, option, text, option.label)] : []
    })
    const parsed = parseOptions(recipes[recipe].options, options)
    const request: SweepRequest = {
      training: { recipe, options: { ...options } },
      vary,
      draws: null,
      eta,
      measure: measure === 'usual' ? null : measure,
      seed: parsed.seed,
      threads: null,
    }
    const count = settingsOf(request).length
    return vary.length === 0 ? null : { request, ladder: ladderOf(request, count, totalSteps(parsed, pairs)) }
  } catch (error) {
    return { refusal: refusalOf(error) }
  }
}
