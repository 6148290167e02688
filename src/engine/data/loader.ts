import { setImmediate } from 'node:timers/promises'
import { refuse } from '../../core/errors.ts'
import type { SplitName } from '../../core/datasets/report.ts'
import { randomInteger, randomPermutation, randomUniform } from '../../core/random.ts'
import type { DatasetReport, Pair } from '../datasets/reader.ts'
import type { Pictures } from '../recipes/trainer.ts'
import {
  cutInto,
  preparedSize,
  preparePair,
  type Cut,
  type PictureOptions,
  type PreparedPair,
} from './prepare.ts'

export type LoaderOptions = PictureOptions & { batchSize: number; direction: 'AtoB' | 'BtoA' }

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

/** One batch: `realA` is always what the model is given, `realB` what it should make of it. */
export type PairBatch = { realA: Pictures; realB: Pictures }
/** A pair for looking at and for scoring, [1, cropSizePx, cropSizePx, C]. */
export type EvaluationPair = PairBatch & { name: string }

export type Loader = {
  /** Pairs in the split. */
  pairs: number
  /** Channels of `realA` and of `realB`. */
  inputChannels: number
  outputChannels: number
  /**
   * The batch of a step, 1-based: a pure function of seed and step. Also reads the next steps' pictures in the background.
   * @throws Refused naming a file that cannot be read any more
   */
  next(step: number, signal?: AbortSignal): Promise<PairBatch>
  /** Up to `count` pairs of a split, spread evenly over it, without any randomness. */
  evaluationPairs(split: SplitName, count: number, signal?: AbortSignal): AsyncGenerator<EvaluationPair>
}

// Names of the draws, as counters.
const ORDER = 1
const LEFT = 2
const TOP = 3
const FLIP = 4

function bytesOf({ a, b }: PreparedPair): number {
  return a.data.byteLength + b.data.byteLength
}

/**
 * Prepared pairs under a memory bound. What is in stays in: every pair is wanted once an epoch, so throwing out the
 * oldest would throw out what is wanted soonest.
 */
function createPairCache(load: (index: number) => Promise<PreparedPair>, mostBytes: number) {
  const kept = new Map<number, PreparedPair>()
  const underway = new Map<number, Promise<PreparedPair>>()
  let bytes = 0
  const start = async (index: number): Promise<PreparedPair> => {
    const pair = await load(index)
    if (bytes + bytesOf(pair) <= mostBytes && !kept.has(index)) {
      kept.set(index, pair)
      bytes += bytesOf(pair)
    }
    return pair
  }
  return {
    /** Begins to read a pair. Its failure is told to whoever takes it. */
    prefetch(index: number): void {
      if (kept.has(index) || underway.has(index)) return
      const promise = start(index)
      promise.catch(() => undefined)
      underway.set(index, promise)
    },
    async take(index: number): Promise<PreparedPair> {
      const pair = kept.get(index) ?? (await (underway.get(index) ?? start(index)))
      underway.delete(index)
      return pair
    },
    /** Forgets what was read ahead and is not wanted after all. */
    keepOnly(wanted: ReadonlySet<number>): void {
      for (const index of underway.keys()) if (!wanted.has(index)) underway.delete(index)
    },
  }
}

/** Which pair is at a position of the endless sequence of epochs. */
function createOrder(pairs: number, seed: number): (position: number) => number {
  let epoch = -1
  let order: number[] = []
  return (position) => {
    const wanted = Math.floor(position / pairs)
    if (wanted !== epoch) {
      epoch = wanted
      order = randomPermutation(pairs, seed, ORDER, epoch)
    }
    return order[position % pairs] as number
  }
}

function randomCut(
  pair: PreparedPair,
  { cropSizePx, flip }: LoaderOptions,
  seed: number,
  position: number,
): Cut {
  return {
    left: randomInteger(pair.a.widthPx - cropSizePx + 1, seed, LEFT, position),
    top: randomInteger(pair.a.heightPx - cropSizePx + 1, seed, TOP, position),
    sizePx: cropSizePx,
    mirrored: flip && randomUniform(seed, FLIP, position) < 0.5,
  }
}

function middleCut(pair: PreparedPair, sizePx: number): Cut {
  return {
    left: Math.floor((pair.a.widthPx - sizePx) / 2),
    top: Math.floor((pair.a.heightPx - sizePx) / 2),
    sizePx,
    mirrored: false,
  }
}

/** Cuts both sides of every pair in the same way and puts them in the order of the direction. */
function toBatch(pairs: readonly PreparedPair[], cuts: readonly Cut[], options: LoaderOptions): PairBatch {
  const size = options.cropSizePx
  const side = (name: 'a' | 'b'): Pictures => {
    const channels = pairs[0]?.[name].channels ?? 0
    const data = new Float32Array(pairs.length * size * size * channels)
    pairs.forEach((pair, index) => {
      cutInto(data, index * size * size * channels, pair[name], cuts[index] as Cut)
    })
    return { shape: [pairs.length, size, size, channels], data }
  }
  return options.direction === 'AtoB'
    ? { realA: side('a'), realB: side('b') }
    : { realA: side('b'), realB: side('a') }
}

function spread(pairs: readonly Pair[], count: number): Pair[] {
  if (pairs.length <= count) return [...pairs]
  return Array.from(
    { length: count },
    (_, index) => pairs[Math.floor((index * pairs.length) / count)] as Pair,
  )
}

async function* readForEvaluation(
  pairs: readonly Pair[],
  channels: { a: number; b: number },
  options: LoaderOptions,
  signal?: AbortSignal,
): AsyncGenerator<EvaluationPair> {
  const size = options.cropSizePx
  const load = (pair: Pair) =>
    preparePair(pair, channels, (original) =>
      options.preprocess === 'resize_and_crop'
        ? { widthPx: size, heightPx: size }
        : preparedSize(original, options),
    )
  let coming = pairs[0] && load(pairs[0])
  for (const [index, pair] of pairs.entries()) {
    signal?.throwIfAborted()
    const prepared = await (coming as Promise<PreparedPair>)
    const following = pairs[index + 1]
    coming = following && load(following)
    coming?.catch(() => undefined)
    yield { name: pair.name, ...toBatch([prepared], [middleCut(prepared, size)], options) }
  }
}

function channelsOf({ a, b }: DatasetReport): { a: number; b: number } {
  if (!a || !b)
    throw refuse('dataset-empty', 'There is no pair to train on.', 'Add pictures, or choose other folders.')
  return { a: a.channels, b: b.channels }
}

/**
 * Feeds a run: order, crops and flips are drawn by counters from (seed, position), the same for both sides of a pair, so
 * that a resumed run goes on with exactly the batches that it would have seen. Pictures are decoded and resized by
 * libvips' own threads while TensorFlow keeps this one busy, and kept as bytes.
 * @throws Refused `dataset-empty` when the split has no pair
 */
export function createLoader(request: LoaderRequest): Loader {
  const { report, options, seed, split, cacheBytes = 1_000_000_000, readAhead = 8 } = request
  const channels = channelsOf(report)
  const pairs = report.pairs.filter((pair) => pair.split === split)
  if (pairs.length === 0)
    throw refuse('dataset-empty', `There is no pair in ${split}.`, 'Add pairs, or change how they are dealt.')
  const sizeFor = (original: { widthPx: number; heightPx: number }) => preparedSize(original, options)
  const cache = createPairCache((index) => preparePair(pairs[index] as Pair, channels, sizeFor), cacheBytes)
  const pairAt = createOrder(pairs.length, seed)
  const indicesOf = (step: number): number[] =>
    Array.from({ length: options.batchSize }, (_, item) => pairAt((step - 1) * options.batchSize + item))
  const isForward = options.direction === 'AtoB'
  return {
    pairs: pairs.length,
    inputChannels: isForward ? channels.a : channels.b,
    outputChannels: isForward ? channels.b : channels.a,
    async next(step, signal) {
      signal?.throwIfAborted()
      const indices = indicesOf(step)
      const ahead = Array.from({ length: readAhead + 1 }, (_, later) => indicesOf(step + later)).flat()
      cache.keepOnly(new Set(ahead))
      for (const index of ahead) cache.prefetch(index)
      // One turn of the event loop a step, so that what libvips finished meanwhile arrives.
      await setImmediate()
      const prepared = await Promise.all(indices.map((index) => cache.take(index)))
      const first = (step - 1) * options.batchSize
      const cuts = prepared.map((pair, item) => randomCut(pair, options, seed, first + item))
      return toBatch(prepared, cuts, options)
    },
    evaluationPairs(wanted, count, signal) {
      const held = report.pairs.filter((pair) => pair.split === wanted)
      return readForEvaluation(spread(held, count), channels, options, signal)
    },
  }
}
