import { z } from 'zod'
import { refusalSchema } from '../errors.ts'
import { trainingSettings } from '../project/project.ts'
import { sweepMeasure, sweepRequest } from '../sweeps/sweep.ts'

/** What a run with some settings would cost on this machine. `isMeasured` is false where it was scaled from another step. */
export const estimate = z.strictObject({
  stepMs: z.number(),
  steps: z.number().int(),
  /** Everything: steps, galleries, scores, saving. */
  seconds: z.number(),
  /** Peak of the engine process. */
  memoryBytes: z.number(),
  /** All that the run leaves in the project at its fullest. */
  diskBytes: z.number(),
  checkpointBytes: z.number(),
  parameters: z.number().int(),
  isMeasured: z.boolean(),
})
export type Estimate = z.infer<typeof estimate>

/** Other settings that fit the patience that was stated. */
export const proposal = z.strictObject({
  label: z.string(),
  training: trainingSettings,
  estimate,
  /** What it costs in quality, in a sentence, measured on the samples (docs/results.md). */
  cost: z.string(),
})
export type Proposal = z.infer<typeof proposal>

export const plan = z.strictObject({
  training: trainingSettings,
  /** False where no picture of the project could be read: it was measured with drawn ones of the right size. */
  usesOwnPictures: z.boolean(),
  estimate,
  /** Whether it fits the patience, the memory and the disk. */
  fits: z.strictObject({ time: z.boolean(), memory: z.boolean(), disk: z.boolean() }),
  memoryFreeBytes: z.number(),
  diskFreeBytes: z.number(),
  /** Training squares that these networks can work on, and that fit into the memory, smallest first. */
  legalSizesPx: z.array(z.number().int()),
  proposals: z.array(proposal),
})
export type Plan = z.infer<typeof plan>

/** What trying several settings would cost. `seconds` if the settings that stay in are as quick as all; `mostSeconds` if they are the slowest. */
export const sweepPlan = z.strictObject({
  request: sweepRequest,
  rungs: z.array(z.strictObject({ steps: z.number().int(), runs: z.number().int() })),
  totalSteps: z.number().int(),
  measure: sweepMeasure,
  seconds: z.number(),
  mostSeconds: z.number(),
  memoryBytes: z.number(),
  diskBytes: z.number(),
  memoryFreeBytes: z.number(),
  diskFreeBytes: z.number(),
  /** False where some settings were reckoned from others. */
  isMeasured: z.boolean(),
})
export type SweepPlan = z.infer<typeof sweepPlan>

/** What planning tells; it takes seconds, because it measures real steps. */
export const planEvent = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('plan-progress'), done: z.number().int(), total: z.number().int() }),
  z.strictObject({ type: z.literal('plan'), plan }),
  z.strictObject({ type: z.literal('sweep-plan'), plan: sweepPlan }),
  z.strictObject({ type: z.literal('plan-failed'), refusal: refusalSchema }),
])
export type PlanEvent = z.infer<typeof planEvent>
