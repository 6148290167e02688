import { z } from 'zod'
import { precisionChoice } from '../training/precision.ts'

/** The same option where another value is published. */
export function withDefault<Inner extends z.ZodType>(
  option: z.ZodDefault<Inner>,
  value: z.core.util.NoUndefined<z.output<Inner>>,
  help?: string,
): z.ZodDefault<Inner> {
  const meta = option.meta()
  return option
    .removeDefault()
    .default(value)
    .meta({ ...meta, ...(help !== undefined && { help }) })
}

type AdversarialLoss = 'vanilla' | 'lsgan' | 'hinge'

/** An order for recipes whose own is that of least squares. */
export const LSGAN_FIRST: readonly AdversarialLoss[] = ['lsgan', 'vanilla', 'hinge']

/** How a judge scores. `order`: in which it is offered. */
export function adversarialLoss(
  usual: AdversarialLoss,
  help: string,
  order: readonly AdversarialLoss[] = ['vanilla', 'lsgan', 'hinge'],
) {
  return z
    .enum(order)
    .default(usual)
    .meta({
      label: 'Adversarial loss',
      term: 'GAN loss',
      help,
      choiceLabels: { vanilla: 'Vanilla (cross-entropy)', lsgan: 'LSGAN (least squares)', hinge: 'Hinge' },
    })
}

/**
 * Options that every recipe shares, in four groups: how long, how large, what from what, what is kept. Each recipe spreads
 * all four and adds its own; `networkOptions` are there for those that take them.
 */
export const scheduleOptions = {
  steps: z.number().int().min(1).max(10_000_000).nullable().default(null).meta({
    label: 'How long',
    term: 'steps',
    unit: 'steps',
    level: 'simple',
    help: 'One step looks at one batch of pictures. More steps give better pictures, up to a point. Empty: as many as the epochs below ask for.',
  }),
  epochs: z.number().int().min(1).max(100_000).default(200).meta({
    label: 'Passes over all pictures',
    term: 'epochs',
    unit: 'epochs',
    help: 'Used when the number of steps is left empty. The published setting is 200.',
  }),
  learningRate: z.number().min(1e-7).max(0.1).default(2e-4).meta({
    label: 'Learning rate',
    help: 'How far each step moves the weights. Lower it when losses jump or the pictures turn into noise.',
  }),
  decayShare: z.number().min(0).max(1).default(0.5).meta({
    label: 'Share of the run with a falling learning rate',
    term: 'decay share',
    help: 'The learning rate is held first, then falls over this share of the run. Published: 0.5.',
  }),
  decay: z
    .enum(['linear', 'step', 'cosine', 'plateau'])
    .default('linear')
    .meta({
      label: 'How the learning rate falls',
      term: 'learning rate policy',
      help: 'Over the share of the run above. Published: linear. Plateau halves it whenever the held-out pairs have stopped improving, and needs pairs.',
      choiceLabels: {
        linear: 'In a straight line to 0',
        step: 'To a tenth, then to a hundredth',
        cosine: 'Along a cosine to 0',
        plateau: 'When nothing improves any more',
      },
    }),
  beta1: z
    .number()
    .min(0)
    .max(0.9999)
    .default(0.5)
    .meta({ label: 'Adam beta1', help: 'Memory of the first moment. Published: 0.5.' }),
  beta2: z
    .number()
    .min(0)
    .max(0.999999)
    .default(0.999)
    .meta({ label: 'Adam beta2', help: 'Memory of the second moment.' }),
  batchSize: z.number().int().min(1).max(64).default(1).meta({
    label: 'Pictures in a step',
    term: 'batch size',
    unit: 'pictures',
    help: 'Published: 1. More needs more memory.',
  }),
  seed: z.number().int().min(0).max(2_147_483_647).default(1).meta({
    label: 'Seed',
    help: 'The same seed, data and settings give the same model, bit for bit.',
  }),
  precision: precisionChoice.default('auto').meta({
    label: 'Precision',
    help: 'In how many bits convolutions compute. 16 is up to three times as fast: bfloat16 where the processor has it, float16 on a graphics card (not tried on one yet). Models were measured to end a little worse. Auto: 32.',
    choiceLabels: {
      auto: 'Auto',
      float32: '32 bits (float32)',
      bfloat16: '16 bits (bfloat16), processor',
      float16: '16 bits (float16), graphics card',
    },
  }),
} as const

export const pictureOptions = {
  preprocess: z
    .enum(['resize_and_crop', 'resize', 'crop', 'scale_width_and_crop'])
    .default('resize_and_crop')
    .meta({
      label: 'Fit pictures by',
      term: 'preprocess',
      help: 'How a picture of any size becomes a training square.',
      choiceLabels: {
        resize_and_crop: 'Resizing to a square, then cropping',
        resize: 'Resizing to a square, all of it',
        crop: 'Cropping only (keeps the scale)',
        scale_width_and_crop: 'Scaling to a width, then cropping',
      },
    }),
  loadSizePx: z.number().int().min(16).max(4096).nullable().default(null).meta({
    label: 'Load size',
    term: 'load size',
    unit: 'px',
    help: 'Pictures are resized to this before a random square is cut out. Empty: as published, 286 px for a square of 256, and in this ratio for others.',
  }),
  cropSizePx: z.number().int().min(16).max(2048).default(256).meta({
    label: 'How large',
    term: 'crop size',
    unit: 'px',
    level: 'simple',
    help: 'The side of the training square. Half the size is four times as fast and shows less detail. Published: 256.',
  }),
  flip: z.boolean().default(true).meta({
    label: 'Mirror pictures at random',
    term: 'flip',
    help: 'Doubles the variety. Switch it off where left and right differ in meaning, as with text.',
  }),
  rotateDegrees: z.number().min(0).max(45).default(0).meta({
    label: 'Turn pictures at random, up to',
    term: 'rotation',
    unit: 'degrees',
    help: 'More variety from few pictures of things that may lie at any angle. Both pictures of a pair turn alike. 0 is off.',
  }),
  colourJitter: z.number().min(0).max(1).default(0).meta({
    label: 'Change light and colour at random, up to',
    term: 'colour jitter',
    help: 'Brightness, contrast and saturation, by this share. Both pictures of a pair change alike; what is made will vary as well. 0 is off.',
  }),
} as const

export const translatingOptions = {
  direction: z
    .enum(['AtoB', 'BtoA'])
    .default('AtoB')
    .meta({
      label: 'Translate from',
      term: 'direction',
      level: 'simple',
      help: 'Which folder is the "before".',
      choiceLabels: { AtoB: 'A to B', BtoA: 'B to A' },
    }),
  translateNorm: z
    .enum(['running', 'batch'])
    .default('running')
    .meta({
      label: 'Batch statistics when translating',
      help: 'Statistics gathered in training make every tile agree and come closer to the true pictures here; those of the picture itself are as published.',
      choiceLabels: { running: 'Running (from training)', batch: 'Of the picture itself' },
    }),
} as const

/** How large the networks are and how they begin, as the published recipes have it. */
export const networkOptions = {
  ngf: z.number().int().min(1).max(256).default(64).meta({
    label: 'Generator width',
    term: 'ngf',
    unit: 'filters',
    help: 'Filters in its first layer. Half of it is about four times as light and a little less detailed.',
  }),
  upsampling: z
    .enum(['transposed', 'resize'])
    .default('transposed')
    .meta({
      label: 'Upsampling',
      help: 'Transposed convolutions are as published; resize and convolve avoids checkerboard patterns.',
      choiceLabels: { transposed: 'Transposed convolution', resize: 'Resize, then convolve' },
    }),
  ndf: z
    .number()
    .int()
    .min(1)
    .max(256)
    .default(64)
    .meta({ label: 'Judge width', term: 'ndf', unit: 'filters', help: 'Filters in its first layer.' }),
  netD: z
    .enum(['patch', 'pixel'])
    .default('patch')
    .meta({
      label: 'What the judge looks at',
      term: 'netD',
      help: 'Patches show it shapes and texture, as published. Single pixels show it colours alone: lighter, and for when colours should change and nothing else.',
      choiceLabels: { patch: 'Patches (PatchGAN)', pixel: 'Single pixels (PixelGAN)' },
    }),
  nLayersD: z.number().int().min(1).max(6).default(3).meta({
    label: 'Judge depth',
    term: 'PatchGAN layers',
    unit: 'layers',
    help: 'How large a patch the judge sees: 3 layers see 70 px, as published. Of no effect where it looks at single pixels.',
  }),
  init: z
    .enum(['normal', 'xavier'])
    .default('normal')
    .meta({ label: 'Initialisation', term: 'init', help: 'How weights begin. Published: normal.' }),
  initGain: z
    .number()
    .min(0.0001)
    .max(2)
    .default(0.02)
    .meta({ label: 'Initial spread', term: 'init gain', help: 'Published: 0.02.' }),
} as const

export const keepingOptions = {
  sampleEvery: z.number().int().min(1).max(1_000_000).default(200).meta({
    label: 'Show pictures every',
    unit: 'steps',
    help: 'How often the held-out pictures are rendered again.',
  }),
  sampleCount: z.number().int().min(1).max(64).default(6).meta({
    label: 'Held-out pictures shown',
    unit: 'pictures',
    help: 'How many held-out pictures the gallery follows.',
  }),
  checkpointEvery: z.number().int().min(1).max(1_000_000).default(500).meta({
    label: 'Save every',
    unit: 'steps',
    help: 'How often everything is saved, so that nothing is lost when the power fails. The newest two are kept whole.',
  }),
  diskBudgetGb: z.number().min(0.05).max(10_000).default(20).meta({
    label: 'Disk for saved states',
    unit: 'GB',
    help: 'Older saved states are thinned out, the best on the held-out pictures last, to stay under this.',
  }),
} as const

/** What keeps training steady and makes the most of few pictures; all of it off as published. */
export const stabilityOptions = {
  diffAugment: z.boolean().default(false).meta({
    label: 'Show the judge pictures that are changed at random',
    term: 'DiffAugment',
    help: 'Brighter, shifted, partly covered, real and made ones alike. For fewer than about a thousand pictures, where the judge would learn them by heart.',
  }),
  emaDecay: z.number().min(0).max(0.99999).default(0).meta({
    label: 'Averaged generator',
    term: 'EMA decay',
    help: 'The model is a running mean of the generator, which is steadier than its last state. 0.999 remembers about a thousand steps; 0 is off.',
  }),
  judgeRate: z.number().min(0.01).max(100).default(1).meta({
    label: "Learning rate of the judge, times the generator's",
    term: 'TTUR',
    help: 'Above 1 the judge learns faster, below 1 more slowly.',
  }),
  clipNorm: z.number().min(0).max(10_000).default(0).meta({
    label: 'Longest gradient',
    term: 'gradient clipping',
    help: 'Gradients of a network that are longer together are shortened. 0 is off; 10 tames jumps.',
  }),
  r1Gamma: z.number().min(0).max(1000).default(0).meta({
    label: 'How smooth the judge must be',
    term: 'R1 gamma',
    help: 'Punishes a judge whose verdict on real pictures changes steeply. Steadies training and takes about half as long again. 0 is off; 1 to 10 are usual.',
  }),
  accumulate: z.number().int().min(1).max(64).default(1).meta({
    label: 'Batches in a step',
    term: 'gradient accumulation',
    unit: 'batches',
    help: 'Each step learns from the mean of so many batches, one after another: the effect of a larger batch without its memory.',
  }),
} as const
export type StabilityOptions = z.infer<z.ZodObject<typeof stabilityOptions>>

export type SharedOptions = typeof scheduleOptions &
  typeof stabilityOptions &
  typeof pictureOptions &
  typeof keepingOptions

/** What the training loop may rely on, whatever the recipe; recipes that translate say which way, too. */
export type RunOptions = z.infer<z.ZodObject<SharedOptions>> &
  Partial<z.infer<z.ZodObject<typeof translatingOptions>>>

/** How many pictures of a side one step looks at. `judgeRounds`: how often judges learn before the generator does, each time from others. */
export function picturesInStep(options: {
  batchSize: number
  accumulate?: number
  judgeRounds?: number
}): number {
  const { batchSize, accumulate = 1, judgeRounds = 1 } = options
  return batchSize * accumulate * judgeRounds
}

/** Which statistics batch norm goes by when a recipe's pictures are looked at: those gathered in training unless it says otherwise. */
export function translateNormOf(options: object): 'running' | 'batch' {
  return 'translateNorm' in options && options.translateNorm === 'batch' ? 'batch' : 'running'
}

/** A judge's penalty, in every recipe that has one. */
export const steepnessLoss = {
  id: 'R1',
  label: 'Steepness of the judge',
  help: 'How steeply its verdict changes on real pictures, times its weight. Only where R1 is on.',
} as const
