import { stat } from 'node:fs/promises'
import { basename, extname, join, resolve } from 'node:path'
import type { ExporterId } from '../../core/exporters/index.ts'
import { Refused } from '../../core/errors.ts'
import type { ExportItem, PlannedFile } from './exporter.ts'
import { exporterWriters } from './writers.ts'

export type ExportRequest = {
  exporter: ExporterId
  options: unknown
  items: readonly ExportItem[]
  output: string
  signal?: AbortSignal
}
export type ExportResult = { written: string[]; failed: { path: string; message: string }[] }

async function isFree(path: string, taken: ReadonlySet<string>): Promise<boolean> {
  if (taken.has(path.toLowerCase())) return false
  return (await stat(path).catch(() => null)) === null
}

/** The files of an item under the name of its original, with a number where that is taken. Nothing is overwritten. */
async function planFiles(
  plan: (name: string) => PlannedFile[],
  item: ExportItem,
  output: string,
  taken: ReadonlySet<string>,
): Promise<{ path: string; write: PlannedFile['write'] }[]> {
  const own = basename(item.before, extname(item.before))
  for (let number = 1; ; number += 1) {
    const files = plan(number === 1 ? own : `${own} (${number})`).map(({ place, write }) => ({
      path: join(output, place),
      write,
    }))
    const free = await Promise.all(files.map(({ path }) => isFree(path, taken)))
    if (free.every(Boolean)) return files
  }
}

/**
 * Hands results over in one of the declared ways. An item that fails is named and the others go on; nothing that exists
 * is overwritten. Ends between two items when aborted.
 * @throws Refused for options that the exporter does not know
 */
export async function writeExport(request: ExportRequest): Promise<ExportResult> {
  const { exporter, options, items, output, signal } = request
  const planItem = exporterWriters[exporter](options)
  const result: ExportResult = { written: [], failed: [] }
  const taken = new Set<string>()
  for (const item of items) {
    if (signal?.aborted) break
    const files = await planFiles((name) => planItem(item, name), item, resolve(output), taken)
    try {
      for (const { path, write } of files) {
        taken.add(path.toLowerCase())
        await write(path)
        result.written.push(path)
      }
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      const { message, remedy } = error.refusal
      result.failed.push({ path: item.before, message: `${message} ${remedy}` })
    }
  }
  return result
}
