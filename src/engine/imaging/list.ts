import { readdir, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { claimsToBePicture } from './formats.ts'

/** The order in which people count: picture 9 comes before picture 10. The same on every machine. */
const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'variant' })
function compareNames(a: string, b: string): number {
  const bare = (name: string) => name.replace(/\.[^./]+$/, '')
  return collator.compare(bare(a), bare(b)) || (a < b ? -1 : a > b ? 1 : 0)
}

/**
 * Paths of the pictures in a folder and below it, relative to it, with forward slashes, in natural order.
 * Hidden files and folders and those in `skip` (absolute paths) are left out. Links are followed to files, not to folders.
 */
export async function listFolder(folder: string, skip: ReadonlySet<string> = new Set()): Promise<string[]> {
  const found: string[] = []
  const walk = async (relative: string): Promise<void> => {
    const here = join(folder, relative)
    if (skip.has(resolve(here))) return
    for (const entry of await readdir(here, { withFileTypes: true })) {
      if (entry.name.startsWith('.')) continue
      const path = relative === '' ? entry.name : `${relative}/${entry.name}`
      if (entry.isDirectory()) await walk(path)
      else if (claimsToBePicture(entry.name) && (entry.isFile() || entry.isSymbolicLink())) found.push(path)
    }
  }
  await walk('')
  return found.sort(compareNames)
}

/** One picture among inputs: `relative` is its place below the folder that was given, or its name. */
export type ListedPicture = { path: string; relative: string }

/**
 * All pictures among files and folders. A file that was named itself is listed whatever its name; inside a folder only
 * what claims to be a picture. Each file once.
 */
export async function listPicturesWithPlaces(
  inputs: readonly string[],
  skip: ReadonlySet<string> = new Set(),
): Promise<ListedPicture[]> {
  const listed = new Map<string, ListedPicture>()
  const add = (path: string, relative: string) => {
    if (!listed.has(path)) listed.set(path, { path, relative })
  }
  for (const input of inputs.map((given) => resolve(given))) {
    const found = await stat(input).catch(() => null)
    if (found?.isDirectory())
      for (const relative of await listFolder(input, skip)) add(join(input, relative), relative)
    else add(input, input.split(/[\\/]/).at(-1) ?? input)
  }
  return [...listed.values()]
}

/** The same as plain paths. */
export async function listPictures(inputs: readonly string[]): Promise<string[]> {
  return (await listPicturesWithPlaces(inputs)).map(({ path }) => path)
}
