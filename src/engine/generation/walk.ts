import { existsSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { refuse } from '../../core/errors.ts'
import { generateOptions, type GenerateOptions } from '../../core/generation/events.ts'
import type { Picture } from '../imaging/picture.ts'
import { writePicture } from '../imaging/write.ts'
import { namesIn, writeJsonAtomic } from '../storage/atomic.ts'
import { readJson } from '../storage/json.ts'
import type { GenerationEvent } from './generateSet.ts'
import { openGenerator, type Generator, type Place } from './generator.ts'
import { folderName, readClasses } from './plan.ts'
import { openSource, type OpenSource, type SetSource } from './setSource.ts'
import { makeSheet } from './sheet.ts'

export type WalkRequest = SetSource & {
  output: string
  from: Place
  to: Place
  /** At least 2: both ends are among them. */
  frames: number
  options: Pick<GenerateOptions, 'classes'>
  backend: string
}

/** Frames of a row of the sheet; of longer walks it shows so many, evenly. */
const SHOWN = 12
const RECIPE = 'walk.json'

/**
 * The pictures on the way from one to another, numbered, class by class, and `sheet.png` with a row for each. A function of the
 * request; one that was stopped goes on where it was.
 * @throws Refused `model-unfit`, `class-unknown`, `generation-other`, `disk-full`, `write-forbidden`
 */
export async function* walk(request: WalkRequest, signal: AbortSignal): AsyncGenerator<GenerationEvent> {
  const source = await openSource(request, false)
  try {
    yield* walkFrom(source, request, signal)
  } finally {
    await source.close()
  }
}

async function* walkFrom(
  { modelPath, sha256 }: OpenSource,
  request: WalkRequest,
  signal: AbortSignal,
): AsyncGenerator<GenerationEvent> {
  const { from, to, frames, backend } = request
  const output = resolve(request.output)
  const generator = await openGenerator(modelPath)
  try {
    const ways = waysOf(request, generator.labels)
    const classes = ways.map(({ name }) => name)
    await claim(output, { schema: 1, model: sha256, from, to, frames, classes })
    const total = ways.length * frames
    yield { type: 'generation-started', total, already: 0, output: { path: output }, backend }
    const sheet: Picture[] = []
    let made = 0
    for (const way of ways)
      for await (const frame of framesOf(generator, way, request)) {
        if (signal.aborted) break
        await placeFrame(frame)
        if (frame.isShown) sheet.push(frame.picture)
        const { path } = frame
        yield { type: 'generated', index: made, total, output: { path }, label: way.name, secondsLeft: null }
        made += 1
      }
    if (!signal.aborted) await writeSheet(output, sheet, Math.min(frames, SHOWN))
    const leftOut = { alike: 0, known: 0, doubted: 0 }
    yield { type: 'generation-done', made, leftOut, cancelled: signal.aborted, output: { path: output } }
  } finally {
    generator.dispose()
  }
}

/** A class that is kept all the way; one way without any where the model knows none. */
type Way = { label: number; name: string | null }

function waysOf({ options }: WalkRequest, labels: readonly string[]): Way[] {
  const asked = readClasses(generateOptions.parse(options), labels)
  if (labels.length === 0) return [{ label: 0, name: null }]
  return asked.map(({ label }) => ({ label, name: labels[label] ?? null }))
}

type Frame = { picture: Picture; path: string; isShown: boolean }

async function* framesOf(
  generator: Generator,
  { label, name }: Way,
  { from, to, frames, output }: WalkRequest,
): AsyncGenerator<Frame> {
  const folder = join(resolve(output), name === null ? 'frames' : folderName(name))
  const shown = evenly(frames)
  let index = 0
  for await (const picture of generator.walk(from, to, frames, label)) {
    const path = join(folder, `${String(index + 1).padStart(4, '0')}.png`)
    yield { picture, path, isShown: shown.has(index) }
    index += 1
  }
}

async function placeFrame({ path, picture }: Frame): Promise<void> {
  if (!existsSync(path)) await writePicture(path, picture, { format: 'png' })
}

/** Which frames the sheet shows. */
function evenly(frames: number): Set<number> {
  const count = Math.min(frames, SHOWN)
  return new Set(Array.from({ length: count }, (_, at) => Math.round((at * (frames - 1)) / (count - 1))))
}

async function writeSheet(output: string, shown: readonly Picture[], columns: number): Promise<void> {
  const sheet = await makeSheet(
    shown.map((picture) => ({ pictures: [picture] })),
    { columns, sidePx: 64 },
  )
  await writePicture(join(output, 'sheet.png'), sheet, { format: 'png' })
}

/** An empty folder, or one in which this very walk was stopped. @throws Refused `generation-other` */
async function claim(output: string, recipe: object): Promise<void> {
  const path = join(output, RECIPE)
  const names = await namesIn(output)
  if (names.length === 0) return writeJsonAtomic(path, recipe)
  if (names.includes(RECIPE) && JSON.stringify(await readJson(path)) === JSON.stringify(recipe)) return
  throw refuse(
    'generation-other',
    `${basename(output)} holds something else already: other files, or another walk.`,
    'Choose an empty folder, or the same walk to go on with one that was stopped.',
  )
}
