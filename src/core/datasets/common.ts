import { z } from 'zod'

/** How pairs are dealt into training, validation and test where the folders do not say it themselves (train/, val/, test/). */
export const splitOptions = {
  validationShare: z.number().min(0).max(0.5).default(0.1).meta({
    label: 'Kept back to choose the best state',
    term: 'validation share',
    help: 'Never trained on; used to pick the best saved state. Ignored where the folders hold train, val and test.',
  }),
  testShare: z.number().min(0).max(0.5).default(0.1).meta({
    label: 'Kept back for the final score',
    term: 'test share',
    help: 'Never trained on and scored once. Ignored where the folders hold train, val and test.',
  }),
  splitSeed: z.number().int().min(0).max(2_147_483_647).default(1).meta({
    label: 'Seed of the split',
    help: 'The same seed deals the pairs in the same way.',
  }),
} as const
