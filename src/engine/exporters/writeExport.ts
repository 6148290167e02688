import { stat } from 'node:fs/promises'
import { basename, extname, join, resolve } from 'node:path'
import type { ExporterId } from '../../core/exporters/index.ts'
import { Refused } from '../../core/errors.ts'
import type { ExportedItem, ExportItem, PlannedFile } from './exporter.ts'
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

/** The name of the original; of one of several variants, with its number. */
function nameOf({ before, variant }: ExportItem): string {
  const own = basename(before, extname(before))
  return variant ? `${own}_${variant.number}` : own
}

type Planned = PlannedFile & { path: string }

/** The files of a plan under the first number that leaves all of them free. Nothing is overwritten. */
async function planFiles(
  plan: (suffix: string) => PlannedFile[],
  output: string,
  taken: ReadonlySet<string>,
): Promise<Planned[]> {
  for (let number = 1; ; number += 1) {
    const files = plan(number === 1 ? '' : ` (${number})`).map((file) => ({
      ...file,
      path: join(output, file.place),
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
  const { exporter, options, items, signal } = request
  const output = resolve(request.output)
  const { plan, conclude } = exporterWriters[exporter](options)
  const result: ExportResult = { written: [], failed: [] }
  const exported: ExportedItem[] = []
  const taken = new Set<string>()
  const writeAll = async (files: readonly Planned[]) => {
    for (const { path, write } of files) {
      taken.add(path.toLowerCase())
      await write(path)
      result.written.push(path)
    }
  }
  for (const item of items) {
    if (signal?.aborted) break
    const own = nameOf(item)
    const files = await planFiles((suffix) => plan(item, own + suffix), output, taken)
    try {
      await writeAll(files)
      exported.push({ item, places: files.map(({ place }) => place) })
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      const { message, remedy } = error.refusal
      result.failed.push({ path: item.before, message: `${message} ${remedy}` })
    }
  }
  if (conclude) await writeAll(await planFiles((suffix) => conclude(exported, suffix), output, taken))
  return result
}
