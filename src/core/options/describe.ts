import { z } from 'zod'

/** What a declaration says of one option beside its type; forms, flags and help are made from it. */
declare module 'zod' {
  interface GlobalMeta {
    /** In plain words, as the form shows it: "How long". */
    label?: string
    /** One or two sentences: what it does, and when to change it. */
    help?: string
    /** The field's own term, where the label is not it: "L1 weight". */
    term?: string
    /** Shown after the number: "steps", "px". */
    unit?: string
    /** `simple`: among the few that a form shows first. */
    level?: 'simple' | 'all'
    /** Words for the values of a choice. */
    choiceLabels?: Readonly<Record<string, string>>
    /** What kind of text a string is. */
    kind?: 'folder' | 'text'
  }
}

export type OptionKind = 'number' | 'integer' | 'boolean' | 'choice' | 'text' | 'folder'

export type OptionDescription = {
  key: string
  /** The command-line flag: `--lambda-l1`. */
  flag: string
  kind: OptionKind
  label: string
  term: string
  help: string
  unit: string
  level: 'simple' | 'all'
  defaultValue: unknown
  /** True where `null` is legal and means "decide for me". */
  nullable: boolean
  minimum?: number
  maximum?: number
  choices: readonly { value: string; label: string }[]
}

type JsonSchema = {
  type?: string
  anyOf?: JsonSchema[]
  enum?: string[]
  minimum?: number
  maximum?: number
  exclusiveMinimum?: number
  default?: unknown
  label?: string
  help?: string
  term?: string
  unit?: string
  level?: 'simple' | 'all'
  choiceLabels?: Record<string, string>
  kind?: 'folder' | 'text'
  properties?: Record<string, JsonSchema>
}

/** `lambdaL1` to `--lambda-l1`. */
export function flagOf(key: string): string {
  return `--${key.replace(/([a-z0-9])([A-Z])/g, '$1-$2').toLowerCase()}`
}

function kindOf(schema: JsonSchema): OptionKind {
  if (schema.enum) return 'choice'
  if (schema.type === 'integer' || schema.type === 'number' || schema.type === 'boolean') return schema.type
  if (schema.type === 'string') return schema.kind === 'folder' ? 'folder' : 'text'
  throw new Error(`An option of type ${schema.type ?? 'unknown'} has no form control.`)
}

function describe(key: string, outer: JsonSchema): OptionDescription {
  const inner = outer.anyOf?.find((branch) => branch.type !== 'null') ?? outer
  const schema = { ...inner, ...outer }
  const minimum = schema.minimum ?? schema.exclusiveMinimum ?? inner.minimum ?? inner.exclusiveMinimum
  const maximum = schema.maximum ?? inner.maximum
  return {
    key,
    flag: flagOf(key),
    kind: kindOf(schema),
    label: schema.label ?? key,
    term: schema.term ?? key,
    help: schema.help ?? '',
    unit: schema.unit ?? '',
    level: schema.level ?? 'all',
    defaultValue: schema.default,
    nullable: outer.anyOf?.some((branch) => branch.type === 'null') ?? false,
    ...(minimum === undefined ? {} : { minimum }),
    ...(maximum === undefined ? {} : { maximum }),
    choices: (schema.enum ?? []).map((value) => ({ value, label: schema.choiceLabels?.[value] ?? value })),
  }
}

/** The options of a strict zod object as data: the one source of forms, flags, help texts and tables. */
export function describeOptions(schema: z.ZodObject): OptionDescription[] {
  const json = z.toJSONSchema(schema, { io: 'input' }) as JsonSchema
  return Object.entries(json.properties ?? {}).map(([key, property]) => describe(key, property))
}
