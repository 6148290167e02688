import { createHash } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { Refused, refusalOf, refusalSchema, type Refusal } from '../../core/errors.ts'
import { readHeader, readPicture } from '../imaging/read.ts'
import { refusalForPicture } from '../imaging/refusals.ts'
import { placeFile } from '../imaging/write.ts'
import { endsWell, TAIL_BYTES } from '../imaging/wholeness.ts'
import { mapConcurrently } from './concurrent.ts'

const CONCURRENT_FILES = 8

const knownPicture = z.strictObject({
  modifiedMs: z.number(),
  bytes: z.number(),
  sha256: z.string(),
  widthPx: z.number().int(),
  heightPx: z.number().int(),
  channels: z.number().int(),
  hasAlpha: z.boolean(),
  bitDepth: z.union([z.literal(8), z.literal(16)]),
  orientation: z.number().int(),
  refusal: refusalSchema.nullable(),
})
/** What is remembered of a file: its content's hash, and its head or why it cannot be read. */
export type KnownPicture = z.infer<typeof knownPicture>

const catalogueFile = z.strictObject({ version: z.literal(1), pictures: z.record(z.string(), knownPicture) })

/** A cache and nothing more: whatever is wrong with it, it is made anew. */
async function loadCatalogue(path: string): Promise<Map<string, KnownPicture>> {
  try {
    const parsed = catalogueFile.parse(JSON.parse(await readFile(path, 'utf8')))
    return new Map(Object.entries(parsed.pictures))
  } catch (error) {
    const isExpected =
      error instanceof z.ZodError ||
      error instanceof SyntaxError ||
      (error as NodeJS.ErrnoException).code === 'ENOENT'
    if (!isExpected) throw error
    return new Map()
  }
}

const unread = { widthPx: 0, heightPx: 0, channels: 0, hasAlpha: false, bitDepth: 8, orientation: 1 } as const

async function examine(path: string, modifiedMs: number, bytes: number): Promise<KnownPicture> {
  const content = await readFile(path)
  const sha256 = createHash('sha256').update(content).digest('hex')
  const file = { modifiedMs, bytes, sha256 }
  try {
    const { widthPx, heightPx, channels, hasAlpha, bitDepth, orientation } = await readHeader(path)
    if (!endsWell(content, content.subarray(-TAIL_BYTES), bytes)) await readPicture(path)
    return { ...file, widthPx, heightPx, channels, hasAlpha, bitDepth, orientation, refusal: null }
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    return { ...file, ...unread, refusal: error.refusal }
  }
}

async function lookUp(path: string, known: KnownPicture | undefined): Promise<KnownPicture> {
  try {
    const { mtimeMs, size } = await stat(path)
    if (known?.modifiedMs === mtimeMs && known.bytes === size) return known
    return await examine(path, mtimeMs, size)
  } catch (error) {
    const refusal: Refusal = refusalOf(await refusalForPicture(path, error))
    return { modifiedMs: -1, bytes: -1, sha256: '', ...unread, refusal }
  }
}

/**
 * Heads and content hashes of these files. Files that have the time and size they had before are taken from
 * `<projectFolder>/cache/pictures.json`.
 * @param onUnwritable told when what was found could not be kept for the next time
 */
export async function catalogue(
  paths: readonly string[],
  projectFolder: string,
  onUnwritable: (refusal: Refusal) => void,
  signal?: AbortSignal,
): Promise<Map<string, KnownPicture>> {
  const cachePath = join(projectFolder, 'cache', 'pictures.json')
  const known = await loadCatalogue(cachePath)
  const unique = [...new Set(paths)]
  const pictures = await mapConcurrently(
    unique,
    CONCURRENT_FILES,
    (path) => lookUp(path, known.get(path)),
    signal,
  )
  const found = new Map(unique.map((path, index) => [path, pictures[index] as KnownPicture]))
  const isUnchanged = known.size === found.size && unique.every((path) => known.get(path) === found.get(path))
  if (!isUnchanged) {
    const kept = [...found].filter(([, picture]) => picture.bytes >= 0)
    const text = JSON.stringify({ version: 1, pictures: Object.fromEntries(kept) })
    try {
      await placeFile(cachePath, [Buffer.from(text)])
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      onUnwritable(error.refusal)
    }
  }
  return found
}
