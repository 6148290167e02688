import { refuse } from '../core/errors.ts'

/** The step of a saved state; undefined where none was named. @throws Refused `option-invalid` */
export function stepFrom(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (/^\d+$/.test(text)) return Number(text)
  throw refuse('option-invalid', `--step cannot take "${text}".`, 'Give a step such as 500.')
}
