import { type Command, Option } from 'commander'
import type { z } from 'zod'
import { describeOptions, type OptionDescription } from '../core/options/describe.ts'
import { readOption } from '../core/options/read.ts'

function placeholder(option: OptionDescription): string {
  if (option.kind === 'boolean') return '[true|false]'
  if (option.kind === 'choice') return '<choice>'
  return option.kind === 'integer' || option.kind === 'number' ? '<number>' : '<text>'
}

function helpOf(option: OptionDescription): string {
  const unit = option.unit ? ` ${option.unit}` : ''
  const choices =
    option.choices.length > 0 ? ` One of: ${option.choices.map((choice) => choice.value).join(', ')}.` : ''
  const fallback = option.nullable ? 'auto' : String(option.defaultValue)
  return `${option.label}. ${option.help}${choices} (default: ${fallback}${fallback === 'auto' ? '' : unit})`
}

/** Headings of the help, for the few options that a form shows first and for the rest. */
type HelpGroups = Readonly<Record<OptionDescription['level'], string>>

/** Adds a flag for every option of the declarations; the first declaration of a name wins. */
export function addOptionFlags(
  command: Command,
  schemas: readonly z.ZodObject[],
  groups?: HelpGroups,
): Command {
  const known = new Set(command.options.map((option) => option.long))
  for (const option of schemas.flatMap((schema) => describeOptions(schema))) {
    if (known.has(option.flag)) continue
    known.add(option.flag)
    const flag = new Option(`${option.flag} ${placeholder(option)}`, helpOf(option))
    command.addOption(groups ? flag.helpGroup(groups[option.level]) : flag)
  }
  return command
}

/** The flags of this schema that were typed, by name. */
export function typedFlags(schema: z.ZodObject, flags: Readonly<Record<string, unknown>>): string[] {
  return describeOptions(schema)
    .map((option) => option.flag)
    .filter((flag) => flags[keyOfFlag(flag)] !== undefined)
}

/** A flag that was typed and belongs to another declaration only: it would change nothing. */
export function foreignFlag(
  own: z.ZodObject,
  all: Readonly<Record<string, { options: z.ZodObject }>>,
  flags: Readonly<Record<string, unknown>>,
): { id: string; flag: string } | undefined {
  const known = new Set(typedFlags(own, flags))
  const typed = Object.entries(all).flatMap(([id, { options }]) =>
    typedFlags(options, flags).map((flag) => ({ id, flag })),
  )
  return typed.find(({ flag }) => !known.has(flag))
}

/** What the person typed, as options of this schema; untyped options are left to their defaults. */
export function optionsFromFlags(
  schema: z.ZodObject,
  flags: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const typed = describeOptions(schema).flatMap((option) => {
    const text = flags[keyOfFlag(option.flag)]
    return text === undefined
      ? []
      : [[option.key, readOption(schema, option, text === true ? true : String(text))] as const]
  })
  return Object.fromEntries(typed)
}

/** Commander's own key of a flag: `--lambda-l1` is `lambdaL1`, `--load-size-px` is `loadSizePx`. */
function keyOfFlag(flag: string): string {
  return flag.slice(2).replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
}
