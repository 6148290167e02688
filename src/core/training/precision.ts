import { z } from 'zod'

/** In what numbers a step is computed: weights and moments are float32 in both. */
export const precision = z.enum(['float32', 'bfloat16'])
export type Precision = z.infer<typeof precision>
