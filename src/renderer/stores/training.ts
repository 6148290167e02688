import { createStore } from 'zustand/vanilla'
import type { TrainingSettings } from '../../core/project/project.ts'
import { describeOptions } from '../../core/options/describe.ts'
import { optionsFor } from '../../core/recipes/fitting.ts'
import { recipes, type RecipeId } from '../../core/recipes/index.ts'

/** The form of the next run: a recipe and the options that differ from its defaults. */
type TrainingForm = { recipe: RecipeId; options: Readonly<Record<string, unknown>>; preset: string }

export const trainingStore = createStore<TrainingForm>(() => ({ recipe: 'pix2pix', options: {}, preset: '' }))

export function resetTraining(training: TrainingSettings, preset = ''): void {
  trainingStore.setState({ recipe: training.recipe, options: training.options, preset })
}

/** `undefined` goes back to the default. */
export function setOption(
  options: Readonly<Record<string, unknown>>,
  key: string,
  value: unknown,
): Record<string, unknown> {
  const others = Object.fromEntries(Object.entries(options).filter(([known]) => known !== key))
  return value === undefined ? others : { ...others, [key]: value }
}

/** Sets up a new run as an earlier one was, with the options changed that its recipe has: the remedy of a notice. */
export function setUpAgain(
  recipe: RecipeId,
  options: Readonly<Record<string, unknown>>,
  change: Readonly<Record<string, unknown>>,
): void {
  const differing = describeOptions(recipes[recipe].options).flatMap(({ key, defaultValue }) =>
    options[key] === undefined || options[key] === defaultValue ? [] : [[key, options[key]] as const],
  )
  resetTraining({ recipe, options: { ...Object.fromEntries(differing), ...optionsFor(recipe, change) } })
}

/** Its size, its length, its widths stay as they were chosen, as far as the other recipe can take them. */
export function changeRecipe(recipe: RecipeId): void {
  trainingStore.setState(({ options }) => ({ recipe, options: optionsFor(recipe, options), preset: '' }))
}

export function setTrainingOption(key: string, value: unknown): void {
  trainingStore.setState(({ options }) => ({ options: setOption(options, key, value), preset: '' }))
}
