import { createHash } from 'node:crypto'
import { join, resolve } from 'node:path'
import type { z } from 'zod'
import { Refused, refuse } from '../../core/errors.ts'
import type { fileOnDisk } from '../../core/files.ts'
import type { generationEventSchema, GenerateOptions } from '../../core/generation/events.ts'
import type { ModelHeader } from '../../core/models/modelHeader.ts'
import type { Precision } from '../../core/training/precision.ts'
import { placeFile } from '../imaging/write.ts'
import { createClock } from '../inference/clock.ts'
import { mapped } from '../inference/mapped.ts'
import { openModel, type OpenModel } from '../inference/model.ts'
import { albumOf } from './alike.ts'
import {
  dropFigures,
  findFigures,
  GALLERY,
  hasFigures,
  keepFigures,
  knownFigures,
  type FinishedSet,
  type FoundFigures,
} from './figures.ts'
import { learnDoubt, type Doubt } from './doubt.ts'
import { createApart, fill, rememberKept } from './fill.ts'
import { openLedger, type LedgerLine, type SetRecipe } from './ledger.ts'
import { makerOf, type Maker } from './maker.ts'
import { cardOf, keptOf, metadataOf, tableOf, type SetText } from './manifest.ts'
import { realFromFolder, realFromRun, trainingCounts, type RealSet } from './real.ts'
import { openSource, type OpenSource, type SetSource } from './setSource.ts'

export type GenerationEvent = z.infer<ReturnType<typeof generationEventSchema<typeof fileOnDisk>>>
export type GenerateRequest = SetSource & {
  output: string
  options: GenerateOptions
  /** A folder of real pictures, the training pictures above all: what is too close to one of them is left out. */
  realFolder?: string
  /** A folder of pictures to be turned, for a model that makes none from nothing. */
  sourceFolder?: string
  /** Whether figures are found of the whole set; null: where its model's training pictures, or other real ones, are known. */
  figures: boolean | null
  /** Of each classifier that tells what the set is worth; null: by the size of the set. */
  worthSteps?: number | null
  /** What computes, in words. */
  backend: string
  precision?: Precision
}

const never = new AbortController().signal

/**
 * Makes a data set with a model: pictures in folders of splits and classes, labels.csv, metadata.jsonl, README.md and, beside real
 * pictures, figures.json and closest.png. A function of model, settings, real and source pictures alone; one that was stopped or killed
 * goes on where it was.
 * @throws Refused `model-unfit`, `class-unknown`, `generation-other`, `generation-exhausted`, `real-missing`, `source-too-small`,
 *   `nothing-lacks`, `disk-full`, `write-forbidden`; as `openSource`; the signal's reason where it comes before the first picture
 */
export async function* generateSet(
  request: GenerateRequest,
  signal: AbortSignal = never,
): AsyncGenerator<GenerationEvent> {
  const source = await openSource(request, request.options.dropLowest > 0)
  try {
    yield* generateFrom(source, request, signal)
  } finally {
    await source.close()
  }
}

async function* generateFrom(
  source: OpenSource,
  request: GenerateRequest,
  signal: AbortSignal,
): AsyncGenerator<GenerationEvent> {
  const { options } = request
  const output = resolve(request.output)
  const model = await openModel(source.modelPath, request.precision)
  try {
    const { real, maker, album, recipe } = await prepare(model, source, request, signal)
    const lines = await openLedger(output, recipe, maker.wanted)
    const begun = { maker, lines, apart: createApart(album, options.leastDifference), output }
    await rememberKept(begun)
    yield {
      type: 'generation-started',
      total: maker.wanted.length,
      already: lines.length,
      output: { path: output },
      backend: request.backend,
    }
    const doubt = source.judge && (yield* learn(source.judge, maker, options, signal))
    yield* fill({ ...begun, doubt }, signal)
    const text = { wanted: maker.wanted, labels: maker.labels, lines, header: model.header, recipe }
    if (!signal.aborted) yield* conclude(request, text, request.figures === false ? null : real, signal)
    yield {
      type: 'generation-done',
      made: keptOf(text).length,
      leftOut: leftOutOf(lines),
      cancelled: signal.aborted,
      output: { path: output },
    }
  } finally {
    model.dispose()
  }
}

/** Everything that the set is a function of, and what makes it. */
async function prepare(model: OpenModel, source: OpenSource, request: GenerateRequest, signal: AbortSignal) {
  const { options, realFolder } = request
  const { judge, sha256 } = source
  const { header } = model
  const real = await realOf(source, request, header, signal)
  const balance = options.balance || options.balanceTo !== null ? trainingCounts(known(real)) : null
  const maker = await makerOf(model, request, balance, signal)
  if (request.figures === true) known(real)
  const album = realFolder === undefined ? null : (await albumOf(realFolder, signal)).album
  const recipe: SetRecipe = {
    schema: 1,
    model: { name: header.name, sha256 },
    options,
    real: album && album.fingerprint(),
    judge: judge && { step: judge.step, sha256: judge.sha256 },
    balance,
    source: maker.source,
  }
  return { real, maker, album, recipe }
}

/** Which verdicts are too low, of the classes that are wanted; null where pictures are turned. */
async function* learn(
  judge: NonNullable<OpenSource['judge']>,
  { generator, wanted }: Maker,
  options: GenerateOptions,
  signal: AbortSignal,
): AsyncGenerator<GenerationEvent, Doubt | null> {
  if (!generator) return null
  const labels = [...new Set(wanted.map(({ label }) => label))]
  return yield* mapped(
    learnDoubt({ generator, judge }, options, labels, signal),
    (progress): GenerationEvent[] => [{ type: 'generation-trial', ...progress }],
  )
}

/** Real pictures, or why there are none; null where nobody asks for them. */
async function realOf(
  { projectFolder }: OpenSource,
  { realFolder, figures, options }: GenerateRequest,
  header: ModelHeader,
  signal: AbortSignal,
): Promise<RealSet | string | null> {
  if (figures === false && !options.balance && options.balanceTo === null) return null
  return realFolder === undefined
    ? realFromRun(projectFolder, header, signal)
    : realFromFolder(realFolder, signal)
}

/** @throws Refused `real-missing` */
function known(real: RealSet | string | null): RealSet {
  if (real !== null && typeof real !== 'string') return real
  throw refuse(
    'real-missing',
    real ?? 'No real pictures are known.',
    'Name the folder of the training pictures (--real).',
  )
}

/** What is said of the whole set, with figures where there are real pictures. Stopped on the way, it is said without them. */
async function* conclude(
  request: Pick<GenerateRequest, 'output' | 'worthSteps'>,
  text: SetText,
  real: RealSet | string | null,
  signal: AbortSignal,
): AsyncGenerator<GenerationEvent> {
  const output = resolve(request.output)
  if (real === null || typeof real === 'string') {
    if (!hasFigures(output)) await tellOf(output, text, null)
    if (real !== null) yield { type: 'figures-skipped', reason: real }
    return
  }
  const set = finished(output, text, request.worthSteps ?? null)
  const gallery = { path: join(output, GALLERY) }
  const before = await knownFigures(set, real)
  if (before) return yield { type: 'figures', figures: before, gallery }
  await dropFigures(output)
  await tellOf(output, text, null)
  const found = yield* foundIn(set, real, signal)
  if (!found) return
  await tellOf(output, text, found)
  await keepFigures(output, found.figures)
  yield { type: 'figures', figures: found.figures, gallery }
}

/** Null where it was stopped. */
async function* foundIn(
  set: FinishedSet,
  real: RealSet,
  signal: AbortSignal,
): AsyncGenerator<GenerationEvent, FoundFigures | null> {
  let clock = { part: '', left: createClock(0).left }
  // A part begins where the one before it ended, and first tells of itself when some of it is done.
  let lastMs = performance.now()
  try {
    return yield* mapped(findFigures(set, real, signal), ({ part, done, total }): GenerationEvent[] => {
      if (clock.part !== part) clock = { part, left: createClock(total, lastMs).left }
      lastMs = performance.now()
      return [{ type: 'figures-progress', part, done, total, secondsLeft: clock.left(done) }]
    })
  } catch (error) {
    if (signal.aborted) return null
    throw error
  }
}

function finished(output: string, text: SetText, worthSteps: number | null): FinishedSet {
  const pictures = keptOf(text).map(({ wanted: { place, label, split } }) => ({
    place,
    split,
    label: label === null ? null : (text.labels[label] ?? null),
  }))
  const fingerprint = createHash('sha256')
    .update(JSON.stringify([text.recipe, text.lines]))
    .digest('hex')
  return { output, pictures, fingerprint, worthSteps }
}

async function tellOf(output: string, text: SetText, found: FoundFigures | null): Promise<void> {
  const files = {
    'labels.csv': tableOf(text, found),
    'metadata.jsonl': metadataOf(text, found),
    'README.md': cardOf(text, found),
  }
  for (const [name, content] of Object.entries(files))
    await placeFile(join(output, name), [Buffer.from(content)])
}

function leftOutOf(lines: readonly LedgerLine[]): { alike: number; known: number; doubted: number } {
  const sum = (key: 'alike' | 'known' | 'doubted') => lines.reduce((all, line) => all + line[key], 0)
  return { alike: sum('alike'), known: sum('known'), doubted: sum('doubted') }
}

/** As `generateSet`; an expected failure is its last event. */
export async function* generateTold(
  request: GenerateRequest,
  signal?: AbortSignal,
): AsyncGenerator<GenerationEvent> {
  try {
    yield* generateSet(request, signal)
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    yield { type: 'generation-failed', refusal: error.refusal }
  }
}
