import { z } from 'zod'
import { splitOptions } from './common.ts'
import { declareDataset } from './declaration.ts'

/**
 * How A is computed from B, in the order in which a photograph comes to harm: grey or edges, fading, blur, downscaling,
 * noise, JPEG, scratches and dust. Strengths are upper bounds: each picture draws its own from its seed, from nothing up to the bound.
 */
export const derivationOptions = {
  grey: z.boolean().default(false).meta({
    label: 'Take the colour away',
    term: 'grey',
    help: 'A keeps the lightness of B and loses its colours.',
  }),
  edges: z.boolean().default(false).meta({
    label: 'Draw its edges',
    term: 'edges',
    help: 'A is a drawing: dark lines on white where B changes quickly.',
  }),
  fading: z.number().min(0).max(1).default(0).meta({
    label: 'Fading, at most',
    term: 'fading',
    help: 'Contrast lost and a yellow cast, as in old prints. 0: none. 1: nearly all of it.',
  }),
  blurSigmaPx: z.number().min(0).max(10).default(0).meta({
    label: 'Blur, at most',
    term: 'Gaussian sigma',
    unit: 'px',
    help: 'Softness of a poor lens, as the width of a Gaussian. 0: none.',
  }),
  downscale: z.number().int().min(1).max(4).default(1).meta({
    label: 'Make smaller by',
    term: 'downscale',
    unit: 'times',
    help: 'A is this many times smaller than B, and the model learns to enlarge. 1: the same size.',
  }),
  downscaleKernel: z
    .enum(['bicubic', 'bilinear', 'area', 'mixed'])
    .default('bicubic')
    .meta({
      label: 'Made smaller with',
      term: 'downscale kernel',
      help: 'Mixed draws one for each picture, so that the model copes with pictures of any origin.',
      choiceLabels: { bicubic: 'Bicubic', bilinear: 'Bilinear', area: 'Area', mixed: 'Mixed' },
    }),
  noiseSigma: z.number().min(0).max(100).default(0).meta({
    label: 'Noise, at most',
    term: 'noise sigma',
    unit: 'of 255',
    help: 'Grain of a dark room or an old film. 0: none.',
  }),
  jpegQuality: z.number().int().min(5).max(100).default(100).meta({
    label: 'JPEG quality, at least',
    term: 'JPEG quality',
    help: 'Blocks and ringing of strong compression: each picture draws a quality between this and 95. 100: none.',
  }),
  scratches: z.number().int().min(0).max(100).default(0).meta({
    label: 'Scratches, at most',
    unit: 'a megapixel',
    help: 'Bright and dark lines across the picture. 0: none.',
  }),
  dust: z.number().int().min(0).max(2000).default(0).meta({
    label: 'Dust, at most',
    unit: 'specks a megapixel',
    help: 'Small bright and dark specks. 0: none.',
  }),
} as const

export const derivationSchema = z.strictObject(derivationOptions)
export type Derivation = z.infer<typeof derivationSchema>

export const derivedPairs = declareDataset({
  id: 'derived-pairs',
  label: 'One folder, spoiled on purpose',
  shortLabel: 'One folder is enough',
  summary:
    'The model is given spoiled copies of good pictures, made on the fly, and learns to bring back the originals.',
  options: z.strictObject({
    folder: z.string().min(1).meta({
      label: 'Folder of good pictures',
      kind: 'folder',
      level: 'simple',
      help: 'What the model should make. They are never changed.',
    }),
    ...derivationOptions,
    ...splitOptions,
  }),
})
