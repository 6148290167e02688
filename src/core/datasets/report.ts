import { z } from 'zod'
import { derivationSchema } from './derivedPairs.ts'

export const splitNames = ['train', 'val', 'test'] as const
export const splitName = z.enum(splitNames)
export type SplitName = z.infer<typeof splitName>

/** Something worth saying about data, a run or a result, in plain words with what to do about it. */
export function findingSchema<F extends z.ZodType>(file: F) {
  return z.strictObject({
    level: z.enum(['error', 'warning', 'note']),
    code: z.string(),
    message: z.string(),
    remedy: z.string(),
    file: file.nullable(),
    /** Options that the remedy would set in a new run, where it comes to that. */
    change: z.record(z.string(), z.unknown()).optional(),
  })
}

/** One side of a data set: what its pictures are. Channels and bit depth are those of the training tensors. */
export const sideSummary = z.strictObject({
  pictures: z.number().int(),
  channels: z.number().int(),
  bitDepth: z.union([z.literal(8), z.literal(16)]),
  smallestPx: z.tuple([z.number().int(), z.number().int()]),
  largestPx: z.tuple([z.number().int(), z.number().int()]),
})
export type SideSummary = z.infer<typeof sideSummary>

/** Which part of a file is one side's picture: the whole of it, or its left or right half. */
export const pictureRegion = z.enum(['whole', 'left', 'right'])
export type PictureRegion = z.infer<typeof pictureRegion>

export function pairSchema<F extends z.ZodType>(file: F) {
  const side = z.strictObject({
    file,
    region: pictureRegion,
    widthPx: z.number().int(),
    heightPx: z.number().int(),
  })
  return z.strictObject({ name: z.string(), split: splitName, a: side, b: side })
}

/** A picture that has no partner. `label`: its class, as its place among the report's; null where there are none. */
export function singleSchema<F extends z.ZodType>(file: F) {
  return z.strictObject({
    name: z.string(),
    label: z.number().int().nullable(),
    split: splitName,
    file,
    region: pictureRegion,
    widthPx: z.number().int(),
    heightPx: z.number().int(),
  })
}

/**
 * What reading a data set found. `fingerprint` is a hash of names, splits, contents and, where A is computed, how.
 *
 * - Paired kinds: `pairs` holds everything; `unpaired` and `derivation` are null.
 * - Unpaired kinds: `unpaired` holds both sides; `pairs` holds only true pairs that were withheld for scoring (val and
 *   test, never train), often none. `counts` counts the pictures of the larger side.
 * - One-sided kinds: as unpaired, with all pictures in b and none in a; `classes` has the names of their classes, or none. `a`
 *   says the same as `b`. For all others `classes` is null.
 * - Derived kinds: both sides of a pair are the same file, and `derivation` says how A is made of it; `a` says what A
 *   is after that (one channel where it is grey, smaller where it is downscaled).
 */
export function datasetReportSchema<F extends z.ZodType>(file: F) {
  return z.strictObject({
    kind: z.string(),
    fingerprint: z.string(),
    pairs: z.array(pairSchema(file)),
    unpaired: z.strictObject({ a: z.array(singleSchema(file)), b: z.array(singleSchema(file)) }).nullable(),
    derivation: derivationSchema.nullable(),
    classes: z.array(z.string()).nullable(),
    counts: z.strictObject({ train: z.number().int(), val: z.number().int(), test: z.number().int() }),
    a: sideSummary.nullable(),
    b: sideSummary.nullable(),
    findings: z.array(findingSchema(file)),
  })
}
