import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setFigures, type SetFigures } from '../../core/generation/figures.ts'
import { quantileOf } from '../../core/judging/scores.ts'
import { Refused } from '../../core/errors.ts'
import { countInWords } from '../../core/words.ts'
import { readHeader, readPicture } from '../imaging/read.ts'
import { writePicture } from '../imaging/write.ts'
import { writeJsonAtomic } from '../storage/atomic.ts'
import { readJson } from '../storage/json.ts'
import { measureLooks } from './looks.ts'
import { openMemo, type Memo } from './memo.ts'
import { findNeighbours, type Neighbour } from './neighbours.ts'
import type { PartProgress } from './part.ts'
import { comparedOf, type RealSet } from './real.ts'
import { makeSheet, type Cell } from './sheet.ts'
import { measureWorth, type LabelledFile } from './worth.ts'

/** A picture of a set that is whole: its place in the folder, the name of its class, its split. */
export type MadePicture = { place: string; label: string | null; split: string }
export type FinishedSet = {
  output: string
  pictures: readonly MadePicture[]
  fingerprint: string
  /** Of each classifier; null: by the size of the set. */
  worthSteps: number | null
}
/** Figures, and the nearest real picture of each made one in the order of the set. */
export type FoundFigures = { figures: SetFigures; neighbours: { real: string; difference: number }[] }

const FIGURES = 'figures.json'
export const GALLERY = 'closest.png'
const MEMO = 'figures.jsonl'
const SHOWN = 16

function fingerprintOf({ fingerprint, worthSteps }: FinishedSet, real: RealSet): string {
  return createHash('sha256')
    .update(JSON.stringify([fingerprint, real.fingerprint, worthSteps]))
    .digest('hex')
}

/** Whether figures were found of what lies there; then its texts tell of them. */
export function hasFigures(output: string): boolean {
  return existsSync(join(output, FIGURES))
}

/** Figures beside other pictures make room for new ones. */
export async function dropFigures(output: string): Promise<void> {
  for (const name of [FIGURES, GALLERY]) await rm(join(output, name), { force: true })
}

/** The figures that a set has already, where they are those of these pictures. */
export async function knownFigures(set: FinishedSet, real: RealSet): Promise<SetFigures | null> {
  const path = join(set.output, FIGURES)
  if (!existsSync(path) || !existsSync(join(set.output, GALLERY))) return null
  const { data } = setFigures.safeParse(await readJson(path))
  return data?.fingerprint === fingerprintOf(set, real) ? data : null
}

/**
 * What is known of a set beside real pictures: looks, balance, neighbours, worth. Writes `closest.png`; what was found before it is
 * stopped is kept beside it. A function of both sets of pictures.
 * @throws Refused as `readPicture`; the signal's reason
 */
export async function* findFigures(
  set: FinishedSet,
  real: RealSet,
  signal: AbortSignal,
): AsyncGenerator<PartProgress, FoundFigures> {
  const memo = await openMemo(join(set.output, MEMO), fingerprintOf(set, real))
  const at = ({ place }: MadePicture) => join(set.output, place)
  const labelOf = (label: number | null) => (label === null ? null : (real.classes[label] ?? null))
  const made = set.pictures.map((one) => ({ path: at(one), label: one.label?.normalize('NFC') ?? null }))
  const { split, pictures } = comparedOf(real)
  const compared = pictures.map(({ path, label }) => ({ path, label: labelOf(label) }))
  const training = real.pictures.filter(({ isTraining }) => isTraining)
  const looks = yield* measureLooks(made, compared, memo, signal)
  const found = yield* findNeighbours(
    made.map(({ path }) => path),
    training.map(({ path }) => path),
    memo,
    signal,
  )
  const neighbours = found.map((one) => ({
    real: training[one.real]?.name ?? '',
    difference: one.difference,
  }))
  const closest = closestOf(found)
  await showClosest(set, training, found, closest)
  const worth = yield* worthOrNote(set, real, memo, signal)
  const figures: SetFigures = {
    schema: 1,
    fingerprint: fingerprintOf(set, real),
    real: { origin: real.origin, train: training.length, compared: pictures.length, split },
    ...looks,
    balance: balanceOf(set, real),
    nearest: {
      ...summaryOf(found),
      closest: closest.map((index) => ({
        file: set.pictures[index]?.place ?? '',
        real: neighbours[index]?.real ?? '',
        difference: neighbours[index]?.difference ?? 0,
      })),
    },
    ...worth,
  }
  return { figures, neighbours }
}

/** The last step: figures are there when the set's texts tell of them. */
export async function keepFigures(output: string, figures: SetFigures): Promise<void> {
  await writeJsonAtomic(join(output, FIGURES), figures)
  await rm(join(output, MEMO), { force: true })
}

/** Places of the made pictures that are closest to a real one. */
function closestOf(found: readonly Neighbour[]): number[] {
  const difference = (index: number) => found[index]?.difference ?? Infinity
  return [...found.keys()].sort((x, y) => difference(x) - difference(y) || x - y).slice(0, SHOWN)
}

function summaryOf(found: readonly Neighbour[]): { least: number; median: number } {
  const sorted = found.map(({ difference }) => difference).sort((x, y) => x - y)
  return sorted.length === 0
    ? { least: 0, median: 0 }
    : { least: sorted[0] ?? 0, median: quantileOf(sorted, 0.5) }
}

/** Made on the left, its nearest real picture on the right, the difference below: what is closest comes first. */
async function showClosest(
  { output, pictures }: FinishedSet,
  training: RealSet['pictures'],
  found: readonly Neighbour[],
  closest: readonly number[],
): Promise<void> {
  const cells: Cell[] = []
  for (const index of closest) {
    const { real = 0, difference = 0 } = found[index] ?? {}
    const paths = [join(output, pictures[index]?.place ?? ''), training[real]?.path ?? '']
    cells.push({
      pictures: [await readPicture(paths[0] ?? ''), await readPicture(paths[1] ?? '')],
      caption: difference.toFixed(4),
    })
  }
  const sheet = await makeSheet(cells, { columns: 4, sidePx: 96 })
  await writePicture(join(output, GALLERY), sheet, { format: 'png' })
}

/** Pictures of every class: real ones to train on, and made ones. */
function balanceOf({ pictures }: FinishedSet, { classes, pictures: real }: RealSet): SetFigures['balance'] {
  const made = Map.groupBy(pictures, ({ label }) => label?.normalize('NFC') ?? null)
  const names = [...new Set([...classes, ...[...made.keys()].flatMap((label) => label ?? [])])]
  return names.map((label) => ({
    label,
    real: real.filter((one) => one.isTraining && classes[one.label ?? -1] === label).length,
    made: made.get(label)?.length ?? 0,
  }))
}

type Worth = Pick<SetFigures, 'worth' | 'worthNote'>

/** The worth, or why it cannot be told. */
async function* worthOrNote(
  set: FinishedSet,
  real: RealSet,
  memo: Memo,
  signal: AbortSignal,
): AsyncGenerator<PartProgress, Worth> {
  const { classes } = real
  const made = labelled(
    set.pictures
      .filter(({ split }) => split === 'train')
      .map(({ place, label }) => ({
        path: join(set.output, place),
        label: label === null ? -1 : classes.indexOf(label.normalize('NFC')),
      })),
  )
  const ofSplit = (split: string) =>
    labelled(
      real.pictures
        .filter((one) => one.split === split)
        .map(({ path, label }) => ({ path, label: label ?? -1 })),
    )
  const [train, test, val] = [ofSplit('train'), ofSplit('test'), ofSplit('val')]
  const scored = test.length > 0 ? test : val
  const note = whyNoWorth(classes.length, made.length, train.length, scored.length)
  if (note !== null) return { worth: null, worthNote: note }
  const madeSidePx = await commonSide(set)
  try {
    const request = { classes, made, real: train, test: scored, madeSidePx, steps: set.worthSteps }
    return { worth: yield* measureWorth(request, memo, signal), worthNote: null }
  } catch (error) {
    if (!(error instanceof Refused) || error.refusal.code !== 'channels-unlike') throw error
    return { worth: null, worthNote: error.refusal.message }
  }
}

function labelled(files: readonly LabelledFile[]): LabelledFile[] {
  return files.filter(({ label }) => label >= 0)
}

function whyNoWorth(classes: number, made: number, train: number, scored: number): string | null {
  if (classes < 2)
    return `The real pictures are of ${countInWords(classes, 'class', 'classes')}: there is nothing to tell apart.`
  if (made === 0) return 'No made picture to train on is of a class that the real ones have.'
  if (train === 0) return 'There are no real pictures to train on.'
  return scored === 0 ? 'No real pictures were kept back to score on.' : null
}

/** The side of the made pictures where all are squares of one size, else null. */
async function commonSide({ output, pictures }: FinishedSet): Promise<number | null> {
  const sides = new Set<number>()
  for (const { place } of pictures) {
    const { widthPx, heightPx } = await readHeader(join(output, place))
    sides.add(widthPx).add(heightPx)
    if (sides.size > 1) return null
  }
  return [...sides][0] ?? null
}
