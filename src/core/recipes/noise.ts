import { z } from 'zod'
import {
  adversarialLoss,
  keepingOptions,
  networkOptions,
  pictureOptions,
  scheduleOptions,
  stabilityOptions,
  steepnessLoss,
  withDefault,
} from './common.ts'

/** What recipes from noise share: the field's settings for small pictures. */
export const noiseScheduleOptions = {
  ...scheduleOptions,
  epochs: withDefault(scheduleOptions.epochs, 30, 'Used when the number of steps is left empty.'),
  decayShare: withDefault(
    scheduleOptions.decayShare,
    0,
    'The learning rate is held first, then falls over this share of the run. Published: 0.',
  ),
  batchSize: withDefault(scheduleOptions.batchSize, 64, 'Published: 64 to 128. More needs more memory.'),
} as const

export const noisePictureOptions = {
  ...pictureOptions,
  preprocess: withDefault(pictureOptions.preprocess, 'resize'),
  cropSizePx: withDefault(
    pictureOptions.cropSizePx,
    32,
    'The side of the pictures that are made. Twice the size takes four times as long and needs more pictures to learn from.',
  ),
  flip: withDefault(pictureOptions.flip, false),
} as const

export const latentOption = {
  latent: z.number().int().min(1).max(4096).default(100).meta({
    label: 'Numbers that stand for a picture',
    term: 'latent size',
    unit: 'numbers',
    help: 'Each picture is made from so many random numbers. Published: 100.',
  }),
} as const

const architectureOptions = {
  netG: z
    .enum(['conv', 'dense'])
    .default('conv')
    .meta({
      label: 'Networks',
      term: 'netG, netD',
      level: 'simple',
      help: 'Convolutions see a picture as a picture, and are the better choice. Dense layers, as in the first lessons, see a row of numbers.',
      choiceLabels: { conv: 'Convolutions (DCGAN)', dense: 'Dense layers' },
    }),
  ngf: networkOptions.ngf,
  ndf: networkOptions.ndf,
} as const

/** Of the judge: gradients by single pictures, as penalties need them, have no meaning where a norm mixes a batch. */
const normOption = (normD: 'batch' | 'none') =>
  ({
    norm: z
      .enum(['batch', 'instance', 'none'])
      .default('batch')
      .meta({
        label: 'Normalisation of the generator',
        term: 'norm',
        help: 'Only where the networks are convolutions. Published: batch.',
        choiceLabels: { batch: 'Batch', instance: 'Instance', none: 'None' },
      }),
    normD: z
      .enum(['batch', 'instance', 'none'])
      .default(normD)
      .meta({
        label: 'Normalisation of the judge',
        term: 'norm of netD',
        help: `Only where the networks are convolutions. Default: ${normD}.`,
        choiceLabels: { batch: 'Batch', instance: 'Instance', none: 'None' },
      }),
  }) as const

const initOptions = {
  init: withDefault(networkOptions.init, 'normal'),
  initGain: networkOptions.initGain,
} as const

const ganLossOption = {
  ganLoss: adversarialLoss('vanilla', 'How the judge scores. Published: vanilla (cross-entropy).'),
} as const

const roundsOption = {
  judgeRounds: z.number().int().min(1).max(20).default(5).meta({
    label: 'Steps of the critic for one of the generator',
    term: 'n_critic',
    unit: 'steps',
    help: 'The critic has to be ahead for its verdict to mean something. Published: 5.',
  }),
} as const

/** Goodfellow et al. 2014, and Radford, Metz, Chintala 2016 for the convolutions; Mirza and Osindero 2014 with labels. */
export const ganOptions = z.strictObject({
  ...noiseScheduleOptions,
  ...noisePictureOptions,
  ...latentOption,
  ...ganLossOption,
  ...architectureOptions,
  ...normOption('batch'),
  ...initOptions,
  ...stabilityOptions,
  ...keepingOptions,
})
export type GanOptions = z.infer<typeof ganOptions>

const criticSchedule = (learningRate: number, beta1: number, beta2: number, published: string) => ({
  ...noiseScheduleOptions,
  learningRate: withDefault(
    scheduleOptions.learningRate,
    learningRate,
    `How far each step moves the weights. ${published}`,
  ),
  beta1: withDefault(scheduleOptions.beta1, beta1, `Memory of the first moment. ${published}`),
  beta2: withDefault(scheduleOptions.beta2, beta2, `Memory of the second moment. ${published}`),
})

/** Arjovsky, Chintala, Bottou 2017. Adam without a first moment takes the place of RMSProp, which it is but for its bias correction. */
export const wganOptions = z.strictObject({
  ...criticSchedule(
    5e-5,
    0,
    0.99,
    'Published: RMSProp at 0.00005, which Adam is with beta1 0 and beta2 0.99.',
  ),
  ...noisePictureOptions,
  ...latentOption,
  ...roundsOption,
  clipWeights: z.number().min(0.0001).max(10).default(0.01).meta({
    label: 'Largest weight of the critic',
    term: 'weight clipping',
    help: 'Keeps the critic from becoming arbitrarily steep. Published: 0.01.',
  }),
  ...architectureOptions,
  ...normOption('batch'),
  ...initOptions,
  ...stabilityOptions,
  ...keepingOptions,
})
export type WganOptions = z.infer<typeof wganOptions>

/** Gulrajani et al. 2017. */
export const wganGpOptions = z.strictObject({
  ...criticSchedule(1e-4, 0, 0.9, 'Published: 0.0001 with beta1 0 and beta2 0.9.'),
  ...noisePictureOptions,
  ...latentOption,
  ...roundsOption,
  lambdaGP: z.number().min(0).max(1000).default(10).meta({
    label: 'How closely the critic keeps to slope 1',
    term: 'gradient penalty',
    help: 'Weight of the penalty on slopes other than 1 between real and made pictures. Published: 10.',
  }),
  ...architectureOptions,
  ...normOption('none'),
  ...initOptions,
  ...stabilityOptions,
  ...keepingOptions,
})
export type WganGpOptions = z.infer<typeof wganGpOptions>

export const judgedLosses = [
  {
    id: 'G_GAN',
    label: 'Generator against the judge',
    help: 'Falls when the judge takes its pictures for real ones.',
  },
  {
    id: 'D_real',
    label: 'Judge on real pictures',
    help: 'Near 0.69 the judge is guessing (vanilla loss); near 0 it is certain.',
  },
  {
    id: 'D_fake',
    label: 'Judge on made pictures',
    help: 'Near 0.69 the judge is guessing (vanilla loss); near 0 it is certain.',
  },
  steepnessLoss,
] as const

/** Their names do not begin with D: a critic's score has no level at which it is certain. */
export const criticLosses = [
  {
    id: 'G_GAN',
    label: 'Generator against the critic',
    help: 'Minus what the critic makes of its pictures. Its level means nothing by itself.',
  },
  {
    id: 'C_distance',
    label: 'Distance that the critic sees',
    help: 'Between real and made pictures (Wasserstein, up to a factor). Should fall in the long run.',
  },
] as const

export const penaltyLoss = {
  id: 'C_GP',
  label: 'Gradient penalty',
  help: 'How far the slopes of the critic are from 1, times its weight. Small when all is well.',
} as const

/** The weight of a critic's gradient penalty; 0 where a recipe has none. */
export function penaltyWeightOf(options: object): number {
  return 'lambdaGP' in options && typeof options.lambdaGP === 'number' ? options.lambdaGP : 0
}

export const noiseVisuals = [
  { id: 'fakeB', label: 'Made by the model', side: 'b' },
  { id: 'realB', label: 'Real', side: 'b' },
] as const
