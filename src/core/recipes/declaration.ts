import type { z } from 'zod'
import type { DatasetKindId } from '../datasets/index.ts'

/** One curve of the loss chart. `id` is the field's name: G_GAN. */
export type LossDeclaration = { id: string; label: string; help: string }

/** One column of the hold-out gallery. `id` is the field's name: fakeB. `side` says whose channels and depth it has. */
export type VisualDeclaration = { id: string; label: string; side: 'a' | 'b' }

/** How to train, as data: forms, flags, charts, grids, help and tests are made from this. */
export type RecipeDeclaration<Options extends z.ZodObject> = {
  id: string
  label: string
  /** For a photographer, one or two sentences. */
  summary: string
  datasets: readonly DatasetKindId[]
  options: Options
  losses: readonly LossDeclaration[]
  visuals: readonly VisualDeclaration[]
}

export function declareRecipe<Options extends z.ZodObject>(
  declaration: RecipeDeclaration<Options>,
): RecipeDeclaration<Options> {
  return declaration
}
