import type { Estimate } from './plan.ts'

/** What the single pieces of a run take on this machine, in milliseconds, and how large they are. */
export type Pieces = {
  /** Trainer made, first step's surplus over the others. */
  settingUpMs: number
  /** A step whose pictures are in memory. */
  stepMs: number
  /** One picture, or one pair, read and brought to its size. */
  readMs: number
  /** One row of the gallery, pictures written. */
  galleryRowMs: number
  /** One pair of the validation pass. */
  validationMs: number
  /** One saved state: so much, and so much for every byte. */
  saveMs: number
  saveMsPerByte: number
  stateBytes: number
  generatorBytes: number
  galleryRowBytes: number
  /** One step's row in the table of curves. */
  metricBytes: number
  parameters: number
  /** Peak of the process that measured, with `heldBytes` of pictures and `heapBytes` of JavaScript's heap in memory. */
  peakBytes: number
  heldBytes: number
  heapBytes: number
}

/** What a run does, as its settings and its data decide it. */
export type RunShape = {
  steps: number
  batchSize: number
  sampleEvery: number
  /** Rows of the gallery. */
  rows: number
  checkpointEvery: number
  validationPairs: number
  diskBudgetBytes: number
  /** What a batch is drawn from: the pairs, or the pictures of each side. */
  streams: readonly PictureStream[]
  /** Bytes of pictures that are kept in memory at most, in equal parts for each stream. */
  cacheBytes: number
  /** Batches that are read ahead, the one at work included. */
  readAhead: number
}

/** Pictures or pairs to train on, and what all of them take in memory. */
export type PictureStream = { items: number; bytes: number }

/** The first gallery of a run comes early (engine/training/gallery.ts). */
const FIRST_GALLERY_STEP = 5
/**
 * JavaScript's heap in a long run, whatever the networks: V8 lets it grow over some hundred steps. Measured on three
 * runs of up to 2,000 steps: 190 to 260 MB.
 */
const LONG_RUN_HEAP_BYTES = 225e6
const HEAP_GROWS_FOR_STEPS = 400
/** studio.db, and its write-ahead log, which grows with every second's curves until it is folded in. */
const DATABASE_BYTES = 200e3
const LOG_BYTES_A_SECOND = 20e3
const MOST_LOG_BYTES = 4.2e6
const WHOLE_KEPT = 2

export function galleriesOf({ steps, sampleEvery }: Pick<RunShape, 'steps' | 'sampleEvery'>): number {
  const due = Math.ceil(steps / sampleEvery)
  return due + (FIRST_GALLERY_STEP < Math.min(sampleEvery, steps) ? 1 : 0)
}

export function savesOf({ steps, checkpointEvery }: Pick<RunShape, 'steps' | 'checkpointEvery'>): number {
  return Math.ceil(steps / checkpointEvery)
}

/** The share of a stream's pictures that memory does not keep. */
function missingShare({ bytes }: PictureStream, { cacheBytes, streams }: RunShape): number {
  return Math.max(0, 1 - cacheBytes / streams.length / bytes)
}

/** How many pictures are read from disk: each once, and those that memory does not keep once an epoch. */
export function readsOf(shape: RunShape): number {
  const visits = shape.steps * shape.batchSize
  return shape.streams.reduce(
    (sum, stream) =>
      sum + Math.min(visits, stream.items) + Math.max(0, visits - stream.items) * missingShare(stream, shape),
    0,
  )
}

/**
 * Saved states at their fullest, in the moment before retention thins out (engine/training/retention.ts): two whole ones,
 * the new one and the generators of all before them, or what the budget leaves of these.
 */
export function fullestStates(
  saves: number,
  { stateBytes, generatorBytes }: Pick<Pieces, 'stateBytes' | 'generatorBytes'>,
  budgetBytes: number,
): number {
  const whole = Math.min(saves, WHOLE_KEPT + 1)
  // While one is thinned its generator is there twice.
  const thinned = Math.max(0, saves - WHOLE_KEPT)
  const unbound = whole * stateBytes + thinned * generatorBytes
  const bound = Math.max(budgetBytes, stateBytes + 2 * generatorBytes) + stateBytes + generatorBytes
  return Math.min(unbound, bound)
}

/** All that takes time, in seconds. */
export function secondsOf(pieces: Pieces, shape: RunShape): number {
  const { steps, rows, validationPairs } = shape
  const { stateBytes, generatorBytes, saveMs, saveMsPerByte } = pieces
  const saves = savesOf(shape)
  const thinned = Math.max(0, saves - WHOLE_KEPT)
  const save = saveMs + saveMsPerByte * stateBytes + validationPairs * pieces.validationMs
  const thin = saveMs + saveMsPerByte * generatorBytes
  // The best state is checked by its hash, which is about a third of writing it, and its generator is written.
  const model = saveMs + saveMsPerByte * (stateBytes / 3 + generatorBytes)
  const milliseconds =
    pieces.settingUpMs +
    steps * pieces.stepMs +
    readsOf(shape) * pieces.readMs +
    galleriesOf(shape) * rows * pieces.galleryRowMs +
    saves * save +
    thinned * thin +
    model
  return milliseconds / 1000
}

/** Pictures that are in memory once the run has seen them all: those that are kept, and the others that are read ahead. */
function heldAtFullest(shape: RunShape): number {
  const { steps, batchSize, streams, cacheBytes, readAhead } = shape
  return streams.reduce((sum, stream) => {
    const seen = Math.min(steps * batchSize, stream.items)
    const itemBytes = stream.bytes / stream.items
    const kept = Math.min(cacheBytes / streams.length, seen * itemBytes)
    const ahead = Math.min(readAhead * batchSize, seen * missingShare(stream, shape)) * itemBytes
    return sum + kept + ahead
  }, 0)
}

/** By how much JavaScript's heap grows beyond what it was when measuring ended. */
function heapGrowth({ heapBytes }: Pieces, { steps }: RunShape): number {
  return Math.max(0, LONG_RUN_HEAP_BYTES - heapBytes) * Math.min(1, steps / HEAP_GROWS_FOR_STEPS)
}

/** What a run of this shape costs, from what its pieces cost. */
export function estimateRun(pieces: Pieces, shape: RunShape, isMeasured: boolean): Estimate {
  const seconds = secondsOf(pieces, shape)
  const pictureGrowth = Math.max(0, heldAtFullest(shape) - pieces.heldBytes)
  return {
    stepMs: pieces.stepMs,
    steps: shape.steps,
    seconds,
    memoryBytes: Math.round(pieces.peakBytes + pictureGrowth + heapGrowth(pieces, shape)),
    diskBytes: Math.round(
      fullestStates(savesOf(shape), pieces, shape.diskBudgetBytes) +
        galleriesOf(shape) * shape.rows * pieces.galleryRowBytes +
        shape.steps * pieces.metricBytes +
        DATABASE_BYTES +
        Math.min(MOST_LOG_BYTES, seconds * LOG_BYTES_A_SECOND),
    ),
    checkpointBytes: pieces.stateBytes,
    parameters: pieces.parameters,
    isMeasured,
  }
}

/** The most steps that fit into so many seconds, two figures long, as people say numbers; 0 where none do. */
export function stepsThatFit(pieces: Pieces, shape: RunShape, seconds: number): number {
  let [fits, tooMany] = [0, shape.steps + 1]
  while (tooMany - fits > 1) {
    const steps = Math.floor((fits + tooMany) / 2)
    if (secondsOf(pieces, { ...shape, steps }) <= seconds) fits = steps
    else tooMany = steps
  }
  if (fits < 100) return fits
  const unit = 10 ** (Math.floor(Math.log10(fits)) - 1)
  return Math.floor(fits / unit) * unit
}
