import { z } from 'zod'

/**
 * In what numbers a step is computed: weights, moments, losses and the last layer of a generator are float32 in all. Processors
 * have bfloat16, graphics cards float16.
 */
export const precision = z.enum(['float32', 'bfloat16', 'float16'])
export type Precision = z.infer<typeof precision>

/** What a person asks for; `auto` takes what the machine is quickest in, where it was measured to lose nothing. */
export const precisionChoice = z.enum(['auto', ...precision.options])
export type PrecisionChoice = z.infer<typeof precisionChoice>
