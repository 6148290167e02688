import { createStore } from 'zustand/vanilla'
import type { TrainingSettings } from '../../core/project/project.ts'
import { describeOptions } from '../../core/options/describe.ts'
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

/** What was changed and what another recipe can take as well: its size, its length, its widths stay as they were chosen. */
export function optionsFor(
  recipe: RecipeId,
  options: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const { shape } = recipes[recipe].options
  return Object.fromEntries(
    Object.entries(options).filter(
      ([key, value]) => key in shape && shape[key as keyof typeof shape].safeParse(value).success,
    ),
  )
}

/** Sets up a new run as an earlier one was, with the options changed that its recipe has. */
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

export function changeRecipe(recipe: RecipeId): void {
  trainingStore.setState(({ options }) => ({ recipe, options: optionsFor(recipe, options), preset: '' }))
}

export function setTrainingOption(key: string, value: unknown): void {
  trainingStore.setState(({ options }) => ({ options: setOption(options, key, value), preset: '' }))
}
