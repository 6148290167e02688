import { z } from 'zod'

/**
 * How pictures enter and leave a network: sample v in [0,1] becomes `low + v * (high - low)`.
 * `channels` counts the network's own planes; alpha is never among them.
 */
export const pictureSpace = z.strictObject({
  channels: z.number().int().min(1).max(64),
  bitDepth: z.union([z.literal(8), z.literal(16)]),
  low: z.number(),
  high: z.number(),
  colourSpace: z.enum(['srgb', 'grey', 'data']),
})
export type PictureSpace = z.infer<typeof pictureSpace>

/**
 * What a network is given after a picture's planes, or, where it generates, instead of a picture: planes of a latent code, then one
 * for each label, 1 where it is meant.
 */
export const modelCondition = z.strictObject({
  latent: z.number().int().min(0).max(4096),
  labels: z.array(z.string().min(1).max(200)).max(1024),
})
export type ModelCondition = z.infer<typeof modelCondition>

/** What a person should know before using a model. */
export const modelCard = z.strictObject({
  summary: z.string(),
  goodFor: z.string(),
  limits: z.string(),
  source: z.string(),
  licence: z.string(),
})

/** Where a trained model comes from. No time, path or run id: equal runs give equal bytes. */
export const trainingSummary = z.strictObject({
  recipe: z.string(),
  options: z.record(z.string(), z.unknown()),
  direction: z.enum(['AtoB', 'BtoA']),
  steps: z.number().int(),
  atStep: z.number().int(),
  pairs: z.number().int(),
  datasetFingerprint: z.string(),
  /** Mean absolute error on the validation pairs, samples in [0,1]; null without validation pairs. */
  validationL1: z.number().nullable(),
})

/**
 * The header of `models/<name>.safetensors`: JSON under the metadata key `diptych`. With the tensors it is all that
 * translating needs. Tensors carry the network's parameter and statistics names (engine/nn).
 */
export const modelHeader = z.strictObject({
  format: z.literal('diptych-model'),
  version: z.literal(1),
  name: z.string(),
  task: z.enum(['translate', 'enlarge', 'restore', 'colourise', 'generate']),
  network: z.strictObject({ architecture: z.string(), options: z.record(z.string(), z.unknown()) }),
  /** Where it generates, the same as `output`. */
  input: pictureSpace,
  output: pictureSpace,
  condition: modelCondition.optional(),
  /**
   * How the network's output becomes the picture; absent: it is the picture. `lab-chroma`: the network is given one plane, the
   * sRGB grey of the picture's lightness, and makes two, a and b of CIE Lab over 110; the picture, which `output`
   * describes, has these and the lightness of the original.
   */
  compose: z.enum(['lab-chroma']).optional(),
  /** With `compose`: the shorter side of what the network is shown, in pixels, as in training; absent: the picture's own size. */
  workingSidePx: z.number().int().min(1).optional(),
  /** How batch norm behaves when translating (docs/decisions/0004). */
  norm: z.enum(['running', 'batch']),
  /** The side of the squares it was trained on, in input pixels; tiles near this size suit it best. */
  trainedSizePx: z.number().int().nullable(),
  card: modelCard,
  training: trainingSummary.nullable(),
})
export type ModelHeader = z.infer<typeof modelHeader>

export const MODEL_METADATA_KEY = 'diptych'
