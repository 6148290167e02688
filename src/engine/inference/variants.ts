import { existsSync } from 'node:fs'
import { appendFile, readFile } from 'node:fs/promises'
import { basename, join, relative, sep } from 'node:path'
import { z } from 'zod'
import { counterOf } from '../../core/random.ts'
import type { ModelHeader } from '../../core/models/modelHeader.ts'
import { labelsOf } from '../exporters/labels.ts'
import { makeFolderFor, placeFile } from '../imaging/write.ts'
import { drawCodes } from '../nn/codes.ts'
import { parseJson } from '../storage/json.ts'
import { toJsonLine } from '../storage/jsonLines.ts'
import { realPlace, type Placement } from './placement.ts'

const CODES = counterOf('translate.variants')
const FILE = 'variants.jsonl'

/**
 * The code of one variant of a picture: `latent` standard normal values, a function of the seed, the picture's file name (whatever its
 * folder) and the variant's number alone.
 */
export function codeOf(
  { condition }: ModelHeader,
  place: string,
  number: number,
  styleSeed: number,
): Float32Array {
  const name = counterOf(basename(place).normalize('NFC'))
  return drawCodes({ latent: condition?.latent ?? 0, classes: 0 }, [number], [], styleSeed, CODES, name).data
}

/** A line of variants.jsonl: where a variant lies, what it was made of, its class and split as its folders say, and what its code was drawn by. */
const rowSchema = z.object({
  file_name: z.string(),
  source: z.string(),
  label: z.string(),
  split: z.string(),
  variant: z.number().int(),
  style_seed: z.number().int(),
})
type Row = z.infer<typeof rowSchema>

/** The table beside variants. */
export type Manifest = {
  /** Before a variant is written: its row. */
  note(item: Placement): Promise<void>
  /** The seed that what is there already was made with, where a row says so. */
  seedOf(item: Placement): number | undefined
  /** When all is done, or the work was stopped: a row for each variant that is there, in order. */
  close(): Promise<void>
}

/**
 * Goes on with the table of an output folder, or begins one. Rows are added as variants are made, so that a stopped batch knows of them.
 * @param placements of this batch; rows of other variants in the folder stay
 */
export async function openManifest(
  output: string,
  placements: readonly Placement[],
  styleSeed: number,
): Promise<Manifest> {
  const folder = await realPlace(output)
  const path = join(folder, FILE)
  const rows = await readManifest(folder)
  const fileOf = (item: Placement) => relative(folder, item.output).split(sep).join('/')
  return {
    async note(item) {
      const file = fileOf(item)
      const row: Row = {
        file_name: file,
        source: item.place,
        ...labelsOf(item.input),
        variant: item.number ?? 1,
        style_seed: styleSeed,
      }
      rows.set(file, row)
      await makeFolderFor(path)
      await appendFile(path, toJsonLine(row))
    },
    seedOf: (item) => rows.get(fileOf(item))?.style_seed,
    async close() {
      const own = new Set(placements.map(fileOf))
      const others = [...rows.keys()].filter((file) => !own.has(file))
      const kept = [...others, ...own].filter((file) => existsSync(join(folder, file)))
      const lines = kept.flatMap((file) => rows.get(file) ?? []).map(toJsonLine)
      if (lines.length > 0) await placeFile(path, [Buffer.from(lines.join(''))])
    },
  }
}

/** The rows of a folder by file, none where it has no table. A line that was cut off in the middle, or that is not ours, is left out. */
export async function readManifest(folder: string): Promise<Map<string, Row>> {
  const path = join(folder, FILE)
  const text = existsSync(path) ? await readFile(path, 'utf8') : ''
  const rows = text.split('\n').flatMap((line): Row[] => {
    const row = rowSchema.safeParse(parseJson(line))
    return row.success ? [row.data] : []
  })
  return new Map(rows.map((row) => [row.file_name, row]))
}
