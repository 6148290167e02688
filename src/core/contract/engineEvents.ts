import { z } from 'zod'
import { refusalSchema } from '../errors.ts'
import { evaluationEvent } from '../evaluation/events.ts'
import { generationEventSchema } from '../generation/events.ts'
import { judgingEventSchema } from '../judging/events.ts'
import { planEvent } from '../planning/plan.ts'
import { jobId } from '../project/project.ts'
import { sweepEventSchema } from '../sweeps/events.ts'
import { trainingEventSchema } from '../training/events.ts'
import { translationEventSchema } from '../translation/events.ts'

/**
 * What the report measured, samples in [0,1]. `scores` are means over the test pairs, null where no test picture has a true
 * partner; `baseline` is what needs no learning, named by its label.
 */
export function reportEventSchema<F extends z.ZodType>(file: F) {
  const scores = z.strictObject({ l1: z.number(), psnr: z.number(), ssim: z.number() })
  return z.discriminatedUnion('type', [
    z.strictObject({ type: z.literal('report-progress'), done: z.number().int(), total: z.number().int() }),
    z.strictObject({
      type: z.literal('report'),
      pairs: z.number().int(),
      /** Test pictures shown or scored, with and without partners. */
      pictures: z.number().int(),
      scores: scores.nullable(),
      baseline: z.strictObject({ label: z.string(), ...scores.shape }).nullable(),
      file,
    }),
    z.strictObject({ type: z.literal('report-failed'), refusal: refusalSchema }),
  ])
}

/** Everything a job tells, wrapped with the job it belongs to. */
export function createJobEvents<F extends z.ZodType>(file: F) {
  return z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('train'), job: jobId, event: trainingEventSchema(file) }),
    z.strictObject({ kind: z.literal('translate'), job: jobId, event: translationEventSchema(file) }),
    z.strictObject({ kind: z.literal('generate'), job: jobId, event: generationEventSchema(file) }),
    z.strictObject({ kind: z.literal('report'), job: jobId, event: reportEventSchema(file) }),
    z.strictObject({ kind: z.literal('evaluate'), job: jobId, event: evaluationEvent }),
    z.strictObject({ kind: z.literal('plan'), job: jobId, event: planEvent }),
    z.strictObject({ kind: z.literal('sweep'), job: jobId, event: sweepEventSchema(file) }),
    z.strictObject({ kind: z.literal('judge'), job: jobId, event: judgingEventSchema(file) }),
  ])
}
