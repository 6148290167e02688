import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { refuse } from '../../core/errors.ts'
import { precisionFor } from '../backends/index.ts'
import { parseOptions } from '../../core/options/parse.ts'
import {
  runId,
  trainingSettings,
  type BackendInfo,
  type RunConfig,
  type TrainingSettings,
} from '../../core/project/project.ts'
import { datasetKinds, type DatasetKindId } from '../../core/datasets/index.ts'
import { recipeIds, recipes, type RecipeId } from '../../core/recipes/index.ts'
import { totalSteps } from '../../core/training/schedule.ts'
import { scanDataset, type DatasetReport } from '../datasets/index.ts'
import { namesIn, placeFolder, removeFolder, writeJsonAtomic } from '../storage/atomic.ts'
import { readProject } from '../storage/project.ts'
import { nextRunName, runFolder } from '../storage/runs.ts'
import { readVersion } from '../version.ts'

/**
 * request.json: what was asked for, written before the pictures are read and TensorFlow is loaded, which take seconds. A
 * run that is killed in between is resumed from it. config.json then says everything.
 */
const askedSchema = z.strictObject({
  schema: z.literal(1),
  training: trainingSettings,
  threads: z.number().int().nullable(),
})
export type Asked = z.infer<typeof askedSchema>

const ASKED = 'request.json'
const CONFIG = 'config.json'

/** Notes a new run. Whatever was asked for before and never began is forgotten. @returns its name */
export async function noteAsked(
  projectFolder: string,
  training: TrainingSettings,
  threads: number | undefined,
): Promise<string> {
  const given = await findAsked(projectFolder)
  if (given) await removeFolder(runFolder(projectFolder, given.run))
  const run = await nextRunName(projectFolder)
  const asked: Asked = { schema: 1, training, threads: threads ?? null }
  await placeFolder(runFolder(projectFolder, run), (temporary) =>
    writeJsonAtomic(join(temporary, ASKED), asked),
  )
  return run
}

/** The run that was asked for and has no configuration yet. There is at most one. */
export async function findAsked(projectFolder: string): Promise<{ run: string; asked: Asked } | undefined> {
  for (const run of await namesIn(join(projectFolder, 'runs'))) {
    const folder = runFolder(projectFolder, run)
    if (!runId.safeParse(run).success || existsSync(join(folder, CONFIG))) continue
    if (!existsSync(join(folder, ASKED))) continue
    return { run, asked: askedSchema.parse(JSON.parse(await readFile(join(folder, ASKED), 'utf8'))) }
  }
  return undefined
}

/** @throws Refused `recipe-unfit` where the recipe cannot learn from this kind of data */
export function checkKind(recipe: RecipeId, kind: DatasetKindId): void {
  const fitting = recipeIds.filter((id) => recipes[id].datasets.some((one) => one === kind))
  if (fitting.includes(recipe)) return
  throw refuse(
    'recipe-unfit',
    `${recipes[recipe].label} cannot learn from this data: ${datasetKinds[kind].label.toLowerCase()}.`,
    `Choose one of: ${fitting.join(', ')}.`,
  )
}

/**
 * Everything a run is a function of, written to config.json before anything is computed.
 * @throws Refused `dataset-missing`, `dataset-empty`, `recipe-unfit`, `option-unknown`, `option-invalid`
 */
export async function configure(
  projectFolder: string,
  run: string,
  training: TrainingSettings,
  backend: BackendInfo,
  signal: AbortSignal,
): Promise<{ config: RunConfig; report: DatasetReport }> {
  const { dataset } = await readProject(projectFolder)
  if (!dataset)
    throw refuse(
      'dataset-missing',
      `The project in ${projectFolder} has no pictures yet.`,
      'Choose the folders of your pairs first.',
    )
  checkKind(training.recipe, dataset.kind)
  const options = parseOptions(recipes[training.recipe].options, training.options)
  const report = await scanDataset(dataset, projectFolder, signal, { cropSizePx: options.cropSizePx })
  if (report.counts.train === 0)
    throw refuse(
      'dataset-empty',
      `There is nothing to train on in ${projectFolder}.`,
      report.findings.find(({ level }) => level === 'error')?.remedy ?? 'Add pictures to its folders.',
    )
  const steps = totalSteps(options, report.counts.train)
  const config: RunConfig = {
    schema: 1,
    run,
    recipe: training.recipe,
    options: { ...options, steps },
    steps,
    dataset,
    datasetFingerprint: report.fingerprint,
    pairs: report.counts.train,
    versions: { diptych: readVersion(), engine: backend.version, node: process.versions.node },
    backend: { ...backend, precision: precisionFor(options.precision, 'learning') },
  }
  await writeJsonAtomic(join(runFolder(projectFolder, run), CONFIG), config)
  return { config, report }
}
