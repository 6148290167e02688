import { parseOptions } from '../src/core/options/parse.ts'
import { recipes } from '../src/core/recipes/index.ts'
import type { Precision } from '../src/core/training/precision.ts'
import {
  countAttributeStepGflop,
  countBicycleStepGflop,
  countForwardGflop,
  countNoiseStepGflop,
  countProgressiveStepGflop,
  countResnetForwardGflop,
  countStepGflop,
} from './floor.ts'

/** How many times as fast as the best other contender of the same precision a row has to be, and might be; and as tfjs as it comes. */
export type Target = { target: number; stretch: number; timesTfjs?: number }

type Common = {
  id: string
  label: string
  sizePx: number
  /** What the convolutions cannot do without; null where nobody has counted. */
  gflop: number | null
  samples: number
  /** So small that what counts is the number of its ops. */
  isOpBound?: true
  targets: Partial<Record<Precision, Target>>
}
export type StepRow = Common & {
  kind: 'step'
  recipe:
    | 'pix2pix'
    | 'cyclegan'
    | 'fastcut'
    | 'bicyclegan'
    | 'gan'
    | 'wgan'
    | 'wgan-gp'
    | 'progressive'
    | 'attribute'
  options: Record<string, unknown>
  /** Pictures in a batch, for the recipes that do not look at one before and one after. */
  pictures?: number
  /** How many classes they have. */
  classes?: number
  /** Where in its run the step is, from 1. */
  firstStep?: number
  /** How far the stage of the first step is faded in. */
  fade?: number
  /** Spread of the weights that both begin with; 0.02 unless told. */
  initGain?: number
  /** The learning rate of the step that is compared, where the recipe's own makes too much of rounding. */
  checkRate?: number
  /** How much gradients may differ, where PyTorch's own are further from those in float64 than is usual. */
  gradientLimits?: Partial<Record<Precision, number>>
}
export type ForwardRow = Common & {
  kind: 'forward'
  architecture: string
  ngf: number
  layerNorm: 'batch' | 'instance'
  /** Statistics that batch norm goes by. */
  norm: 'batch' | 'running'
}
export type Row = StepRow | ForwardRow

const forwardTargets = {
  float32: { target: 1, stretch: 1.2 },
  bfloat16: { target: 0.95, stretch: 1.2 },
} as const

/** Of the steps from noise, by attribute and with many answers. */
const ownTargets = {
  float32: { target: 1, stretch: 1.3 },
  bfloat16: { target: 1, stretch: 1.3 },
} as const

const generators = [
  { architecture: 'resnet_9blocks', layerNorm: 'instance', name: 'ResNet-9' },
  { architecture: 'unet_256', layerNorm: 'batch', name: 'U-Net 256' },
] as const

function forwardRow({ architecture, layerNorm, name }: (typeof generators)[number], sizePx: number): Row {
  return {
    kind: 'forward',
    id: `${architecture.split('_')[0]}-${sizePx}`,
    label: `${name} forward, ${sizePx} px`,
    architecture,
    ngf: 64,
    layerNorm,
    norm: 'running',
    sizePx,
    gflop: layerNorm === 'batch' ? countForwardGflop(sizePx, 64, 8) : countResnetForwardGflop(sizePx, 64, 9),
    samples: sizePx > 512 ? 4 : sizePx > 256 ? 8 : 20,
    // Small pictures are not what folders of photographs are made of.
    targets: sizePx > 256 ? forwardTargets : {},
  }
}

/** Everything that is compared, and what each has to reach: ratios of the other's time to ours. */
export const rows: readonly Row[] = [
  {
    kind: 'step',
    id: 'pix2pix',
    label: 'Pix2Pix step, U-Net 256, 256 px',
    recipe: 'pix2pix',
    options: {},
    sizePx: 256,
    gflop: countStepGflop(256, 64, 64),
    samples: 10,
    targets: {
      float32: { target: 1.05, stretch: 1.3, timesTfjs: 3 },
      bfloat16: { target: 1.2, stretch: 1.6 },
    },
  },
  {
    kind: 'step',
    id: 'cyclegan',
    label: 'CycleGAN step, ResNet-6, 128 px',
    recipe: 'cyclegan',
    options: { netG: 'resnet_6blocks', cropSizePx: 128 },
    sizePx: 128,
    gflop: null,
    samples: 6,
    targets: { float32: { target: 1.1, stretch: 1.4 }, bfloat16: { target: 1.15, stretch: 1.6 } },
  },
  {
    kind: 'step',
    id: 'fastcut',
    label: 'FastCUT step, ResNet-6, 128 px',
    recipe: 'fastcut',
    options: { netG: 'resnet_6blocks', cropSizePx: 128 },
    sizePx: 128,
    gflop: null,
    samples: 6,
    targets: {},
  },
  {
    kind: 'step',
    id: 'bicyclegan',
    label: 'BicycleGAN step, U-Net 256, 256 px',
    recipe: 'bicyclegan',
    options: {},
    sizePx: 256,
    // Judges move before the generator learns, and their first move is the sign of each gradient: in bfloat16, of small ones, rounding.
    checkRate: 2e-6,
    initGain: 0.05,
    gflop: countBicycleStepGflop(256, { ngf: 64, ndf: 64, nef: 64, latent: 8 }),
    samples: 6,
    targets: ownTargets,
  },
  {
    kind: 'step',
    id: 'small',
    label: 'Pix2Pix step, U-Net 32 with ngf 4, 32 px',
    recipe: 'pix2pix',
    options: { netG: 'unet_32', cropSizePx: 32, ngf: 4, ndf: 4, nLayersD: 2 },
    sizePx: 32,
    gflop: null,
    samples: 100,
    isOpBound: true,
    targets: {},
  },
  {
    kind: 'step',
    id: 'gan',
    label: 'GAN step, 64 px, 64 pictures',
    recipe: 'gan',
    options: {},
    sizePx: 64,
    pictures: 64,
    // PyTorch's in float32 is 0.021 off float64's: the judge's first move is the sign of its gradients, of small ones the sign of rounding.
    gradientLimits: { float32: 0.03 },
    gflop: countNoiseStepGflop(64, 64, 100, { pictures: 64, rounds: 1, hasPenalty: false }),
    samples: 10,
    targets: ownTargets,
  },
  {
    kind: 'step',
    id: 'wgan',
    label: 'WGAN step (critic 5 times), 32 px, 64 pictures',
    recipe: 'wgan',
    options: {},
    sizePx: 32,
    pictures: 64,
    gflop: countNoiseStepGflop(32, 64, 100, { pictures: 64, rounds: 5, hasPenalty: false }),
    samples: 10,
    targets: ownTargets,
  },
  {
    kind: 'step',
    id: 'wgan-gp',
    label: 'WGAN-GP step (critic 5 times), 32 px, 64 pictures',
    recipe: 'wgan-gp',
    options: {},
    sizePx: 32,
    pictures: 64,
    gflop: countNoiseStepGflop(32, 64, 100, { pictures: 64, rounds: 5, hasPenalty: true }),
    samples: 8,
    targets: ownTargets,
  },
  {
    kind: 'step',
    id: 'progressive',
    label: 'Progressive step, last stage, 64 px, 16 pictures',
    recipe: 'progressive',
    // Of five stages with eight steps each, the first with four, the last begins with step 29, when its parts take over what the one before
    // knew. A step later it is half faded in.
    options: { steps: 36 },
    // By then Adam counts to two, in PyTorch to one, so the critic moves further before the generator's gradient is taken. Here it
    // hardly moves; that the generator meets the critic as it has become, the other rows from noise check.
    checkRate: 1e-6,
    firstStep: 30,
    fade: 0.5,
    initGain: 1,
    sizePx: 64,
    pictures: 16,
    gflop: countProgressiveStepGflop(64, 32, 100, 16),
    samples: 8,
    targets: ownTargets,
  },
  {
    kind: 'step',
    id: 'attribute',
    label: 'StarGAN step (critic 5 times), ResNet-6, 64 px, 4 pictures',
    recipe: 'attribute',
    options: {},
    classes: 3,
    sizePx: 64,
    pictures: 4,
    // As in the row bicyclegan; PyTorch's own gradient of the generator in bfloat16 is 0.44 off.
    checkRate: 1e-6,
    initGain: 0.05,
    gradientLimits: { bfloat16: 0.55 },
    gflop: countAttributeStepGflop(64, 64, 6, 3, 4),
    samples: 6,
    targets: ownTargets,
  },
  ...generators.flatMap((generator) => [256, 512, 1024].map((sizePx) => forwardRow(generator, sizePx))),
]

/** The options of a row, and the recipe's own where it says nothing. */
export function optionsOf({ recipe, options, sizePx, pictures }: StepRow) {
  const batch = pictures === undefined ? {} : { batchSize: pictures }
  return parseOptions(recipes[recipe].options, { cropSizePx: sizePx, ...batch, ...options })
}

/** One figure of a row that nobody else runs; with the most that it may be where it has a target. */
export type Figure = { name: string; value: number; unit: string; atMost?: number; stretch?: number }

/** Rows that are not compared with anybody (alone.ts). */
export const aloneRows = [
  { id: 'loader', label: 'Loader, map to satellite, 256 px' },
  { id: 'folder-jpeg', label: 'Folder of 24-megapixel photographs to JPEG' },
  { id: 'folder-tiff', label: 'Folder of 24-megapixel photographs to 16-bit TIFF' },
  { id: 'soak', label: '2,000 steps of Pix2Pix, U-Net 64, 64 px' },
] as const
export type AloneRow = (typeof aloneRows)[number]
export type AloneId = AloneRow['id']
