import { z } from 'zod'

/** How far a part of some long work is, as events tell it. */
export const counted = {
  done: z.number().int(),
  total: z.number().int(),
  secondsLeft: z.number().nullable(),
}
