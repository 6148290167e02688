import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import type { z } from 'zod'
import { parseJson } from './json.ts'

/** The lines of a file that grew line by line, up to the first that was cut off or is none; none of a file that is not there. */
export async function readJsonLines<Schema extends z.ZodType>(
  path: string,
  schema: Schema,
): Promise<z.output<Schema>[]> {
  const text = existsSync(path) ? await readFile(path, 'utf8') : ''
  const lines: z.output<Schema>[] = []
  for (const row of text.split('\n').slice(0, -1)) {
    const line = schema.safeParse(parseJson(row))
    if (!line.success) break
    lines.push(line.data)
  }
  return lines
}

export const toJsonLine = (value: unknown): string => `${JSON.stringify(value)}\n`
