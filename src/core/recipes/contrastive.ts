import { z } from 'zod'
import {
  adversarialLoss,
  LSGAN_FIRST,
  keepingOptions,
  networkOptions,
  pictureOptions,
  scheduleOptions,
  stabilityOptions,
  steepnessLoss,
  withDefault,
  translatingOptions,
} from './common.ts'

/** In what CUT and FastCUT differ. */
type Published = {
  epochs: number
  decayShare: number
  lambdaNCE: number
  nceIdentity: boolean
  flipEquivariance: boolean
}

const scheduleOf = ({ epochs, decayShare }: Published) => ({
  ...scheduleOptions,
  epochs: withDefault(
    scheduleOptions.epochs,
    epochs,
    `Used when the number of steps is left empty. The published setting is ${epochs}.`,
  ),
  decayShare: withDefault(
    scheduleOptions.decayShare,
    decayShare,
    `The learning rate is held first, then falls over this share of the run. Published: ${decayShare}.`,
  ),
})

const onOrOff = (value: boolean): string => (value ? 'on' : 'off')

const lossOptions = ({ lambdaNCE, nceIdentity, flipEquivariance }: Published) => ({
  lambdaNCE: z
    .number()
    .min(0)
    .max(1000)
    .default(lambdaNCE)
    .meta({
      label: 'How closely every place must show what it showed',
      term: 'lambda NCE, contrastive weight',
      level: 'simple',
      help: `Each patch of the new picture must be told from all others by the patch that was there before. Higher keeps more of the picture; lower is freer. Published: ${lambdaNCE}.`,
    }),
  nceIdentity: z
    .boolean()
    .default(nceIdentity)
    .meta({
      label: 'Leave what has the look already',
      term: 'identity NCE',
      help: `A picture that has the wanted look must stay as it is. It keeps colours and costs twice the time. Published: ${onOrOff(nceIdentity)}.`,
    }),
  flipEquivariance: z
    .boolean()
    .default(flipEquivariance)
    .meta({
      label: 'Mirrored pictures must give mirrored pictures',
      term: 'flip-equivariance',
      help: `In half of the steps the generator is given the mirror image and compared with the picture itself. Published: ${onOrOff(flipEquivariance)}.`,
    }),
})

/** The same in both. */
const comparingOptions = {
  lambdaGAN: z.number().min(0).max(1000).default(1).meta({
    label: 'Weight of the judge',
    term: 'lambda GAN',
    help: 'How much it matters that the judge takes the pictures for real ones. Published: 1.',
  }),
  patches: z.number().int().min(2).max(4096).default(256).meta({
    label: 'Places compared in a picture',
    term: 'number of patches',
    unit: 'places',
    help: 'At each of five depths, drawn at random in every step. Published: 256.',
  }),
  temperature: z.number().min(0.001).max(10).default(0.07).meta({
    label: 'Temperature of the comparison',
    term: 'NCE temperature',
    help: 'Lower demands clearer differences between places. Published: 0.07.',
  }),
  projectionWidth: z.number().int().min(1).max(4096).default(256).meta({
    label: 'Width of the comparing networks',
    term: 'netF width',
    unit: 'values',
    help: 'Places are compared by this many values, which two small layers make of what the generator sees there. Published: 256.',
  }),
  ganLoss: adversarialLoss('lsgan', 'How the judge scores. Published: least squares.', LSGAN_FIRST),
} as const

const architectureOptions = {
  netG: z
    .enum(['auto', 'resnet_3blocks', 'resnet_6blocks', 'resnet_9blocks'])
    .default('auto')
    .meta({
      label: 'Generator',
      term: 'netG',
      help: 'The network that paints. Auto: 9 blocks from 256 px, as published, and 6 below.',
      choiceLabels: { auto: 'Auto (what fits the square)' },
    }),
  sampling: z
    .enum(['antialiased', 'strided'])
    .default('antialiased')
    .meta({
      label: 'Changing size inside the networks',
      term: 'antialiased sampling',
      help: 'Antialiased blurs before it leaves pixels out, as published. Strided skips pixels: faster, and coarser at edges.',
      choiceLabels: { antialiased: 'Antialiased', strided: 'Strided' },
    }),
  ngf: networkOptions.ngf,
  dropout: z.boolean().default(false).meta({
    label: 'Dropout',
    help: 'Noise inside the generator while it learns. Published: off.',
  }),
  ndf: networkOptions.ndf,
  netD: networkOptions.netD,
  nLayersD: networkOptions.nLayersD,
  norm: z
    .enum(['instance', 'batch', 'none'])
    .default('instance')
    .meta({
      label: 'Normalisation',
      term: 'norm',
      help: 'Published: instance.',
      choiceLabels: { batch: 'Batch', instance: 'Instance', none: 'None' },
    }),
  translateNorm: translatingOptions.translateNorm,
  init: withDefault(networkOptions.init, 'xavier', 'How weights begin. Published: xavier.'),
  initGain: networkOptions.initGain,
} as const

/** All options of a contrastive recipe, with its published values. */
export const contrastiveOptions = (published: Published) =>
  z.strictObject({
    ...scheduleOf(published),
    ...pictureOptions,
    direction: translatingOptions.direction,
    ...lossOptions(published),
    ...comparingOptions,
    ...architectureOptions,
    ...stabilityOptions,
    ...keepingOptions,
  })

export type ContrastiveOptions = z.infer<ReturnType<typeof contrastiveOptions>>

export const contrastiveLosses = [
  {
    id: 'G_GAN',
    label: 'Generator against the judge',
    help: 'Falls when the judge takes its pictures for real ones.',
  },
  {
    id: 'NCE',
    label: 'Places not found again',
    help: 'How hard it is to tell which place of the picture before a patch shows, times its weight. Should fall.',
  },
  {
    id: 'NCE_Y',
    label: 'Places not found again in pictures that should stay',
    help: 'The same for pictures that have the look already. Should fall.',
  },
  {
    id: 'D_real',
    label: 'Judge on real pictures',
    help: 'Near 0.25 it is guessing (least squares); near 0 it is certain.',
  },
  {
    id: 'D_fake',
    label: 'Judge on made pictures',
    help: 'Near 0.25 it is guessing (least squares); near 0 it is certain.',
  },
  steepnessLoss,
] as const

export const contrastiveVisuals = [
  { id: 'realA', label: 'Before', side: 'a' },
  { id: 'fakeB', label: 'Made by the model', side: 'b' },
  { id: 'realB', label: 'After', side: 'b' },
  { id: 'idtB', label: 'After, left as it is', side: 'b' },
] as const
