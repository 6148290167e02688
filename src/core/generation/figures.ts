import { z } from 'zod'
import { splitName } from '../datasets/report.ts'
import { measurement } from '../evaluation/events.ts'
import { countInWords } from '../words.ts'

const count = z.number().int()

/** What the same small classifier learned of one set: one value a seed; `recall` has a row for each class. All are shares, 0 to 1. */
const lesson = z.strictObject({
  from: z.enum(['real', 'made', 'both']),
  /** Different pictures that it learned from. */
  pictures: count,
  accuracy: z.array(z.number()),
  recall: z.array(z.array(z.number())),
})
export type Lesson = z.infer<typeof lesson>

/** What a set is worth for training: classifiers trained on real, on made and on both, all scored on real pictures. */
export const setWorth = z.strictObject({
  classes: z.array(z.string()),
  /** Of every training, whatever the size of its set. */
  steps: count,
  seeds: z.array(count),
  /** Side of the squares that it sees, in px. */
  sidePx: count,
  /** Real pictures that it is scored on. */
  scored: count,
  lessons: z.array(lesson),
})
export type SetWorth = z.infer<typeof setWorth>

/** figures.json: what is known of a made set beside the real one. `file` and `real` are places below their folders. */
export const setFigures = z.strictObject({
  schema: z.literal(1),
  /** Of everything that the figures are a function of. */
  fingerprint: z.string(),
  real: z.strictObject({
    /** Pictures of the run that trained the model, or those of a folder that was named. */
    origin: z.enum(['run', 'folder']),
    train: count,
    /** Those that the looks are compared with, and the split that they are. */
    compared: count,
    split: splitName,
  }),
  scores: z.array(measurement),
  byClass: z.array(z.strictObject({ label: z.string(), scores: z.array(measurement) })),
  balance: z.array(z.strictObject({ label: z.string(), real: count, made: count })),
  /** Mean differences of brightness over a coarse grid, of 1, between made pictures and their nearest real training pictures. */
  nearest: z.strictObject({
    least: z.number(),
    median: z.number(),
    closest: z.array(z.strictObject({ file: z.string(), real: z.string(), difference: z.number() })),
  }),
  worth: setWorth.nullable(),
  /** Why the worth is not told. */
  worthNote: z.string().nullable(),
})
export type SetFigures = z.infer<typeof setFigures>

/** Mean, least and most over seeds. */
export function spreadOf(values: readonly number[]): { mean: number; least: number; most: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return { mean, least: Math.min(...values), most: Math.max(...values) }
}

/** `81.2% (80.7 to 81.9)` of shares. */
export function sharesInWords(values: readonly number[]): string {
  const percent = (share: number) => (100 * share).toFixed(1)
  const { mean, least, most } = spreadOf(values)
  return `${percent(mean)}% (${percent(least)} to ${percent(most)})`
}

/** What the worth comes to, in a sentence or two; a difference within the seeds' spread is called none. */
export function worthInWords({ lessons, scored, seeds }: SetWorth): string {
  const of = (from: Lesson['from']) => spreadOf(lessons.find((one) => one.from === from)?.accuracy ?? [NaN])
  const [real, made, both] = [of('real'), of('made'), of('both')]
  const share = ((100 * made.mean) / real.mean).toFixed(0)
  const change = Math.abs(100 * (both.mean - real.mean)).toFixed(1)
  const added =
    both.least > real.most
      ? `Added to the real pictures, the made ones help: ${change} points more.`
      : both.most < real.least
        ? `Added to the real pictures, the made ones harm: ${change} points fewer.`
        : 'Added to the real pictures, the made ones change nothing that is larger than the spread of the seeds.'
  return `A small classifier that learned from the made pictures alone names ${share}% as many of ${countInWords(scored, 'real picture')} rightly as one that learned from real ones. ${added} Over ${seeds.length} seeds.`
}
