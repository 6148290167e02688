import { z } from 'zod'
import { refusalSchema } from '../errors.ts'
import { counted } from '../progress.ts'
import { runId } from '../project/project.ts'

/** A score of 0.5 and above passes for real; a critic (WGAN) has no such level. */
export const THRESHOLD = 0.5

/** How scores of several pictures lie: `deciles` at 10% to 90%, `histogram` in bins of equal width over the verdict's range. */
export const distributionSchema = z.strictObject({
  count: z.number().int(),
  mean: z.number(),
  deciles: z.array(z.number()),
  /** How many of them pass for real, as a share; null where the judge is a critic. */
  shareOver: z.number().nullable(),
  histogram: z.array(z.number().int()),
})
export type Distribution = z.infer<typeof distributionSchema>

/**
 * What a judge says of one picture. `score`: 0 looks made, 1 looks real; of a critic the mean of what it gives, of any size.
 * `position` is a critic's alone: 0 where made test pictures are on average, 1 where real ones are; null where the two are one.
 */
const opinionShape = {
  name: z.string(),
  /** A picture that was asked about, or one of those that a judge is measured by. */
  kind: z.enum(['asked', 'real', 'made']),
  score: z.number(),
  position: z.number().nullable(),
  verdict: z.enum(['real', 'made']).nullable(),
  /** Where it was judged patch by patch: how many patches, and the least and the largest score among them. */
  map: z
    .strictObject({
      rows: z.number().int(),
      columns: z.number().int(),
      low: z.number(),
      high: z.number(),
    })
    .nullable(),
} as const

/** Of the whole: what judged, and how it does on pictures whose truth is known. */
const summaryShape = {
  run: runId,
  step: z.number().int(),
  judge: z.string(),
  ganLoss: z.enum(['vanilla', 'lsgan', 'hinge', 'wgan']),
  threshold: z.number().nullable(),
  /** What the histograms range over. */
  range: z.strictObject({ low: z.number(), high: z.number() }),
  asked: distributionSchema.nullable(),
  real: distributionSchema.nullable(),
  made: distributionSchema.nullable(),
  /** Mean of the shares of real and of made pictures that it tells rightly at the threshold. */
  accuracy: z.number().nullable(),
  /** How often a real picture scores above a made one: the area under the ROC curve; 0.5 is guessing. */
  area: z.number().nullable(),
  /** What it must be told besides a picture: what that was made of, its class; and which classes it knows. */
  told: z.strictObject({ given: z.boolean(), label: z.boolean() }),
  classes: z.array(z.string()),
  /** Pictures that could not be judged. */
  failed: z.number().int(),
} as const

/** What judging pictures tells. */
export function judgingEventSchema<F extends z.ZodType>(file: F) {
  return z.discriminatedUnion('type', [
    z.strictObject({
      type: z.literal('judging-progress'),
      ...counted,
    }),
    z.strictObject({
      type: z.literal('opinion'),
      ...opinionShape,
      /** The square that the judge saw, and its map as greys of the same size, where an output was named. */
      seen: file.nullable(),
      heat: file.nullable(),
    }),
    z.strictObject({ type: z.literal('picture-failed'), name: z.string(), refusal: refusalSchema }),
    z.strictObject({ type: z.literal('judged'), ...summaryShape }),
    z.strictObject({ type: z.literal('judging-failed'), refusal: refusalSchema }),
  ])
}

export type Opinion = z.infer<z.ZodObject<typeof opinionShape>>
export type JudgingSummary = z.infer<z.ZodObject<typeof summaryShape>>
