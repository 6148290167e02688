import { z } from 'zod'

/** Options that every recipe shares: how long, how large, how the data is fed, what is kept. */
export const scheduleOptions = {
  steps: z.number().int().min(1).max(10_000_000).nullable().default(null).meta({
    label: 'How long',
    term: 'steps',
    unit: 'steps',
    level: 'simple',
    help: 'One step looks at one batch of pairs. More steps give better pictures, up to a point. Empty: as many as the epochs below ask for.',
  }),
  epochs: z.number().int().min(1).max(100_000).default(200).meta({
    label: 'Passes over all pairs',
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
    label: 'Pairs in a step',
    term: 'batch size',
    unit: 'pairs',
    help: 'Published: 1. More needs more memory.',
  }),
  seed: z.number().int().min(0).max(2_147_483_647).default(1).meta({
    label: 'Seed',
    help: 'The same seed, data and settings give the same model, bit for bit.',
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
  loadSizePx: z.number().int().min(16).max(4096).default(286).meta({
    label: 'Load size',
    term: 'load size',
    unit: 'px',
    help: 'Pictures are resized to this before a random square is cut out. Published: 286.',
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
