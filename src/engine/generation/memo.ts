import { appendFile, writeFile } from 'node:fs/promises'
import { z } from 'zod'
import { readJsonLines, toJsonLine } from '../storage/jsonLines.ts'

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
  const lines = await readJsonLines(path, lineSchema)
  const kept = new Map(lines.map(({ key, value }) => [key, value]))
  if (kept.get('of') !== fingerprint) kept.clear()
  kept.set('of', fingerprint)
  // A line that was cut off is left out.
  await writeFile(path, [...kept].map(([key, value]) => toJsonLine({ key, value })).join(''), { flush: true })
  return {
    async recall(key, schema, work) {
      const known = schema.safeParse(kept.get(key))
      if (known.success) return known.data
      const value = JSON.parse(JSON.stringify(await work())) as Json
      await appendFile(path, toJsonLine({ key, value }))
      kept.set(key, value)
      return schema.parse(value)
    },
  }
}
