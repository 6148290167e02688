import { metrics } from '../../../../core/evaluation/metrics.ts'
import { describeOptions } from '../../../../core/options/describe.ts'
import { recipes } from '../../../../core/recipes/index.ts'
import type { RecipeId } from '../../../../core/recipes/index.ts'
import type { Ladder } from '../../../../core/sweeps/plan.ts'
import type { Standing } from '../../../../core/sweeps/standing.ts'
import type { SettingValues, SweepMeasure, SweepResult } from '../../../../core/sweeps/sweep.ts'
import { formatAmount, formatCount, formatSetting } from '../../../format.ts'

/** `6 runs to step 100, the best 3 to 200, the best 2 to 400` */
export function ladderWords({ rungs }: Pick<Ladder, 'rungs'>): string {
  return rungs
    .map(({ runs, steps }, index) =>
      index === 0
        ? `${formatAmount(runs, 'run')} to step ${formatCount(steps)}`
        : `the best ${formatCount(runs)} to ${formatCount(steps)}`,
    )
    .join(', ')
}

export function optionLabel(recipe: RecipeId, key: string): string {
  return describeOptions(recipes[recipe].options).find((option) => option.key === key)?.label ?? key
}

export function valueWords(recipe: RecipeId, key: string, value: unknown): string {
  const option = describeOptions(recipes[recipe].options).find((known) => known.key === key)
  return option?.choices.find((choice) => choice.value === value)?.label ?? formatSetting(value)
}

/** `Learning rate 0.0002, Generator width 32` */
export function settingWords(recipe: RecipeId, settings: SettingValues): string {
  return Object.entries(settings)
    .map(([key, value]) => `${optionLabel(recipe, key)} ${valueWords(recipe, key, value)}`)
    .join(', ')
}

/** The figure and, where there is one, the interval that holds the true one 19 times in 20. */
export function resultWords(
  measure: SweepMeasure,
  result: SweepResult | null,
): { value: string; sure: string } {
  if (!result) return { value: '–', sure: '' }
  if (result.value === null) return { value: '–', sure: 'could not be measured' }
  const { digits } = metrics[measure]
  const { value, low, high } = result
  const sure = low === null || high === null ? '' : `${low.toFixed(digits)} to ${high.toFixed(digits)}`
  return { value: value.toFixed(digits), sure }
}

/** Where a setting stands in a sweep of so many steps; `isLive`: somebody is training. */
export function stateWords({ state, outStep, trial }: Standing, steps: number, isLive: boolean): string {
  switch (state) {
    case 'won':
      return 'The best'
    case 'out':
      return outStep === steps ? 'Beaten at the end' : `Out at step ${formatCount(outStep ?? 0)}`
    case 'failed':
      return 'Failed: its losses became infinite'
    case 'next':
      return isLive ? 'Training' : 'Next'
    case 'in':
      return trial.results.length === 0 ? 'Waiting' : 'Still in'
  }
}
