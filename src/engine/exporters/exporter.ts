import { readFile } from 'node:fs/promises'
import type { z } from 'zod'
import type { ExportVariant, fileOptions } from '../../core/exporters/common.ts'
import type { ExporterId } from '../../core/exporters/index.ts'
import { claimedFormat, outputFormatOf, type OutputFormat } from '../imaging/formats.ts'
import { readHeader, readPicture } from '../imaging/read.ts'
import { placeFile, writePicture } from '../imaging/write.ts'

/** A picture and what was made of it, by their paths. `variant`: which of several answers it is; absent where there is one. */
export type ExportItem = { before: string; after: string; variant?: ExportVariant | undefined }
export type FileOptions = z.infer<z.ZodObject<typeof fileOptions>>

/** One file of an export: where it goes below the output folder, and how it is written there. */
export type PlannedFile = { place: string; write: (path: string) => Promise<void> }

/** An item that was written whole, with the places of its files below the output folder. */
export type ExportedItem = { item: ExportItem; places: readonly string[] }

/**
 * Says which files an item becomes under a name that is free, and which the whole becomes when all items are written. It
 * parses its options by its own declaration first.
 * @param options as the contract carries them
 */
export type Exporter = (options: unknown) => {
  plan(item: ExportItem, name: string): PlannedFile[]
  /** `suffix` makes its names free: empty, or ` (2)`. */
  conclude?(exported: readonly ExportedItem[], suffix: string): PlannedFile[]
}

/** An exporter that is declared but cannot write does not compile. */
export type Exporters = { [Id in ExporterId]: Exporter }

/** The format in which an item is written: as asked for, or as its original. */
export function formatFor(item: ExportItem, { format }: FileOptions): OutputFormat {
  return format === 'same' ? outputFormatOf(claimedFormat(item.before) ?? 'png') : format
}

/**
 * Writes a picture in a format; byte for byte where it has that format, lies upright already and may keep its place. A JPEG
 * that loses its place is written anew.
 */
export async function writeAs(
  source: string,
  path: string,
  format: OutputFormat,
  { quality, removeGps }: FileOptions,
): Promise<void> {
  const header = await readHeader(source)
  const isReady = header.format === format && header.orientation === 1
  if (isReady && !removeGps) return placeFile(path, [await readFile(source)])
  const picture = await readPicture(source, { colour: 'own' })
  await writePicture(path, picture, { format, quality, removeGps })
}
