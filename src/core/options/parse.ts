import type { z } from 'zod'
import { refuse } from '../errors.ts'
import { describeOptions, type OptionDescription } from './describe.ts'

/** Edit distance, to name what was probably meant. */
function distance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i]
    for (let j = 1; j <= b.length; j += 1) {
      const swap = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      row.push(Math.min(swap, (previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1))
    }
    previous = row
  }
  return previous[b.length] ?? 0
}

/** The known word nearest to a mistyped one, if any is near enough to be worth naming. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const ranked = known
    .map((candidate) => ({ candidate, cost: distance(word.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.cost - b.cost)
  const best = ranked[0]
  return best && best.cost <= Math.max(2, Math.floor(word.length / 3)) ? best.candidate : undefined
}

/**
 * Parses options strictly: an unknown key or a value out of range is refused by name, never ignored.
 * @throws Refused `option-unknown` or `option-invalid`
 */
export function parseOptions<S extends z.ZodObject>(schema: S, input: unknown): z.infer<S> {
  const parsed = schema.safeParse(input)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  if (issue?.code === 'unrecognized_keys') {
    const key = issue.keys[0] ?? ''
    const meant = nearest(key, Object.keys(schema.shape))
    throw refuse(
      'option-unknown',
      `There is no option named ${key}.`,
      meant ? `Did you mean ${meant}?` : `The options are: ${Object.keys(schema.shape).join(', ')}.`,
    )
  }
  const key = String(issue?.path[0] ?? 'options')
  const known = describeOptions(schema).find((option) => option.key === key)
  throw refuse(
    'option-invalid',
    `The option ${key} cannot take the value ${JSON.stringify(valueAt(input, key))}.`,
    legalValues(known),
  )
}

function valueAt(input: unknown, key: string): unknown {
  return typeof input === 'object' && input !== null
    ? (Object.entries(input).find(([name]) => name === key)?.[1] ?? null)
    : null
}

/** What an option takes, as a sentence that tells what to do. */
export function legalValues(option: OptionDescription | undefined): string {
  if (!option) return 'Check its spelling and its value.'
  if (option.choices.length > 0)
    return `Choose one of: ${option.choices.map((choice) => choice.value).join(', ')}.`
  if (option.kind === 'boolean') return 'Choose true or false.'
  const range = [
    option.minimum === undefined ? '' : `at least ${option.minimum}`,
    option.maximum === undefined ? '' : `at most ${option.maximum}`,
  ]
  const kind = option.kind === 'integer' ? 'whole number' : option.kind
  return `Give a ${kind} ${range.filter(Boolean).join(' and ')}.`.replace(' .', '.')
}
