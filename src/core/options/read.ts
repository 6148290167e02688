import { z } from 'zod'
import { refuse } from '../errors.ts'
import type { OptionDescription } from './describe.ts'
import { legalValues } from './parse.ts'

/** Reads a text as its option's kind. */
function parseValue(option: OptionDescription, text: string | true, name: string): unknown {
  if (option.kind === 'boolean') {
    if (text === true || text === 'true') return true
    if (text === 'false') return false
    throw refuse('option-invalid', `${name} cannot take "${text}".`, 'Give true or false.')
  }
  if (option.nullable && text === 'auto') return null
  if (option.kind !== 'integer' && option.kind !== 'number') return text
  const value = Number(text)
  if (text === true || text.trim() === '' || !Number.isFinite(value))
    throw refuse(
      'option-invalid',
      `${name} cannot take "${text}".`,
      `Give a number, such as ${String(option.defaultValue ?? 1)}.`,
    )
  return value
}

/**
 * A value as typed, held to the declaration.
 * @param text true: the flag stood alone
 * @param name what a refusal calls it
 * @throws Refused `option-invalid`
 */
export function readOption(
  schema: z.ZodObject,
  option: OptionDescription,
  text: string | true,
  name = option.flag,
): unknown {
  const value = parseValue(option, text, name)
  const judged = z.safeParse(schema.shape[option.key] ?? z.unknown(), value)
  if (judged.success) return value
  throw refuse('option-invalid', `${name} cannot take "${text}".`, legalValues(option))
}
