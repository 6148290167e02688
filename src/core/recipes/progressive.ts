import { z } from 'zod'
import {
  keepingOptions,
  networkOptions,
  pictureOptions,
  scheduleOptions,
  stabilityOptions,
  steepnessLoss,
  withDefault,
} from './common.ts'
import { declareRecipe } from './declaration.ts'
import {
  criticLosses,
  latentOption,
  noisePictureOptions,
  noiseScheduleOptions,
  noiseVisuals,
  penaltyLoss,
} from './noise.ts'

/** Karras, Aila, Laine, Lehtinen: Progressive Growing of GANs for Improved Quality, Stability, and Variation, ICLR 2018. */
export const progressive = declareRecipe({
  id: 'progressive',
  label: 'Progressive growing',
  summary:
    'Makes larger pictures from random numbers: learns them at 4 px first, then at twice the size, again and again. What it shows gets sharper stage by stage.',
  datasets: ['picture-folder'],
  options: z.strictObject({
    ...noiseScheduleOptions,
    learningRate: withDefault(
      scheduleOptions.learningRate,
      1e-3,
      'How far each step moves the weights. Published: 0.001.',
    ),
    decayShare: withDefault(
      scheduleOptions.decayShare,
      0.25,
      'The learning rate is held first in every stage, then falls over this share of it; the next stage begins with all of it. Published: 0, over runs a thousand times as long.',
    ),
    beta1: withDefault(scheduleOptions.beta1, 0, 'Memory of the first moment. Published: 0.'),
    beta2: withDefault(scheduleOptions.beta2, 0.99, 'Memory of the second moment. Published: 0.99.'),
    batchSize: withDefault(scheduleOptions.batchSize, 16, 'Published: 16, less for large pictures.'),
    ...noisePictureOptions,
    cropSizePx: withDefault(
      pictureOptions.cropSizePx,
      64,
      'The side of the pictures that are made in the end, a power of two. Each doubling is one more stage.',
    ),
    ...latentOption,
    judgeRounds: z.number().int().min(1).max(20).default(1).meta({
      label: 'Steps of the critic for one of the generator',
      term: 'n_critic',
      unit: 'steps',
      help: 'Published: 1.',
    }),
    lambdaGP: z.number().min(0).max(1000).default(10).meta({
      label: 'How closely the critic keeps to slope 1',
      term: 'gradient penalty',
      help: 'Published: 10.',
    }),
    fadeShare: z.number().min(0).max(1).default(0.5).meta({
      label: 'Share of a stage in which the new size is faded in',
      level: 'simple',
      term: 'fade-in',
      help: 'The rest of the stage it stands by itself. Published: 0.5.',
    }),
    ngf: withDefault(networkOptions.ngf, 32, 'Filters from 64 px on; four times as many up to 16 px.'),
    ...stabilityOptions,
    emaDecay: withDefault(
      stabilityOptions.emaDecay,
      0.99,
      'The model is a running mean of the generator, which is steadier than its last state. Published: 0.999, over longer runs.',
    ),
    ...keepingOptions,
  }),
  losses: [...criticLosses, penaltyLoss, steepnessLoss],
  visuals: noiseVisuals,
  made: 'fakeB',
})
export type ProgressiveRecipeOptions = z.infer<(typeof progressive)['options']>

/** Where a run is in its schedule: `stage` from 0, the step that it began with, its steps, and how far its size has been faded in, 0 to 1. */
export type Stage = { stage: number; from: number; steps: number; fade: number }

/**
 * From which step on a stage lasts, 1-based, and how long. As published (appendix A.1), stages take equal shares of the steps, but the
 * first, which has nothing to fade in, only what the others have left after fading. In runs of few steps, some have none.
 */
export function spanOf(
  stage: number,
  steps: number,
  stages: number,
  fadeShare: number,
): { from: number; steps: number } {
  const endOf = (count: number) =>
    count === stages ? steps : Math.max(0, Math.round(((count - fadeShare) * steps) / (stages - fadeShare)))
  return { from: endOf(stage) + 1, steps: endOf(stage + 1) - endOf(stage) }
}

/**
 * Every stage fades in its size over its first part, but the first.
 * @param step 1-based
 */
export function stageAt(step: number, steps: number, stages: number, fadeShare: number): Stage {
  let stage = stages - 1
  while (stage > 0 && spanOf(stage, steps, stages, fadeShare).from > step) stage -= 1
  const { from, steps: own } = spanOf(stage, steps, stages, fadeShare)
  const fading = Math.round(own * fadeShare)
  const fade = stage === 0 || fading === 0 ? 1 : Math.min(1, (step - from + 1) / fading)
  return { stage, from, steps: own, fade }
}
