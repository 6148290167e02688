import type { z } from 'zod'
import type { DatasetKindId } from '../datasets/index.ts'
import type { SharedOptions } from './common.ts'

/** One curve of the loss chart. `id` is the field's name: G_GAN. A judge's begin with `D`: a run's health watches those. */
export type LossDeclaration = { id: string; label: string; help: string }

/**
 * One column of the hold-out gallery. `id` is the field's name: fakeB. `side` says whose channels and depth it has: a, what
 * the model is given; b, what it makes of it; whichever folder they come from.
 */
export type VisualDeclaration<Id extends string = string> = { id: Id; label: string; side: 'a' | 'b' }

/**
 * How to train, as data: forms, flags, charts, grids, help and tests are made from this. Its options hold the shared ones
 * (common.ts), because the training loop reads them.
 */
export type RecipeDeclaration<Options extends z.ZodObject<SharedOptions>, Visual extends string> = {
  id: string
  label: string
  /** For a photographer, one or two sentences. */
  summary: string
  datasets: readonly DatasetKindId[]
  options: Options
  losses: readonly LossDeclaration[]
  visuals: readonly VisualDeclaration<Visual>[]
  /** The visual that the model makes: it is scored against `realB`, and it is a project's cover. */
  made: NoInfer<Visual>
}

export function declareRecipe<Options extends z.ZodObject<SharedOptions>, Visual extends string>(
  declaration: RecipeDeclaration<Options, Visual>,
): RecipeDeclaration<Options, Visual> {
  return declaration
}
