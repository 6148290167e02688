import type { z } from 'zod'

/** Values that strings of the contract may have; the first that a schema accepts is taken. */
const words = ['run-001', 'job-1', 'sweep-001', 'some-code', 'a', '']

/** A value of a schema, drawn at random: for laws that hold for whatever the contract allows. */
export function draw(schema: z.ZodType, random: () => number, depth = 0): unknown {
  const def = (schema as unknown as { def: Record<string, unknown> & { type: string } }).def
  const pick = <T>(entries: readonly T[]): T => entries[Math.floor(random() * entries.length)] as T
  const inner = (key: string) => def[key] as z.ZodType
  const some = depth > 6 ? 0 : Math.floor(random() * 3)
  const deeper = (next: z.ZodType) => draw(next, random, depth + 1)
  switch (def.type) {
    case 'object':
      return Object.fromEntries(
        Object.entries(def.shape as Record<string, z.ZodType>).map(([key, next]) => [key, deeper(next)]),
      )
    case 'array':
      return Array.from({ length: Math.max(1, some) }, () => deeper(inner('element')))
    case 'tuple':
      return (def.items as z.ZodType[]).map(deeper)
    case 'record': {
      const keys = new Set(Array.from({ length: some }, () => draw(inner('keyType'), random, depth + 1)))
      return Object.fromEntries([...keys].map((key) => [key, deeper(inner('valueType'))]))
    }
    case 'union':
      return deeper(pick(def.options as z.ZodType[]))
    case 'nullable':
      return random() < 0.3 ? null : deeper(inner('innerType'))
    case 'optional':
    case 'default':
      return deeper(inner('innerType'))
    case 'enum':
      return pick(Object.values(def.entries as Record<string, string>))
    case 'literal':
      return pick(def.values as unknown[])
    case 'string':
      return words.find((word) => schema.safeParse(word).success) ?? fail('string')
    case 'number':
      return [1, 256, 0.5, 50].find((number) => schema.safeParse(number).success) ?? fail('number')
    case 'null':
      return null
    case 'boolean':
      return random() < 0.5
    case 'unknown':
      return pick([null, 1, 'text', ['list'], { key: 'value' }])
    default:
      return fail(def.type)
  }
}

function fail(kind: string): never {
  throw new Error(`The drawing of test values knows no ${kind}: teach it.`)
}
