import { z } from 'zod'
import { refusalSchema } from '../errors.ts'
import { counted } from '../progress.ts'
import { trainingEventSchema } from '../training/events.ts'
import { sweepFile } from './sweep.ts'

/** What trying several settings tells. The table is a function of `sweep` (standing.ts). */
export function sweepEventSchema<F extends z.ZodType>(file: F) {
  const state = { sweep: sweepFile }
  return z.discriminatedUnion('type', [
    /** As it begins or goes on, and after each change. */
    z.strictObject({ type: z.literal('sweep'), ...state }),
    /** What the run of a setting tells; steps of all settings together. */
    z.strictObject({
      type: z.literal('sweep-run'),
      ...counted,
      event: trainingEventSchema(file),
    }),
    z.strictObject({ type: z.literal('sweep-done'), ...state }),
    z.strictObject({ type: z.literal('sweep-stopped'), ...state }),
    z.strictObject({ type: z.literal('sweep-failed'), refusal: refusalSchema }),
  ])
}

export type SweepEvent<F extends z.ZodType> = z.infer<ReturnType<typeof sweepEventSchema<F>>>
