import { realpath, stat } from 'node:fs/promises'
import { basename, dirname, extname, join, resolve } from 'node:path'
import { refuse } from '../../core/errors.ts'
import type { TranslateOptions } from '../../core/translation/events.ts'
import { claimedFormat, extensionFor, outputFormatOf, type OutputFormat } from '../imaging/formats.ts'
import { checkWritable } from '../storage/atomic.ts'
import { listPicturesWithPlaces, type ListedPicture } from '../imaging/list.ts'

/**
 * One result of a batch: where its picture is, the place of that below the folder that was given, where the result goes and as what.
 * `number` counts the results of one picture from 1; null where it has one.
 */
export type Placement = {
  input: string
  place: string
  output: string
  format: OutputFormat
  number: number | null
}

/** The real place of a path that may not exist yet: links in its existing part are followed. */
export async function realPlace(given: string): Promise<string> {
  const path = resolve(given)
  const found = await realpath(path).catch(() => null)
  if (found !== null || dirname(path) === path) return found ?? path
  return join(await realPlace(dirname(path)), basename(path))
}

/** Capitals are ignored: on many disks two names that differ in them only are one file. */
const sameFile = (path: string) => path.normalize('NFC').toLowerCase()

/** Lists every input; of several folders each gets a folder of its own name in the output. */
async function listInputs(inputs: readonly string[], output: string): Promise<ListedPicture[]> {
  const kinds = await Promise.all(
    inputs.map(async (input) => ({ input, isFolder: (await stat(input).catch(() => null))?.isDirectory() })),
  )
  const folders = kinds.filter(({ isFolder }) => isFolder)
  const listed = new Map<string, ListedPicture>()
  for (const { input, isFolder } of kinds)
    for (const { path, relative: place } of await listPicturesWithPlaces([input], new Set([output]))) {
      const prefix = isFolder && folders.length > 1 ? `${basename(input)}/` : ''
      if (!listed.has(path)) listed.set(path, { path, relative: prefix + place })
    }
  return [...listed.values()]
}

function withNumber(path: string, number: number): string {
  const extension = extname(path)
  return `${path.slice(0, path.length - extension.length)} (${number})${extension}`
}

/**
 * Decides for each input where its result goes, or its variants: the tree below an input folder is mirrored; inputs whose results would
 * have the same name get a number; no result ever takes the place of an input.
 * @throws Refused `output-is-input` when the output folder is an input folder, `nothing-to-translate` without pictures,
 *   `write-forbidden` when nothing can be written there
 */
export async function placeResults(
  inputs: readonly string[],
  output: string,
  options: Pick<TranslateOptions, 'format'> & Partial<Pick<TranslateOptions, 'variants'>>,
): Promise<Placement[]> {
  const target = await realPlace(output)
  const given = await Promise.all(inputs.map((input) => realPlace(input)))
  if (given.includes(target))
    throw refuse(
      'output-is-input',
      `The results would be mixed with the originals in ${target}.`,
      `Choose another folder for the results, such as ${join(target, 'translated')}.`,
    )
  const listed = await listInputs(given, target)
  if (listed.length === 0)
    throw refuse(
      'nothing-to-translate',
      'There are no pictures among what was chosen.',
      'Choose JPEG, PNG, TIFF, WebP, AVIF or GIF pictures, or a folder that holds some.',
    )
  await checkWritable(target)
  const taken = new Set(listed.map(({ path }) => sameFile(path)))
  const { variants = null } = options
  const numbers = variants === null ? [null] : Array.from({ length: variants }, (_, index) => index + 1)
  return listed.flatMap(({ path, relative: place }) => {
    const format = options.format === 'same' ? outputFormatOf(claimedFormat(path) ?? 'png') : options.format
    const stem = place.slice(0, place.length - extname(place).length)
    return numbers.map((number) => {
      const own = number === null ? stem : `${stem}_${number}`
      const wanted = join(target, `${own}${extensionFor(format, path)}`)
      let free = wanted
      for (let copy = 2; taken.has(sameFile(free)); copy += 1) free = withNumber(wanted, copy)
      taken.add(sameFile(free))
      return { input: path, place, output: free, format, number }
    })
  })
}
