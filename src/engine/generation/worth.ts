import { z } from 'zod'
import type { Lesson, SetWorth } from '../../core/generation/figures.ts'
import { randomPermutation } from '../../core/random.ts'
import { BATCH, reportOf, type Labelled } from '../evaluation/classifier.ts'
import { readSquare } from './square.ts'
import type { Memo } from './memo.ts'
import type { PartProgress } from './part.ts'

/** A picture with its class, by its place among the classes. */
export type LabelledFile = { path: string; label: number }
/** What is learned from and what is scored on. */
export type WorthRequest = {
  classes: readonly string[]
  made: readonly LabelledFile[]
  real: readonly LabelledFile[]
  test: readonly LabelledFile[]
  /** Side of the made squares, in px; null where they have several sizes. */
  madeSidePx: number | null
  /** Of each training; null: by the size of the largest set. */
  steps: number | null
}

const SEEDS = [1, 2, 3]
const EPOCHS = 8
const [FEWEST_STEPS, MOST_STEPS] = [120, 600]
/** More of a set are not used: no training sees more than twice as many. */
const MOST_LEARNED = 20_000
const THINNING_SEED = 1

const reportSchema = z.strictObject({ accuracy: z.number(), recall: z.array(z.number()) })

/** The squares that a classifier sees: the made ones as they are, unless they are larger than 64 px, in a frame of 16, 32 or 64 px. */
function squareFor(madeSidePx: number | null): { innerPx: number; sidePx: number } {
  const innerPx = Math.min(64, madeSidePx ?? 64)
  return { innerPx, sidePx: innerPx <= 16 ? 16 : innerPx <= 32 ? 32 : 64 }
}

function drawn<T>(all: readonly T[]): T[] {
  if (all.length <= MOST_LEARNED) return [...all]
  return randomPermutation(all.length, THINNING_SEED)
    .slice(0, MOST_LEARNED)
    .sort((x, y) => x - y)
    .map((index) => all[index] as T)
}

/**
 * Trains the same classifier on real pictures, on made ones and on both, with three seeds and equally many steps, and scores each on
 * real pictures that none has learned from.
 * @throws Refused as `readPicture`, `channels-unlike`; the signal's reason
 */
export async function* measureWorth(
  request: WorthRequest,
  memo: Memo,
  signal: AbortSignal,
): AsyncGenerator<PartProgress, SetWorth> {
  const { classes } = request
  const square = squareFor(request.madeSidePx)
  const sets = {
    real: drawn(request.real),
    made: drawn(request.made),
    both: drawn([...request.real, ...request.made]),
  }
  const largest = Math.max(...Object.values(sets).map((set) => set.length))
  const steps =
    request.steps ?? Math.min(MOST_STEPS, Math.max(FEWEST_STEPS, EPOCHS * Math.ceil(largest / BATCH)))
  const read = createReader(square, signal)
  const lessons: Lesson[] = []
  const total = SEEDS.length * Object.keys(sets).length
  yield { part: 'worth', done: 0, total }
  for (const from of ['real', 'made', 'both'] as const) {
    const lesson: Lesson = { from, pictures: sets[from].length, accuracy: [], recall: classes.map(() => []) }
    lessons.push(lesson)
    for (const seed of SEEDS) {
      const { accuracy, recall } = await memo.recall(`worth ${from} ${seed}`, reportSchema, async () =>
        reportOf(
          await read(sets[from]),
          await read(request.test),
          { seed, steps, classes: classes.length },
          signal,
        ),
      )
      lesson.accuracy.push(accuracy)
      recall.forEach((share, label) => lesson.recall[label]?.push(share))
      yield {
        part: 'worth',
        done: lessons.length * SEEDS.length - SEEDS.length + lesson.accuracy.length,
        total,
      }
    }
  }
  const { sidePx } = square
  return { classes: [...classes], steps, seeds: SEEDS, sidePx, scored: request.test.length, lessons }
}

/** Reads each picture once. */
function createReader(square: { innerPx: number; sidePx: number }, signal: AbortSignal) {
  const known = new Map<string, Uint8Array>()
  return async (files: readonly LabelledFile[]): Promise<Labelled[]> => {
    const all: Labelled[] = []
    for (const { path, label } of files) {
      signal.throwIfAborted()
      const picture = known.get(path) ?? (await readSquare(path, square))
      known.set(path, picture)
      all.push({ label, picture })
    }
    return all
  }
}
