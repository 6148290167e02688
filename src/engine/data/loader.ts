import { setImmediate } from 'node:timers/promises'
import { refuse } from '../../core/errors.ts'
import type { SplitName } from '../../core/datasets/report.ts'
import { counterOf } from '../../core/random.ts'
import { picturesInStep } from '../../core/recipes/common.ts'
import type { DatasetReport, Side } from '../datasets/reader.ts'
import type { Picture } from '../imaging/picture.ts'
import type { Pictures } from '../recipes/trainer.ts'
import { deriveA } from './derive.ts'
import { heldOutSize, prepareItem, preparedSize, toPictures, type PictureOptions } from './prepare.ts'
import { createSource, type Item, type ItemPictures, type Row, type Source } from './source.ts'
import { createStream, cutItem, middleCut } from './stream.ts'

/** What a run keeps of decoded pictures, and how many batches it reads ahead, unless told otherwise. */
export const CACHE_BYTES = 1_000_000_000
export const READ_AHEAD = 8

export type LoaderOptions = PictureOptions &
  Parameters<typeof picturesInStep>[0] & { direction?: 'AtoB' | 'BtoA' }

export type LoaderRequest = {
  report: DatasetReport
  options: LoaderOptions
  seed: number
  split: SplitName
  /** Decoded pictures are kept up to this. Default: 1 GB. */
  cacheBytes?: number
  /** Batches that are read ahead. Default: 8. */
  readAhead?: number
}

/**
 * One batch: `realA` is always what the model is given, `realB` what it should make of it, or look like where nothing is paired. Where
 * there is one side alone both are the same pictures. `labels`: their classes, empty where there are none.
 */
export type Batch = { realA: Pictures; realB: Pictures; labels: number[] }
/** What is looked at and scored, one picture a side. `isPair`: `realB` is what `realA` should become. */
export type EvaluationRow = Batch & { name: string; isPair: boolean }

export type Loader = {
  /** Pairs in the split; pictures of the larger side where nothing is paired. */
  count: number
  /** Channels of `realA` and of `realB`. */
  inputChannels: number
  outputChannels: number
  /** Names of the classes that labels count. */
  classes: readonly string[]
  /** Side of `realB` by side of `realA`. `realB` is `cropSizePx` wide. */
  scale: number
  /**
   * The batch of a step, 1-based: a pure function of seed and step. Also reads the next steps' pictures in the background.
   * @throws Refused naming a file that cannot be read any more
   */
  next(step: number, signal?: AbortSignal): Promise<Batch>
  /** Up to `count` rows of a split, spread evenly over it, true pairs first, without any randomness. */
  evaluationRows(split: SplitName, count: number, signal?: AbortSignal): AsyncGenerator<EvaluationRow>
  /** The true pairs alone. */
  evaluationPairs(split: SplitName, count: number, signal?: AbortSignal): AsyncGenerator<EvaluationRow>
  /** Every picture of a split that shows what the made ones should look like, once, cut as `realB` of the rows. */
  targets(split: SplitName, signal?: AbortSignal): AsyncGenerator<Pictures>
  /** How many rows there are to look at in a split. */
  countRows(split: SplitName): number
  /** How many pictures `targets` gives. */
  countTargets(split: SplitName): number
  hasPairs(split: SplitName): boolean
}

/** A computed A is drawn for held-out pictures by this and their names, whatever the run's seed: all runs are scored alike. */
const HOLDOUT_SEED = 0

type Load = (item: Item, use?: 'held-out') => Promise<ItemPictures>

type Given = Readonly<{
  report: DatasetReport
  options: LoaderOptions
  source: Source
  load: Load
}>

/** Computes A where the data set says so. */
async function complete(
  cut: ItemPictures,
  { derivation }: DatasetReport,
  seed: number,
  position: number,
): Promise<ItemPictures> {
  if (!derivation || !cut.b) return cut
  return { ...cut, a: await deriveA(cut.b, derivation, seed, position) }
}

/** Without a direction there is none to turn. */
function isForward({ direction }: LoaderOptions): boolean {
  return direction !== 'BtoA'
}

/** Puts the pictures of all streams together and in the order of the direction. */
function toBatch(entries: readonly ItemPictures[], { direction }: LoaderOptions): Batch {
  const side = (name: Side): Pictures =>
    toPictures(entries.flatMap((entry): Picture[] => (entry[name] ? [entry[name]] : [])))
  const labels = entries.flatMap(({ label }) => label ?? [])
  const b = side('b')
  const a = entries.some((entry) => entry.a) ? side('a') : b
  return direction === 'BtoA' ? { realA: b, realB: a, labels } : { realA: a, realB: b, labels }
}

async function readRow({ name, isPair, items }: Row, given: Given): Promise<EvaluationRow> {
  const { report, options, load } = given
  const entries = await Promise.all(
    items.map(async (item) => {
      const pictures = await load(item, 'held-out')
      const cut = cutItem(pictures, middleCut(pictures, options.cropSizePx))
      return complete(cut, report, HOLDOUT_SEED, counterOf(name))
    }),
  )
  return { name, isPair, ...toBatch(entries, options) }
}

function pairsAmong(rows: readonly Row[]): Row[] {
  return rows.filter(({ isPair }) => isPair)
}

/** One row is read while the one before it is being used. */
async function* readRows(
  rows: readonly Row[],
  given: Given,
  signal?: AbortSignal,
): AsyncGenerator<EvaluationRow> {
  let coming = rows[0] && readRow(rows[0], given)
  for (const index of rows.keys()) {
    signal?.throwIfAborted()
    const row = await (coming as Promise<EvaluationRow>)
    const following = rows[index + 1]
    coming = following && readRow(following, given)
    coming?.catch(() => undefined)
    yield row
  }
}

/** Rows that go through the side that is wanted have each of its pictures once. */
async function* readTargets(split: SplitName, given: Given, signal?: AbortSignal): AsyncGenerator<Pictures> {
  for await (const { realB } of readRows(targetRows(split, given), given, signal)) yield realB
}

function targetRows(split: SplitName, { report, options }: Given): Row[] {
  return createSource(report, isForward(options) ? 'b' : 'a').rows(split, Infinity)
}

function streamsOf(source: Source, split: SplitName): Item[][] {
  const streams = source.streams(split)
  if (streams.every((items) => items.length > 0)) return streams
  throw refuse(
    'dataset-empty',
    streams.length > 1
      ? `One of the two folders has no picture in ${split}.`
      : `There is no pair in ${split}.`,
    'Add pictures, or change how they are dealt.',
  )
}

function checkDownscale({ derivation }: DatasetReport, cropSizePx: number): number {
  const downscale = derivation?.downscale ?? 1
  if (cropSizePx % downscale === 0) return downscale
  throw refuse(
    'crop-size',
    `Squares of ${cropSizePx} px cannot be made ${downscale} times smaller.`,
    `Choose a crop size that is a multiple of ${downscale}.`,
  )
}

function loadWith(options: LoaderOptions, source: Source): Load {
  return (item, use) =>
    prepareItem(item, source.channels, (original) =>
      use === 'held-out' ? heldOutSize(original, options) : preparedSize(original, options),
    )
}

/**
 * Feeds a run: order, crops, flips and what is computed are drawn by counters from (seed, position), so that a resumed
 * run goes on with exactly the batches that it would have seen. Sides of a pair are cut alike; the two sides of unpaired
 * data are streams of their own, shuffled and cut independently.
 * @throws Refused `dataset-empty` when the split has nothing to train on; `crop-size`
 */
export function createLoader(request: LoaderRequest): Loader {
  const { report, options, seed, split, cacheBytes = CACHE_BYTES, readAhead = READ_AHEAD } = request
  const forward = isForward(options)
  const source = createSource(report, forward ? 'a' : 'b')
  const downscale = checkDownscale(report, options.cropSizePx)
  const load = loadWith(options, source)
  const given: Given = { report, options, source, load }
  const itemsOf = streamsOf(source, split)
  const streams = itemsOf.map((items, number) =>
    createStream({ ...given, items, seed, number, cacheBytes: cacheBytes / itemsOf.length }),
  )
  const inStep = picturesInStep(options)
  const positionsOf = (step: number): number[] =>
    Array.from({ length: inStep }, (_, item) => (step - 1) * inStep + item)
  const { a, b } = source.channels
  return {
    count: Math.max(...itemsOf.map((items) => items.length)),
    inputChannels: forward ? a : b,
    outputChannels: forward ? b : a,
    classes: report.classes ?? [],
    scale: forward ? downscale : 1 / downscale,
    async next(step, signal) {
      signal?.throwIfAborted()
      const ahead = Array.from({ length: readAhead + 1 }, (_, later) => positionsOf(step + later)).flat()
      for (const stream of streams) stream.readAhead(ahead)
      // One turn of the event loop a step, so that what libvips finished meanwhile arrives.
      await setImmediate()
      const entries = streams.flatMap((stream) =>
        positionsOf(step).map(async (position) =>
          complete(await stream.take(position), report, seed, position),
        ),
      )
      return toBatch(await Promise.all(entries), options)
    },
    evaluationRows: (wanted, count, signal) => readRows(source.rows(wanted, count), given, signal),
    evaluationPairs: (wanted, count, signal) =>
      readRows(pairsAmong(source.rows(wanted, count)), given, signal),
    targets: (wanted, signal) => readTargets(wanted, given, signal),
    countRows: (wanted) => source.rows(wanted, Infinity).length,
    countTargets: (wanted) => targetRows(wanted, given).length,
    hasPairs: source.hasPairs,
  }
}
