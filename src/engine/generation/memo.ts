import { appendFile, readFile, writeFile } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { z } from 'zod'

const lineSchema = z.strictObject({ key: z.string(), value: z.json() })
type Json = z.infer<typeof lineSchema>['value']

/** Parts of long work that are done, kept in a file until the whole is: what was stopped goes on after the last of them. */
export type Memo = {
  /** The kept value; else what `work` makes, kept from now on. A value is what JSON says of it, so both are the same. */
  recall<T extends z.ZodType>(key: string, schema: T, work: () => Promise<z.input<T>>): Promise<z.output<T>>
}

/**
 * @param fingerprint of everything that the parts are a function of: parts of anything else are thrown away
 */
export async function openMemo(path: string, fingerprint: string): Promise<Memo> {
  const kept = existsSync(path) ? readLines(await readFile(path, 'utf8')) : new Map<string, Json>()
  if (kept.get('of') !== fingerprint) kept.clear()
  kept.set('of', fingerprint)
  // A line that was cut off is left out.
  await writeFile(path, [...kept].map(([key, value]) => toText(key, value)).join(''), { flush: true })
  return {
    async recall(key, schema, work) {
      const known = schema.safeParse(kept.get(key))
      if (known.success) return known.data
      const value = JSON.parse(JSON.stringify(await work())) as Json
      await appendFile(path, toText(key, value))
      kept.set(key, value)
      return schema.parse(value)
    },
  }
}

const toText = (key: string, value: Json): string => `${JSON.stringify({ key, value })}\n`

function readLines(text: string): Map<string, Json> {
  const lines = new Map<string, Json>()
  for (const row of text.split('\n').slice(0, -1)) {
    let json: unknown
    try {
      json = JSON.parse(row)
    } catch {
      break
    }
    const line = lineSchema.safeParse(json)
    if (!line.success) break
    lines.set(line.data.key, line.data.value)
  }
  return lines
}
