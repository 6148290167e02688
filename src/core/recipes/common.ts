import { z } from 'zod'
import { precisionChoice } from '../training/precision.ts'

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
    term: 'linear decay',
    help: 'The learning rate is held first, then falls in a straight line to zero over this share of the run. Published: 0.5.',
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
    .enum(['resize_and_crop', 'crop', 'scale_width_and_crop'])
    .default('resize_and_crop')
    .meta({
      label: 'Fit pictures by',
      term: 'preprocess',
      help: 'How a picture of any size becomes a training square.',
      choiceLabels: {
        resize_and_crop: 'Resizing to a square, then cropping',
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
  nLayersD: z.number().int().min(1).max(6).default(3).meta({
    label: 'Judge depth',
    term: 'PatchGAN layers',
    unit: 'layers',
    help: 'How large a patch the judge sees: 3 layers see 70 px, as published.',
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

export type SharedOptions = typeof scheduleOptions &
  typeof pictureOptions &
  typeof translatingOptions &
  typeof keepingOptions

/** What the training loop may rely on, whatever the recipe. */
export type RunOptions = z.infer<z.ZodObject<SharedOptions>>
