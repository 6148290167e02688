import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { refuse } from '../../core/errors.ts'
import { generateOptions, type GenerateOptions } from '../../core/generation/events.ts'
import type { Picture } from '../imaging/picture.ts'
import { writePicture } from '../imaging/write.ts'
import { namesIn, writeJsonAtomic } from '../storage/atomic.ts'
import type { GenerationEvent } from './generateSet.ts'
import { openGenerator, type Place } from './generator.ts'
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
  const { from, to, frames } = request
  const output = resolve(request.output)
  const generator = await openGenerator(modelPath)
  try {
    const { labels } = generator
    const asked = readClasses(generateOptions.parse(request.options), labels).map(({ label }) => label)
    const rows = labels.length === 0 ? [null] : asked
    await claim(output, {
      schema: 1,
      model: sha256,
      from,
      to,
      frames,
      classes: rows.map((row) => labels[row ?? -1] ?? null),
    })
    const total = rows.length * frames
    yield {
      type: 'generation-started',
      total,
      already: 0,
      output: { path: output },
      backend: request.backend,
    }
    const shown: Picture[] = []
    let made = 0
    for (const label of rows) {
      if (signal.aborted) break
      const name = label === null ? null : (labels[label] ?? null)
      const pictures = await generator.walk(from, to, frames, label ?? 0)
      shown.push(...evenly(pictures))
      for (const [frame, picture] of pictures.entries()) {
        const path = join(
          output,
          name === null ? 'frames' : folderName(name),
          `${String(frame + 1).padStart(4, '0')}.png`,
        )
        if (!existsSync(path)) await writePicture(path, picture, { format: 'png' })
        yield { type: 'generated', index: made, total, output: { path }, label: name, secondsLeft: null }
        made += 1
      }
    }
    if (!signal.aborted) await writeSheet(output, shown, Math.min(frames, SHOWN))
    const leftOut = { alike: 0, known: 0, doubted: 0 }
    yield { type: 'generation-done', made, leftOut, cancelled: signal.aborted, output: { path: output } }
  } finally {
    generator.dispose()
  }
}

function evenly(pictures: readonly Picture[]): Picture[] {
  const count = Math.min(pictures.length, SHOWN)
  return Array.from(
    { length: count },
    (_, index) => pictures[Math.round((index * (pictures.length - 1)) / (count - 1))] as Picture,
  )
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
  if (names.includes(RECIPE) && isSame(await readFile(path, 'utf8'), recipe)) return
  throw refuse(
    'generation-other',
    `${basename(output)} holds something else already: other files, or another walk.`,
    'Choose an empty folder, or the same walk to go on with one that was stopped.',
  )
}

function isSame(text: string, recipe: object): boolean {
  try {
    return JSON.stringify(JSON.parse(text)) === JSON.stringify(recipe)
  } catch (error) {
    if (error instanceof SyntaxError) return false
    throw error
  }
}
