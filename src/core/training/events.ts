import { z } from 'zod'
import { findingSchema } from '../datasets/report.ts'
import { refusalSchema } from '../errors.ts'
import { backendInfo, runId } from '../project/project.ts'

/** One row of the hold-out gallery: a held-out pair and what the recipe shows of it. */
function sampleSchema<F extends z.ZodType>(file: F) {
  return z.strictObject({ name: z.string(), visuals: z.record(z.string(), file) })
}

/** What a training run tells, in the order it happens. Steps are 1-based and count finished steps. */
export function trainingEventSchema<F extends z.ZodType>(file: F) {
  const at = { run: runId, step: z.number().int() }
  return z.discriminatedUnion('type', [
    z.strictObject({
      type: z.literal('run-started'),
      ...at,
      recipe: z.string(),
      steps: z.number().int(),
      resumed: z.boolean(),
      parameters: z.number().int(),
      backend: backendInfo,
    }),
    z.strictObject({
      type: z.literal('step'),
      ...at,
      steps: z.number().int(),
      losses: z.record(z.string(), z.number()),
      learningRate: z.number(),
      stepMs: z.number(),
      secondsLeft: z.number().nullable(),
    }),
    z.strictObject({ type: z.literal('samples'), ...at, items: z.array(sampleSchema(file)) }),
    z.strictObject({
      type: z.literal('checkpoint'),
      ...at,
      validationL1: z.number().nullable(),
      bytes: z.number(),
    }),
    z.strictObject({ type: z.literal('finding'), ...at, finding: findingSchema(file) }),
    z.strictObject({
      type: z.literal('rolled-back'),
      ...at,
      fromStep: z.number().int(),
      learningRateScale: z.number(),
    }),
    z.strictObject({ type: z.literal('paused'), ...at }),
    z.strictObject({ type: z.literal('continued'), ...at }),
    z.strictObject({ type: z.literal('stopped'), ...at }),
    z.strictObject({
      type: z.literal('done'),
      ...at,
      model: file,
      bestStep: z.number().int(),
      validationL1: z.number().nullable(),
    }),
    z.strictObject({ type: z.literal('failed'), ...at, refusal: refusalSchema }),
  ])
}
