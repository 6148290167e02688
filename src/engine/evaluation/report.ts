import { basename, join } from 'node:path'
import sharp from 'sharp'
import type { z } from 'zod'
import type { createJobEvents } from '../../core/contract/engineEvents.ts'
import { refuse } from '../../core/errors.ts'
import type { FileOnDisk } from '../../core/files.ts'
import type { NormMode } from '../nn/network.ts'
import { recipes } from '../../core/recipes/index.ts'
import { countInWords } from '../../core/words.ts'
import { type OpenModel, openModel } from '../inference/model.ts'
import { writeFileAtomic } from '../storage/atomic.ts'
import { openProject } from '../storage/project.ts'
import { getRun, listRuns } from '../storage/runs.ts'
import { type Baseline, findBaseline } from './baseline.ts'
import { openHoldout } from './holdout.ts'
import { meanScores, type Plane, scorePicture, type Scores } from './metrics.ts'
import { type ReportContent, type ReportPicture, renderReport } from './reportPage.ts'
import { makeOf } from './making.ts'
import { type EvaluationPlanes, readPlanes } from './planes.ts'

type JobEvent = z.infer<ReturnType<typeof createJobEvents<z.ZodType<FileOnDisk>>>>
export type ReportEvent = Extract<JobEvent, { kind: 'report' }>['event']

export type ReportRequest = { projectFolder: string; run?: string; output?: string }

/** How many test pairs the page shows; all are scored. */
const MOST_SHOWN = 60

/**
 * `otherNorm`: with the other statistics of batch norm; null for a network that has none. `scores` and `baseline` are null
 * for a picture without a true partner.
 */
type Measured = {
  scores: Scores | null
  otherNorm: Scores | null
  baseline: Scores | null
  picture: ReportPicture | null
}

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
  row: EvaluationPlanes,
  baseline: Baseline | null,
  index: number,
): Promise<Measured> {
  const norm = model.header.norm
  const made = await makeOf(model, row, index, norm)
  const score = (plane: Plane) => (row.isPair ? scorePicture(plane, row.b) : null)
  const scores = score(made)
  const hasOther = usesBatchNorm(model) && row.isPair
  return {
    scores,
    picture: index < MOST_SHOWN ? await pictureOf(row, made, scores, model.header.task !== 'generate') : null,
    otherNorm: hasOther ? score(await model.forward(row.a, otherNormOf[norm])) : null,
    baseline: baseline && row.isPair ? score(baseline.apply(row.a)) : null,
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

async function pictureOf(
  { name, a, b, isPair }: EvaluationPlanes,
  made: Plane,
  scores: Scores | null,
  isTranslated: boolean,
): Promise<ReportPicture> {
  const [before, after, real] = await Promise.all([
    isTranslated ? embed(a) : null,
    embed(made),
    isPair ? embed(b) : null,
  ])
  return { name, before, made: after, real, scores }
}

const NORM_WORDS: Record<NormMode, string> = {
  batch: 'batch norm with the statistics of the picture itself, as published',
  running: 'batch norm with the running statistics of training',
}

type Means = Record<'scores' | 'baseline' | 'otherNorm', Scores | null>

function meansOf(measured: readonly Measured[]): Means {
  const mean = (key: keyof Means) => {
    const scores = measured.flatMap((entry) => entry[key] ?? [])
    return scores.length > 0 ? meanScores(scores) : null
  }
  return { scores: mean('scores'), baseline: mean('baseline'), otherNorm: mean('otherNorm') }
}

function rowsOf(norm: NormMode, means: Means, baseline: Baseline | null): ReportContent['rows'] {
  const { scores, otherNorm } = means
  const rows: [string, string, Scores | null][] = [
    ['This model', otherNorm ? NORM_WORDS[norm] : '', scores],
    [baseline?.label ?? '', baseline?.note ?? '', means.baseline],
    ['This model, the other way', NORM_WORDS[otherNormOf[norm]], otherNorm],
  ]
  return rows.flatMap(([label, note, found]) => (found ? [{ label, note, scores: found }] : []))
}

type RunView = Awaited<ReturnType<typeof getRun>>

function factsOf(view: RunView, model: OpenModel, modelPath: string, total: number): ReportContent['facts'] {
  const { config, summary } = view
  const { kind, version, device } = config.backend
  return [
    { label: 'Run', value: summary.run },
    { label: 'Trained', value: model.header.card.summary },
    { label: 'Chosen state', value: `step ${model.header.training?.atStep ?? config.steps}` },
    { label: 'Test set', value: countInWords(total, 'picture') },
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
 * Scores a run's model on the test pairs and writes one self-contained page; test pictures without partners are shown. Samples
 * are compared in [0,1] at the size it was trained on.
 * @throws Refused when there is no model or no test picture
 */
export async function* writeReport(request: ReportRequest, signal: AbortSignal): AsyncGenerator<ReportEvent> {
  const { projectFolder } = request
  const { project } = await openProject(projectFolder)
  const { view, model: modelPath } = await chooseRun(projectFolder, request.run)
  const { loader, total, cropSizePx } = await openHoldout(view.config, projectFolder, 'test', signal)
  const model = await openModel(modelPath)
  try {
    const baseline = await findBaseline(loader, cropSizePx, signal)
    const measured: Measured[] = []
    for await (const row of readPlanes(loader.evaluationRows('test', total, signal))) {
      measured.push(await measure(model, row, baseline, measured.length))
      yield { type: 'report-progress', done: measured.length, total }
    }
    const means = meansOf(measured)
    const file = request.output ?? join(projectFolder, 'reports', `${view.summary.run}.html`)
    const page = renderReport({
      project: project.name,
      recipe: recipes[view.config.recipe].label,
      facts: factsOf(view, model, modelPath, total),
      rows: rowsOf(model.header.norm, means, baseline),
      total,
      pictures: measured.flatMap(({ picture }) => picture ?? []),
      losses: lossesOf(view),
    })
    await writeFileAtomic(file, page)
    yield {
      type: 'report',
      pairs: measured.filter(({ scores }) => scores).length,
      pictures: total,
      scores: means.scores,
      baseline: means.baseline && { label: baseline?.label ?? '', ...means.baseline },
      file: { path: file },
    }
  } finally {
    model.dispose()
  }
}
