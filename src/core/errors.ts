import { z } from 'zod'

/** What a person is told when something expected goes wrong: what happened, and what to do now. */
export const refusalSchema = z.strictObject({
  code: z.string().regex(/^[a-z0-9-]+$/),
  message: z.string(),
  remedy: z.string(),
})
export type Refusal = z.infer<typeof refusalSchema>

/**
 * An expected failure on its way to a door (window, command line, ledger), where it becomes a value again.
 * Everything else that is thrown is a bug and keeps its stack.
 */
export class Refused extends Error {
  readonly refusal: Refusal

  constructor(refusal: Refusal) {
    super(`${refusal.message} ${refusal.remedy}`)
    this.name = 'Refused'
    this.refusal = refusal
  }
}

/** `throw refuse('dataset-empty', 'No pictures in cats/.', 'Add .png or .jpg files, or choose another folder.')` */
export function refuse(code: string, message: string, remedy: string): Refused {
  return new Refused({ code, message, remedy })
}

/** The refusal inside an error; a bug is told as one, with its message, so that no door shows a bare stack. */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof Refused) return error.refusal
  const message = error instanceof Error ? error.message : String(error)
  return {
    code: 'internal',
    message: `Something went wrong inside Diptych: ${message}`,
    remedy: 'Nothing was lost. Please report this message together with what you did.',
  }
}
