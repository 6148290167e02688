import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { SplitName } from '../../core/datasets/report.ts'
import { datasetKinds, type DatasetConfig } from '../../core/datasets/index.ts'
import { Refused, refuse } from '../../core/errors.ts'
import { describeOptions } from '../../core/options/describe.ts'
import { randomInteger } from '../../core/random.ts'
import type { PictureStream } from '../../core/planning/estimate.ts'
import type { RunOptions } from '../../core/recipes/common.ts'
import { recipes, type RecipeId } from '../../core/recipes/index.ts'
import { preparedSize } from '../data/prepare.ts'
import { createSource, gallerySplit } from '../data/source.ts'
import { scanDataset, type DatasetReport } from '../datasets/index.ts'
import type { Picture } from '../imaging/picture.ts'
import { encodePicture } from '../imaging/write.ts'

export type PlanningData = { dataset: DatasetConfig; report: DatasetReport; isOwn: boolean }

const DRAWN = { train: 6, val: 3 } as const

/** Twice as wide as high, so that halves of it are squares too: noise, which no file format makes light of. */
async function drawPicture(path: string, seed: number, sidePx: number): Promise<void> {
  const data = Uint8Array.from({ length: 2 * sidePx * sidePx * 3 }, (_, at) => randomInteger(256, seed, at))
  const picture: Picture = {
    data,
    widthPx: 2 * sidePx,
    heightPx: sidePx,
    channels: 3,
    bitDepth: 8,
    alpha: null,
    colourSpace: 'srgb',
    metadata: { format: 'png', icc: null, exif: null, xmp: null, dotsPerInch: null },
  }
  await writeFile(path, await encodePicture(picture, { format: 'png' }))
}

/** A data set of a kind that the recipe takes, in a scratch folder: a folder of noise for each folder that the kind asks for. */
async function drawDataset(recipe: RecipeId, options: RunOptions, scratch: string): Promise<PlanningData> {
  const kind = recipes[recipe].datasets[0]
  if (!kind) throw new Error(`${recipe} takes no data.`)
  const { heightPx } = preparedSize({ widthPx: 1, heightPx: 1 }, options)
  const keys = describeOptions(datasetKinds[kind].options)
    .filter((option) => option.kind === 'folder' && !option.nullable)
    .map(({ key }) => key)
  for (const key of keys)
    for (const [split, count] of Object.entries(DRAWN)) {
      await mkdir(join(scratch, key, split), { recursive: true })
      for (let index = 0; index < count; index += 1)
        await drawPicture(join(scratch, key, split, `${index}.png`), index, heightPx)
    }
  const dataset = { kind, options: Object.fromEntries(keys.map((key) => [key, key])) }
  return { dataset, report: await scanDataset(dataset, scratch), isOwn: false }
}

async function scanOwn(
  dataset: DatasetConfig,
  projectFolder: string,
  options: RunOptions,
  signal: AbortSignal,
): Promise<DatasetReport | undefined> {
  try {
    const report = await scanDataset(dataset, projectFolder, signal, { cropSizePx: options.cropSizePx })
    return report.counts.train > 0 && report.a && report.b ? report : undefined
  } catch (error) {
    if (error instanceof Refused && error.refusal.code === 'dataset-folder-missing') return undefined
    throw error
  }
}

/**
 * The project's own data set; where there is none to read but the number of steps is known, drawn pictures of the right
 * size, from which times and memory follow just as well.
 * @throws Refused `dataset-missing`
 */
export async function readPlanningData(request: {
  projectFolder: string
  dataset: DatasetConfig | null
  recipe: RecipeId
  options: RunOptions
  scratch: string
  signal: AbortSignal
}): Promise<PlanningData> {
  const { projectFolder, dataset, recipe, options, scratch, signal } = request
  const report = dataset && (await scanOwn(dataset, projectFolder, options, signal))
  if (dataset && report) return { dataset, report, isOwn: true }
  if (options.steps !== null) return drawDataset(recipe, options, scratch)
  throw refuse(
    'dataset-missing',
    `The project in ${projectFolder} has no pictures to train on, so nobody knows how many steps its epochs are.`,
    'Choose its pictures first, or say how many steps it is to take.',
  )
}

function spread<T>(entries: readonly T[], count: number): T[] {
  if (entries.length <= count) return [...entries]
  return Array.from(
    { length: count },
    (_, index) => entries[Math.floor((index * entries.length) / count)] as T,
  )
}

/** The same data set with a few pictures of each split. */
export function cutDown(report: DatasetReport, trainCount: number, heldCount: number): DatasetReport {
  const few = <T extends { split: string }>(entries: readonly T[]): T[] => {
    const of = (split: string) => entries.filter((entry) => entry.split === split)
    return [
      ...spread(of('train'), trainCount),
      ...spread(of('val'), heldCount),
      ...spread(of('test'), heldCount),
    ]
  }
  const { pairs, unpaired } = report
  return {
    ...report,
    pairs: few(pairs),
    unpaired: unpaired && { a: few(unpaired.a), b: few(unpaired.b) },
    findings: [],
  }
}

type Sized = { widthPx: number; heightPx: number }

/** What a batch is drawn from, and what it takes in memory. */
export function trainingStreams(report: DatasetReport, options: RunOptions): PictureStream[] {
  const bytesOn = (side: DatasetReport['a'], original: Sized): number => {
    const { widthPx, heightPx } = preparedSize(original, options)
    return widthPx * heightPx * (side?.channels ?? 0) * ((side?.bitDepth ?? 8) / 8)
  }
  const streamOf = <T extends { split: string }>(entries: readonly T[], bytesOf: (entry: T) => number) => {
    const trained = entries.filter(({ split }) => split === 'train')
    return { items: trained.length, bytes: trained.reduce((sum, entry) => sum + bytesOf(entry), 0) }
  }
  const { a, b, pairs, unpaired, derivation } = report
  if (unpaired)
    return [
      streamOf(unpaired.a, (single) => bytesOn(a, single)),
      streamOf(unpaired.b, (single) => bytesOn(b, single)),
      // With one folder alone there is no A to draw from.
    ].filter(({ items }) => items > 0)
  // Both sides of a pair come to the size of A. Where A is computed, B alone is kept.
  return [streamOf(pairs, (pair) => bytesOn(b, pair.a) + (derivation ? 0 : bytesOn(a, pair.a)))]
}

/** Rows of the gallery. */
export function galleryRows(report: DatasetReport, { direction, sampleCount }: RunOptions): number {
  const source = createSource(report, direction === 'BtoA' ? 'b' : 'a')
  const countRows = (split: SplitName) => source.rows(split, sampleCount).length
  return countRows(gallerySplit(countRows))
}
