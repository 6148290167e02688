import { recipes, type RecipeId } from './index.ts'

/** Those of the options that a recipe has and can take. */
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
