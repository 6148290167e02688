import { z } from 'zod'
import { refusalSchema } from '../errors.ts'
import { counted } from '../progress.ts'
import { runId } from '../project/project.ts'
import { metricIds } from './metrics.ts'

/**
 * One figure with its 95% interval and the number of pictures (or pairs) it rests on. `value` is null where it could not
 * be told; `note` then says why in a sentence.
 */
export const measurement = z.strictObject({
  metric: z.enum(metricIds),
  value: z.number().nullable(),
  low: z.number().nullable(),
  high: z.number().nullable(),
  count: z.number().int(),
  note: z.string().nullable(),
})
export type Measurement = z.infer<typeof measurement>

/** A saved state of a run, scored on pictures that it never learned from. */
export const evaluationRow = z.strictObject({
  step: z.number().int(),
  /** Which pictures: those kept back to choose by, or those kept back for the final score. */
  split: z.enum(['val', 'test']),
  measurements: z.array(measurement),
})
export type EvaluationRow = z.infer<typeof evaluationRow>

/** What scoring a run's saved states tells. Rows are kept in the project and come back with `run:get`. */
export const evaluationEvent = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('evaluation-progress'),
    ...counted,
  }),
  z.strictObject({ type: z.literal('checkpoint-evaluated'), run: runId, row: evaluationRow }),
  z.strictObject({ type: z.literal('evaluated'), run: runId, rows: z.array(evaluationRow) }),
  z.strictObject({ type: z.literal('evaluation-failed'), refusal: refusalSchema }),
])
export type EvaluationEvent = z.infer<typeof evaluationEvent>
