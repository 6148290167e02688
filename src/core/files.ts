import { z } from 'zod'

/** A file or folder as engine, main and command line know it: by its absolute path. */
export const fileOnDisk = z.strictObject({ path: z.string().min(1) })
export type FileOnDisk = z.infer<typeof fileOnDisk>

/** The same file as the window knows it: an opaque id that main gave out, and a name to show. Never a path. */
export const fileHandle = z.strictObject({ id: z.string().regex(/^[A-Za-z0-9_-]{8,64}$/), name: z.string() })
export type FileHandle = z.infer<typeof fileHandle>

/** Rebuilds a JSON value with every file of one world replaced by its twin in the other. */
export function mapFiles(
  value: unknown,
  isFile: (value: object) => boolean,
  twin: (file: never) => unknown,
): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (isFile(value)) return twin(value as never)
  if (Array.isArray(value)) return value.map((entry) => mapFiles(entry, isFile, twin))
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, mapFiles(entry, isFile, twin)]))
}
