import type { RunOptions } from '../../core/recipes/common.ts'
import type { RecipeId } from '../../core/recipes/index.ts'
import { createAttribute } from './attribute.ts'
import { createBicyclegan } from './bicyclegan.ts'
import { createContrastive } from './contrastive.ts'
import { createCyclegan } from './cyclegan.ts'
import { createConditionalGan, createGan, createWgan, createWganGp } from './noise.ts'
import { createPix2Pix } from './pix2pix.ts'
import { createProgressiveTrainer } from './progressive.ts'
import { createRestore } from './restore.ts'
import type { Trainer, TrainerContext, TrainerFactories } from './trainer.ts'

/** How each declared recipe is trained. */
export const trainers = {
  pix2pix: createPix2Pix,
  bicyclegan: createBicyclegan,
  cyclegan: createCyclegan,
  cut: createContrastive,
  fastcut: createContrastive,
  restore: createRestore,
  gan: createGan,
  cgan: createConditionalGan,
  wgan: createWgan,
  'wgan-gp': createWganGp,
  progressive: createProgressiveTrainer,
  attribute: createAttribute,
} satisfies TrainerFactories

/**
 * The trainer of a recipe.
 * @param options as parsed by the declaration of this recipe (`parseOptions`), so its own options are there too
 */
export function createTrainer(recipe: RecipeId, options: RunOptions, context: TrainerContext): Trainer {
  // The types cannot tell that recipe and options belong together; that both come from one run's configuration does.
  const create = trainers[recipe] as (options: RunOptions, context: TrainerContext) => Trainer
  return create(options, context)
}
