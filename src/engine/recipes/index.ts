import { createPix2Pix } from './pix2pix.ts'
import type { TrainerFactories } from './trainer.ts'

/** How each declared recipe is trained. */
export const trainers = { pix2pix: createPix2Pix } satisfies TrainerFactories
