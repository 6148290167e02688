import { join, resolve } from 'node:path'
import type { z } from 'zod'
import { Refused, refuse } from '../../core/errors.ts'
import type { fileOnDisk } from '../../core/files.ts'
import type { generationEventSchema, GenerateOptions } from '../../core/generation/events.ts'
import type { Precision } from '../../core/training/precision.ts'
import type { Picture } from '../imaging/picture.ts'
import { readPicture } from '../imaging/read.ts'
import { placeFile, writePicture } from '../imaging/write.ts'
import { albumOf, createAlbum, glanceAt, type Album } from './alike.ts'
import { learnDoubt, type Doubt } from './doubt.ts'
import { openGenerator, type Generator } from './generator.ts'
import { addLine, openLedger, type LedgerLine, type SetRecipe } from './ledger.ts'
import { cardOf, metadataOf, tableOf } from './manifest.ts'
import { planSet, type Wanted } from './plan.ts'
import { openSource, type OpenSource, type SetSource } from './source.ts'

export type GenerationEvent = z.infer<ReturnType<typeof generationEventSchema<typeof fileOnDisk>>>
export type GenerateRequest = SetSource & {
  output: string
  options: GenerateOptions
  /** A folder of real pictures, the training pictures above all: what is too close to one of them is left out. */
  realFolder?: string
  /** What computes, in words. */
  backend: string
  precision?: Precision
}

/** Pictures made in one go. */
const BATCH = 32
/** After so many pictures in a row that are like others the model has no more to give. */
const MOST_ATTEMPTS = 50
/** With the largest share left out, so many doubts in a row do not happen by chance. */
const MOST_DOUBTS = 1000

const never = new AbortController().signal

/** What keeps pictures apart. */
type Apart = { own: Album; real: Album | null; least: number }

/**
 * Makes a data set of a model from noise: pictures in folders of splits and classes, labels.csv, metadata.jsonl and README.md. A
 * function of model, settings and real pictures alone; one that was stopped or killed goes on where it was.
 * @throws Refused `model-unfit`, `class-unknown`, `generation-other`, `generation-exhausted`, `disk-full`, `write-forbidden`; as
 * `openSource`; the signal's reason where it comes before the first picture
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
  { modelPath, sha256, judge }: OpenSource,
  request: GenerateRequest,
  signal: AbortSignal,
): AsyncGenerator<GenerationEvent> {
  const { options } = request
  const output = resolve(request.output)
  const generator = await openGenerator(modelPath, request.precision)
  try {
    const wanted = planSet(options, generator.labels)
    const real = request.realFolder === undefined ? null : (await albumOf(request.realFolder, signal)).album
    const recipe: SetRecipe = {
      schema: 1,
      model: { name: generator.header.name, sha256 },
      options,
      real: real && real.fingerprint(),
      judge: judge && { step: judge.step, sha256: judge.sha256 },
    }
    const lines = await openLedger(output, recipe, wanted)
    const apart: Apart = { own: createAlbum(), real, least: options.leastDifference }
    if (apart.least > 0)
      for (const slot of lines.keys())
        apart.own.add(await glanceAt(await readPicture(join(output, (wanted[slot] as Wanted).place))))
    yield {
      type: 'generation-started',
      total: wanted.length,
      already: lines.length,
      output: { path: output },
      backend: request.backend,
    }
    const doubt = judge && (yield* learn({ generator, judge, options, wanted }, signal))
    yield* fill({ generator, wanted, lines, apart, doubt, output, options }, signal)
    if (!signal.aborted) await conclude(output, { wanted, lines, header: generator.header, recipe })
    yield {
      type: 'generation-done',
      made: lines.length,
      leftOut: leftOutOf(lines),
      cancelled: signal.aborted,
      output: { path: output },
    }
  } finally {
    generator.dispose()
  }
}

/** Which verdicts are too low, of the classes that are wanted. */
async function* learn(
  { options, wanted, ...who }: Parameters<typeof learnDoubt>[0] & Pick<Filling, 'options' | 'wanted'>,
  signal: AbortSignal,
): AsyncGenerator<GenerationEvent, Doubt> {
  const labels = [...new Set(wanted.map(({ label }) => label))]
  const trials = learnDoubt(who, options, labels, signal)
  for (let next = await trials.next(); ; next = await trials.next()) {
    if (next.done) return next.value
    yield { type: 'generation-trial', ...next.value }
  }
}

type Filling = {
  generator: Generator
  wanted: readonly Wanted[]
  lines: LedgerLine[]
  apart: Apart
  doubt: Doubt | null
  output: string
  options: GenerateOptions
}

/** Makes what is missing, in order. */
async function* fill(filling: Filling, signal: AbortSignal): AsyncGenerator<GenerationEvent> {
  const { generator, wanted, lines, output, options } = filling
  const startedAt = performance.now()
  const before = lines.length
  while (lines.length < wanted.length && !signal.aborted) {
    const slots = wanted.slice(lines.length, lines.length + BATCH).map((_, index) => lines.length + index)
    const firsts = await generator.make(slots, labelsOf(slots, wanted), options.seed, 0)
    for (const [index, slot] of slots.entries()) {
      if (signal.aborted) return
      const { picture, line } = await settle(filling, slot, firsts[index] as Picture)
      const { place, label } = wanted[slot] as Wanted
      await writePicture(join(output, place), picture, { format: 'png' })
      await addLine(output, line)
      lines.push(line)
      const perPicture = (performance.now() - startedAt) / (lines.length - before)
      yield {
        type: 'generated',
        index: slot,
        total: wanted.length,
        output: { path: join(output, place) },
        label: label === null ? null : (generator.labels[label] ?? null),
        secondsLeft: (perPicture * (wanted.length - lines.length)) / 1000,
      }
    }
  }
}

function labelsOf(slots: readonly number[], wanted: readonly Wanted[]): number[] {
  return slots.flatMap((slot) => wanted[slot]?.label ?? [])
}

/** The first picture of a slot that is like no other, and not among the worst. */
async function settle(
  { generator, wanted, apart, doubt, options }: Filling,
  slot: number,
  first: Picture,
): Promise<{ picture: Picture; line: LedgerLine }> {
  const line: LedgerLine = { slot, attempt: 0, alike: 0, known: 0, doubted: 0, score: null }
  for (let picture = first; ;) {
    const verdict = doubt && (await doubt.of(picture, wanted[slot]?.label ?? null))
    const reason = verdict?.isDoubted ? 'doubted' : await likeness(picture, apart)
    if (reason === null) return { picture, line: { ...line, score: verdict?.score ?? null } }
    line[reason] += 1
    line.attempt += 1
    checkPatience(line)
    const [next] = await generator.make([slot], labelsOf([slot], wanted), options.seed, line.attempt)
    picture = next as Picture
  }
}

/** @throws Refused `generation-exhausted` */
function checkPatience({ alike, known, doubted }: LedgerLine): void {
  if (alike + known > MOST_ATTEMPTS)
    throw refuse(
      'generation-exhausted',
      `${MOST_ATTEMPTS} pictures in a row were like others: the model makes too few different ones.`,
      'Ask for fewer pictures, lower the least difference (--least-difference), or train longer.',
    )
  if (doubted > MOST_DOUBTS)
    throw refuse(
      'generation-exhausted',
      `The judge took ${MOST_DOUBTS} pictures in a row for worse than the trial pictures.`,
      'Leave a smaller share out (--drop-lowest).',
    )
}

/** Why a picture is left out; if it is not, it is remembered. */
async function likeness(picture: Picture, { own, real, least }: Apart): Promise<'alike' | 'known' | null> {
  if (least === 0) return null
  const glance = await glanceAt(picture)
  if (real && real.nearest(glance, least).index >= 0) return 'known'
  if (own.nearest(glance, least).index >= 0) return 'alike'
  own.add(glance)
  return null
}

async function conclude(output: string, text: Parameters<typeof cardOf>[0]): Promise<void> {
  const files = { 'labels.csv': tableOf(text), 'metadata.jsonl': metadataOf(text), 'README.md': cardOf(text) }
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
