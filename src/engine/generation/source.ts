import { createHash } from 'node:crypto'
import { basename, resolve } from 'node:path'
import type { SplitName } from '../../core/datasets/report.ts'
import { refuse } from '../../core/errors.ts'
import type { GenerateOptions } from '../../core/generation/events.ts'
import { counterOf, randomInteger, randomPermutation, randomUniform } from '../../core/random.ts'
import { countInWords } from '../../core/words.ts'
import { readPictureFolder } from '../datasets/pictureFolder.ts'
import { cropPicture, mirrorSamples, type Picture } from '../imaging/picture.ts'
import { readPicture } from '../imaging/read.ts'
import { resizePicture } from '../imaging/resize.ts'
import type { OpenModel } from '../inference/model.ts'
import { translatePicture } from '../inference/translatePicture.ts'
import { hashFile } from '../storage/hashFile.ts'
import { fileName } from './fileName.ts'
import { dealSplits, lacking, placeOf, readClasses, type Balance, type Wanted } from './plan.ts'

/** `name`: its place below the folder. */
type SourcePicture = { path: string; name: string; label: number | null; split: SplitName | null }
/** Pictures that a model turns into a set; `fingerprint` is that of all their bytes, names and classes. */
export type SourceFolder = { classes: string[]; pictures: SourcePicture[]; fingerprint: string }

/**
 * The pictures of a folder; subfolders are classes, and folders of splits are kept.
 * @throws Refused `dataset-folder-missing`, `source-empty`
 */
export async function readSource(folder: string, signal: AbortSignal): Promise<SourceFolder> {
  const found = await readPictureFolder({ folder: resolve(folder) }, resolve(folder))
  const hash = createHash('sha256')
  const pictures: SourcePicture[] = []
  for (const { name, split, b, label = null } of found.groups.flat()) {
    signal.throwIfAborted()
    const path = b?.path ?? ''
    const file = fileName(name, path)
    hash.update(JSON.stringify([file, split, label, await hashFile(path)]))
    pictures.push({ path, name: file, label, split })
  }
  if (pictures.length === 0)
    throw refuse(
      'source-empty',
      `There is no picture in ${folder}.`,
      'Name a folder of pictures to turn (--from).',
    )
  return { classes: found.classes ?? [], pictures, fingerprint: hash.digest('hex') }
}

/** What a model that turns pictures makes of a folder. */
export type Turning = {
  source: SourceFolder
  /** The classes that it turns pictures into; none where it has one look, and results keep the class of their source. */
  looks: readonly string[]
}

/** The names of the classes that results have. */
export function labelsOfTurned({ source, looks }: Turning): readonly string[] {
  return looks.length > 0 ? looks : source.classes
}

/**
 * All results, source by source. Results of one source picture share its split: that of its folder, else one dealt by the shares, class by class.
 * @throws Refused `class-unknown`, `option-invalid`, `nothing-lacks`, `source-too-small`
 */
export function planTurned(turning: Turning, options: GenerateOptions, balance: Balance): Wanted[] {
  const { source } = turning
  const labels = labelsOfTurned(turning)
  const asked = readClasses(options, labels)
  const counts = balance
    ? lacking(asked, labels, balance, options)
    : asked.map(({ label, own }) => ({ label, count: own }))
  const results =
    labels.length === 0
      ? choose(null, null, turning, options)
      : counts.flatMap(({ label, count }) => choose(label, count, turning, options))
  results.sort((x, y) => x.index - y.index || (x.label ?? 0) - (y.label ?? 0) || x.variant - y.variant)
  const splits = splitsOf(source, options)
  const turns = new Map<number | null, number>()
  return results.map(({ index, label, variant }) => {
    const [turn, split] = [turns.get(label) ?? 0, splits[index] ?? 'train']
    turns.set(label, turn + 1)
    const name = source.pictures[index]?.name ?? ''
    return { label, split, place: placeOf(split, label, labels, turn), source: { index, name, variant } }
  })
}

/** So many results of a class (null: all there can be), first one of each source picture, in a seeded order, then another of each. */
function choose(
  label: number | null,
  count: number | null,
  { source, looks }: Turning,
  { seed, variants }: GenerateOptions,
): { index: number; label: number | null; variant: number }[] {
  const fits = [...source.pictures.keys()].filter(
    (index) => looks.length > 0 || source.pictures[index]?.label === label,
  )
  const order = randomPermutation(fits.length, seed, CHOOSE, label ?? 0).map((at) => fits[at] ?? 0)
  const all = Array.from({ length: variants }, (_, variant) =>
    order.map((index) => ({ index, label, variant })),
  ).flat()
  if (count === null || count <= all.length) return all.slice(0, count ?? all.length)
  throw refuse(
    'source-too-small',
    `${countInWords(count, 'picture')} of ${labelsOfTurned({ source, looks })[label ?? 0] ?? 'a class'} are asked for, and the source gives ${all.length}.`,
    fits.length === 0
      ? 'Name a folder that holds pictures for it (--from).'
      : `Ask for more results of each source picture (--variants ${Math.ceil(count / fits.length)}), or name more pictures.`,
  )
}

function splitsOf({ pictures }: SourceFolder, options: GenerateOptions): SplitName[] {
  const splits = pictures.map(({ split }) => split ?? 'train')
  if (pictures.some(({ split }) => split !== null)) return splits
  for (const [label, indices] of Map.groupBy(pictures.keys(), (index) => pictures[index]?.label ?? null)) {
    const dealt = dealSplits(indices.length, options, label ?? 0)
    for (const [rank, index] of indices.entries()) splits[index] = dealt[rank] ?? 'train'
  }
  return splits
}

const [CHOOSE, VARY] = [counterOf('generate.choose'), counterOf('generate.vary')]
/** The smallest part of a side that a changed copy keeps. */
const LEAST_KEPT = 0.85

/** The picture as it is, or, of a later variant, a little less of it at its size, mirrored or not: a function of seed, name and variant. */
async function vary(picture: Picture, name: string, variant: number, seed: number): Promise<Picture> {
  if (variant === 0) return picture
  const draw = [VARY, counterOf(name), variant]
  const { widthPx, heightPx } = picture
  const share = LEAST_KEPT + (1 - LEAST_KEPT) * randomUniform(seed, ...draw, 1)
  const [width, height] = [
    Math.max(1, Math.round(widthPx * share)),
    Math.max(1, Math.round(heightPx * share)),
  ]
  const box = {
    left: randomInteger(widthPx - width + 1, seed, ...draw, 2),
    top: randomInteger(heightPx - height + 1, seed, ...draw, 3),
    widthPx: width,
    heightPx: height,
  }
  const part = await resizePicture(cropPicture(picture, box), widthPx, heightPx)
  if (randomInteger(2, seed, ...draw, 4) === 1) {
    mirrorSamples(part.data, part, part.channels)
    if (part.alpha) mirrorSamples(part.alpha, part, 1)
  }
  return part
}

/** What the model makes of a source picture. @throws Refused as `readPicture` and `translatePicture` */
export async function turn(
  model: OpenModel,
  { source, looks }: Turning,
  { label, source: of }: Wanted,
  { seed, memoryMb, signal }: { seed: number; memoryMb: number; signal: AbortSignal },
): Promise<Picture> {
  const { path = '', name = '' } = source.pictures[of?.index ?? 0] ?? {}
  model.aim(looks[label ?? -1] ?? '')
  const given = await vary(await readPicture(path, { colour: 'srgb' }), name, of?.variant ?? 0, seed)
  const made = await translatePicture(model, given, { memoryMb, signal, name: basename(path) })
  // A set says nothing of where and when its sources were taken.
  const metadata = { ...made.metadata, format: 'png', exif: null, xmp: null } as const
  return { ...made, metadata }
}
