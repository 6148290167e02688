import { picturesInStep } from '../recipes/common.ts'

/** What decides the learning rate at a step. `scale` is halved by each roll-back. */
export type Schedule = { steps: number; learningRate: number; decayShare: number; scale?: number }

/**
 * Linear decay as published (1 - max(0, epoch + 1 - nEpochs) / (nEpochsDecay + 1)), applied each step instead of each epoch.
 * @param step 1-based
 */
export function learningRateAt(
  step: number,
  { steps, learningRate, decayShare, scale = 1 }: Schedule,
): number {
  const decaySteps = Math.round(steps * decayShare)
  const into = Math.max(0, step - (steps - decaySteps))
  return learningRate * scale * (1 - into / (decaySteps + 1))
}

/** Steps of a run: as asked, else epochs over the training pairs. */
export function totalSteps(
  options: { steps: number | null; epochs: number } & Parameters<typeof picturesInStep>[0],
  trainingPairs: number,
): number {
  return options.steps ?? options.epochs * Math.ceil(trainingPairs / picturesInStep(options))
}
