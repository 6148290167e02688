import { basename, join } from 'node:path'
import sharp from 'sharp'
import type { z } from 'zod'
import type { createJobEvents } from '../../core/contract/engineEvents.ts'
import { refuse } from '../../core/errors.ts'
import type { FileOnDisk } from '../../core/files.ts'
import type { NormMode } from '../nn/network.ts'
import { recipes } from '../../core/recipes/index.ts'
import { createLoader } from '../data/loader.ts'
import { scanDataset } from '../datasets/index.ts'
import { type OpenModel, openModel } from '../inference/model.ts'
import { writeFileAtomic } from '../storage/atomic.ts'
import { openProject } from '../storage/project.ts'
import { getRun, listRuns } from '../storage/runs.ts'
import { type LinearMap, applyLinearMap, fitLinearMap } from './linearMap.ts'
import { meanScores, type Plane, scorePicture, type Scores } from './metrics.ts'
import { type ReportContent, type ReportPicture, renderReport } from './reportPage.ts'
import { type EvaluationPlanes, readPlanes } from './planes.ts'

type JobEvent = z.infer<ReturnType<typeof createJobEvents<z.ZodType<FileOnDisk>>>>
export type ReportEvent = Extract<JobEvent, { kind: 'report' }>['event']

export type ReportRequest = { projectFolder: string; run?: string; output?: string }

/** Enough training pixels to fit twelve numbers well, and few enough to be held in memory: 200 pairs of 256 px. */
const BASELINE_PIXELS = 200 * 256 ** 2

/** How many test pairs the page shows; all are scored. */
const MOST_SHOWN = 60

/** `otherNorm`: with the other statistics of batch norm; null for a network that has none. */
type Measured = { scores: Scores; otherNorm: Scores | null; baseline: Scores; picture: ReportPicture | null }

const otherNormOf: Record<NormMode, NormMode> = { batch: 'running', running: 'batch' }

function usesBatchNorm({ network }: OpenModel): boolean {
  return network.statistics.length > 0
}

/** The run to report on: the one named, else the newest that has a model. */
async function chooseRun(projectFolder: string, run: string | undefined) {
  const names =
    run === undefined ? (await listRuns(projectFolder)).map((summary) => summary.run).reverse() : [run]
  for (const name of names) {
    const view = await getRun(projectFolder, name)
    if (view.model) return { view, model: view.model.path }
  }
  throw refuse(
    'report-no-model',
    run === undefined ? 'No run of this project has made a model yet.' : `${run} has not made a model yet.`,
    'Let a run finish, or make a model of an unfinished one: diptych export DIR.',
  )
}

async function measure(
  model: OpenModel,
  pair: EvaluationPlanes,
  baseline: LinearMap,
  isShown: boolean,
): Promise<Measured> {
  const norm = model.header.norm
  const made = model.forward(pair.a, norm)
  const scores = scorePicture(made, pair.b)
  return {
    scores,
    picture: isShown ? await pictureOf(pair, made, scores) : null,
    otherNorm: usesBatchNorm(model) ? scorePicture(model.forward(pair.a, otherNormOf[norm]), pair.b) : null,
    baseline: scorePicture(applyLinearMap(baseline, pair.a), pair.b),
  }
}

/** A picture of any channel count as a data address of an 8-bit WebP: one channel is grey, otherwise the first three show. */
async function embed(plane: Plane): Promise<string> {
  const shown = plane.channels >= 3 ? 3 : 1
  const bytes = new Uint8Array(plane.widthPx * plane.heightPx * shown)
  for (let pixel = 0; pixel < plane.widthPx * plane.heightPx; pixel += 1)
    for (let channel = 0; channel < shown; channel += 1)
      bytes[pixel * shown + channel] = Math.round(
        255 * (plane.data[pixel * plane.channels + channel] as number),
      )
  const picture = sharp(bytes, { raw: { width: plane.widthPx, height: plane.heightPx, channels: shown } })
  return `data:image/webp;base64,${(await picture.webp({ quality: 88 }).toBuffer()).toString('base64')}`
}

async function pictureOf(pair: EvaluationPlanes, made: Plane, scores: Scores): Promise<ReportPicture> {
  const [before, after, real] = await Promise.all([embed(pair.a), embed(made), embed(pair.b)])
  return { name: pair.name, before, made: after, real, scores }
}

const NORM_WORDS: Record<NormMode, string> = {
  batch: 'batch norm with the statistics of the picture itself, as published',
  running: 'batch norm with the running statistics of training',
}

type Means = { scores: Scores; baseline: Scores; otherNorm: Scores | null }

function meansOf(measured: readonly Measured[]): Means {
  const otherNorm = measured.flatMap((entry) => entry.otherNorm ?? [])
  return {
    scores: meanScores(measured.map((entry) => entry.scores)),
    baseline: meanScores(measured.map((entry) => entry.baseline)),
    otherNorm: otherNorm.length > 0 ? meanScores(otherNorm) : null,
  }
}

function rowsOf(norm: NormMode, { scores, baseline, otherNorm }: Means): ReportContent['rows'] {
  const rows = [
    {
      label: 'This model',
      note: otherNorm ? NORM_WORDS[norm] : '',
      scores,
    },
    {
      label: 'The best per-pixel linear map',
      note: 'the affine map of colours with the least absolute error on the training pairs: what needs no learning of places',
      scores: baseline,
    },
  ]
  if (otherNorm)
    rows.push({
      label: 'This model, the other way',
      note: NORM_WORDS[otherNormOf[norm]],
      scores: otherNorm,
    })
  return rows
}

type RunView = Awaited<ReturnType<typeof getRun>>

function factsOf(view: RunView, model: OpenModel, modelPath: string, total: number): ReportContent['facts'] {
  const { config, summary } = view
  const { kind, version, device } = config.backend
  return [
    { label: 'Run', value: summary.run },
    { label: 'Trained on', value: `${config.pairs} pairs, ${config.steps} steps` },
    { label: 'Chosen state', value: `step ${model.header.training?.atStep ?? config.steps}` },
    { label: 'Scored on', value: `${total} test pairs` },
    { label: 'Computed by', value: `${kind} ${version}, ${device}` },
    { label: 'Model', value: basename(modelPath) },
  ]
}

function lossesOf(view: RunView): ReportContent['losses'] {
  return recipes[view.config.recipe].losses.map((loss) => ({
    label: `${loss.label} (${loss.id})`,
    points: view.metrics
      .map((point) => ({ step: point.step, value: point.losses[loss.id] ?? NaN }))
      .filter((point) => Number.isFinite(point.value)),
  }))
}

/**
 * The test pairs' loader, and how many pairs there are.
 * @throws Refused `report-no-test`; `dataset-changed`, since pairs may have moved between the splits
 */
async function openTestSet(view: RunView, projectFolder: string, name: string, signal: AbortSignal) {
  const dataset = await scanDataset(view.config.dataset, projectFolder, signal)
  if (dataset.fingerprint !== view.config.datasetFingerprint)
    throw refuse(
      'dataset-changed',
      `The pictures of ${view.summary.run} are not those it was trained on, so some of its test pairs may have been trained on.`,
      'Put the pictures back as they were, or train a new run.',
    )
  const total = dataset.counts.test
  if (total === 0)
    throw refuse(
      'report-no-test',
      `${name} has no test pairs.`,
      'Set a share for the test, or put pairs into a folder named test.',
    )
  const options = recipes[view.config.recipe].options.parse(view.config.options)
  const loader = createLoader({ report: dataset, options, seed: options.seed, split: 'train' })
  const baselinePairs = Math.max(1, Math.floor(BASELINE_PIXELS / options.cropSizePx ** 2))
  return { loader, total, baselinePairs }
}

/**
 * Scores a run's model on the test pairs and writes one self-contained page. Samples are compared in [0,1] at the size it was
 * trained on.
 * @throws Refused when there is no model or no test pair
 */
export async function* writeReport(request: ReportRequest, signal: AbortSignal): AsyncGenerator<ReportEvent> {
  const { projectFolder } = request
  const { project } = await openProject(projectFolder)
  const { view, model: modelPath } = await chooseRun(projectFolder, request.run)
  const { loader, total, baselinePairs } = await openTestSet(view, projectFolder, project.name, signal)
  const model = await openModel(modelPath)
  try {
    const training = loader.evaluationPairs('train', baselinePairs, signal)
    const baseline = fitLinearMap(await Array.fromAsync(readPlanes(training)))
    const measured: Measured[] = []
    for await (const pair of readPlanes(loader.evaluationPairs('test', total, signal))) {
      measured.push(await measure(model, pair, baseline, measured.length < MOST_SHOWN))
      yield { type: 'report-progress', done: measured.length, total }
    }
    const means = meansOf(measured)
    const file = request.output ?? join(projectFolder, 'reports', `${view.summary.run}.html`)
    const page = renderReport({
      project: project.name,
      recipe: recipes[view.config.recipe].label,
      facts: factsOf(view, model, modelPath, total),
      rows: rowsOf(model.header.norm, means),
      scored: total,
      pictures: measured.flatMap(({ picture }) => picture ?? []),
      losses: lossesOf(view),
    })
    await writeFileAtomic(file, page)
    yield { type: 'report', ...means.scores, baseline: means.baseline, pairs: total, file: { path: file } }
  } finally {
    model.dispose()
  }
}
