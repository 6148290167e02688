import { stat, statfs } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import type { z } from 'zod'
import { Refused, refusalOf, refuse } from '../../core/errors.ts'
import type { fileOnDisk } from '../../core/files.ts'
import type { TranslateOptions, translationEventSchema } from '../../core/translation/events.ts'
import { openBackend, precisionFor } from '../backends/index.ts'
import type { Picture } from '../imaging/picture.ts'
import { readPicture } from '../imaging/read.ts'
import { makeFolderFor, writePicture } from '../imaging/write.ts'
import { createClock } from './clock.ts'
import { mapped } from './mapped.ts'
import { openModel, type OpenModel } from './model.ts'
import { placeResults, type Placement } from './placement.ts'
import { translateInTiles } from './translatePicture.ts'
import { codeOf, openManifest, type Manifest } from './variants.ts'

export type TranslationEvent = z.infer<ReturnType<typeof translationEventSchema<typeof fileOnDisk>>>
export type TranslationRequest = {
  modelPath: string
  inputs: string[]
  output: string
  options: TranslateOptions
}

type Outcome = 'translated' | 'failed' | 'skipped'
type Item = Placement & { index: number; total: number; of: number }
/** What the whole batch goes by. */
type Batch = { model: OpenModel; options: TranslateOptions; manifest: Manifest | null }

/** Reads ahead by one; variants of one picture share what was read. A failure is kept until its picture's turn. */
type Reading = { item: Item; picture: Promise<Picture> }

function startReading(item: Item, model: OpenModel, before?: Reading): Reading {
  if (before?.item.input === item.input) return { item, picture: before.picture }
  // Colours are learned in sRGB; sharpness and noise are not a matter of colour, and a wide gamut is worth keeping.
  const { task } = model.header
  const colour = task === 'enlarge' || task === 'restore' ? 'own' : 'srgb'
  const picture = readPicture(item.input, { colour })
  picture.catch(() => undefined)
  return { item, picture }
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null)) !== null
}

/** A full disk is told before minutes are spent on a picture. A tenth of its samples is the least that it can come to. */
async function refuseFullDisk(item: Item, picture: Picture, scale: number): Promise<void> {
  const folder = dirname(item.output)
  await makeFolderFor(item.output)
  const { bavail, bsize } = await statfs(folder)
  if (bavail * bsize >= (picture.data.byteLength * scale ** 2) / 10) return
  throw refuse(
    'disk-full',
    `${basename(item.output)} could not be written: the disk is full.`,
    'Free some space, or choose a folder on another disk.',
  )
}

function refuseTooLarge(item: Item, picture: Picture, scale: number): void {
  const longest = Math.max(picture.widthPx, picture.heightPx) * scale
  const most = { jpeg: 65_500, webp: 16_383, avif: 16_384, png: Infinity, tiff: Infinity }[item.format]
  if (longest <= most) return
  throw refuse(
    'result-too-large',
    `${basename(item.output)} would be ${longest} px long, and ${item.format.toUpperCase()} ends at ${most} px.`,
    'Choose PNG or TIFF as the format.',
  )
}

/** What became of a picture: told at once, or once its result is on disk. */
type Ended = { outcome: Outcome; event: TranslationEvent }

/** Which result an event is about. */
function whichOf({ index, total, number, of }: Item, styleSeed: number) {
  return { index, total, ...(number !== null && { variant: { number, of, styleSeed } }) }
}

function failed(item: Item, { styleSeed }: TranslateOptions, error: unknown): Ended {
  if (!(error instanceof Refused)) throw error
  const { refusal } = error
  return {
    outcome: 'failed',
    event: { type: 'item-failed', ...whichOf(item, styleSeed), input: { path: item.input }, refusal },
  }
}

async function writeOne(item: Item, picture: Picture, { options, manifest }: Batch): Promise<Ended> {
  const { input, output, format } = item
  const { widthPx, heightPx } = picture
  const { quality, removeGps, styleSeed } = options
  try {
    await manifest?.note(item)
    await writePicture(output, picture, { format, quality, removeGps })
  } catch (error) {
    return failed(item, options, error)
  }
  const files = { input: { path: input }, output: { path: output } }
  return {
    outcome: 'translated',
    event: {
      type: 'translated',
      ...whichOf(item, styleSeed),
      secondsLeft: null,
      widthPx,
      heightPx,
      ...files,
    },
  }
}

/** Tells tile after tile, and gives the result or why there is none. */
async function* computeOne(
  { item, picture: reading }: Reading,
  { model, options }: Batch,
  left: (finished: number) => number | null,
  signal: AbortSignal,
): AsyncGenerator<TranslationEvent, Picture | Ended> {
  const { input, number } = item
  try {
    const picture = await reading
    model.style(number === null ? undefined : codeOf(model.header, item.place, number, options.styleSeed))
    refuseTooLarge(item, picture, model.network.scale)
    await refuseFullDisk(item, picture, model.network.scale)
    const { memoryMb } = options
    const work = translateInTiles(model, picture, { memoryMb, signal, name: basename(input) })
    const made = yield* mapped(work, ({ tile, tiles }): TranslationEvent[] => [
      {
        type: 'tile',
        ...whichOf(item, options.styleSeed),
        tile,
        tiles,
        secondsLeft: left(tile / tiles),
      },
    ])
    signal.throwIfAborted()
    return made
  } catch (error) {
    if (signal.aborted) throw error
    return failed(item, options, error)
  }
}

/** Writes one picture while the next is computed. */
function createWriter(batch: Batch) {
  let writing: Promise<void> | null = null
  let ended: Ended | null = null
  return {
    /** Only after `settled` of the one before. */
    start(item: Item, made: Picture | Ended): void {
      const end = 'outcome' in made ? Promise.resolve(made) : writeOne(item, made, batch)
      writing = end.then((value) => {
        ended = value
      })
      writing.catch(() => undefined)
    },
    /** What became of the last picture; null while it is being written and once it was told. */
    take(): Ended | null {
      const value = ended
      if (value) ended = writing = null
      return value
    },
    async settled(): Promise<Ended | null> {
      await writing
      return this.take()
    },
  }
}

function* tellEnd(
  ended: Ended | null,
  counts: Record<Outcome, number>,
  clock: ReturnType<typeof createClock>,
): Generator<TranslationEvent> {
  if (!ended) return
  counts[ended.outcome] += 1
  const secondsLeft = clock.left(counts.translated + counts.failed)
  yield ended.event.type === 'translated' ? { ...ended.event, secondsLeft } : ended.event
}

/** While one picture is computed, the next is read and the one before is written. */
async function* translateAll(
  items: readonly Item[],
  batch: Batch,
  signal: AbortSignal,
): AsyncGenerator<TranslationEvent, Record<Outcome, number>> {
  const { model, options, manifest } = batch
  const counts = { translated: 0, failed: 0, skipped: 0 }
  const existing = options.overwrite ? [] : await Promise.all(items.map(({ output }) => exists(output)))
  const wanted = items.filter((_, index) => !existing[index])
  const clock = createClock(wanted.length)
  const writer = createWriter(batch)
  const tell = (ended: Ended | null) => tellEnd(ended, counts, clock)
  let position = 0
  let reading = wanted[0] && startReading(wanted[0], model)
  try {
    for (const item of items) {
      signal.throwIfAborted()
      if (existing[item.index]) {
        counts.skipped += 1
        yield skipped(item, manifest?.seedOf(item) ?? options.styleSeed)
        continue
      }
      const current = reading as Reading
      const before = position
      position += 1
      const following = wanted[position]
      reading = following && startReading(following, model, current)
      const work = computeOne(current, batch, (part) => clock.left(before + part), signal)
      const made = yield* mapped(work, (event) => [...tell(writer.take()), event])
      yield* tell(await writer.settled())
      writer.start(item, made)
    }
  } catch (error) {
    if (!signal.aborted) throw error
  }
  yield* tell(await writer.settled())
  return counts
}

function skipped(item: Item, styleSeed: number): TranslationEvent {
  const reason = 'The result is already there.'
  const files = { input: { path: item.input }, output: { path: item.output } }
  return { type: 'item-skipped', ...whichOf(item, styleSeed), ...files, reason }
}

/** @throws Refused `model-unfit` */
function refuseGenerator({ header }: OpenModel, name: string): void {
  if (header.task !== 'generate') return
  throw refuse(
    'model-unfit',
    `${name} makes pictures from nothing: it has no use for yours.`,
    'Make a data set with it (diptych generate), or choose a model that translates.',
  )
}

/**
 * Translates pictures and folders with one model file. One bad picture is told and the rest go on; originals are only
 * read; results are whole or absent; what exists is skipped unless overwriting was asked for. Aborting ends it within
 * one tile; starting again goes on where it ended.
 */
export async function* translate(
  { modelPath, inputs, output, options }: TranslationRequest,
  signal: AbortSignal,
): AsyncGenerator<TranslationEvent> {
  let model: OpenModel | undefined
  try {
    const backend = await openBackend()
    const precision = precisionFor(options.precision, 'translating')
    const placements = await placeResults(inputs, output, options)
    model = await openModel(modelPath, precision)
    refuseGenerator(model, basename(modelPath))
    model.aim(options.label)
    // A model without variants is refused before anything is written.
    model.style(options.variants === null ? undefined : codeOf(model.header, '', 1, options.styleSeed))
    const manifest =
      options.variants === null ? null : await openManifest(output, placements, options.styleSeed)
    const total = placements.length
    yield {
      type: 'translate-started',
      total,
      output: { path: output },
      backend: `${backend.kind} ${backend.version} ${backend.device}, ${precision}`,
    }
    const of = options.variants ?? 1
    const items = placements.map((placement, index) => ({ ...placement, index, total, of }))
    const counts = yield* translateAll(items, { model, options, manifest }, signal)
    await manifest?.close()
    yield { type: 'translate-done', ...counts, cancelled: signal.aborted, output: { path: output } }
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    yield { type: 'translate-failed', refusal: refusalOf(error) }
  } finally {
    model?.dispose()
  }
}
