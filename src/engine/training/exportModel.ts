import { join } from 'node:path'
import { refuse } from '../../core/errors.ts'
import type { RunConfig } from '../../core/project/project.ts'
import { writeModelFile } from '../interchange/modelFile.ts'
import { inTransaction, readDatabase, withDatabase } from '../storage/database.ts'
import { insertRunRow } from '../storage/evaluations.ts'
import { lockProject } from '../storage/lock.ts'
import { readProject, slugOf } from '../storage/project.ts'
import { readRunConfig, readRunConfigs, runFolder } from '../storage/runs.ts'
import { readRunRows } from '../storage/runRows.ts'
import { bestOf, isIntact, listCheckpoints, useGenerator, type SavedCheckpoint } from './checkpoint.ts'

export type ExportRequest = {
  projectFolder: string
  /** The newest run when left out. */
  run?: string
  step: number | 'best' | 'last'
}

/** The run that is named, or the newest. @throws Refused `run-unknown`, `run-damaged` */
export async function chooseRun({ projectFolder, run }: Omit<ExportRequest, 'step'>): Promise<string> {
  const chosen = run ?? (await readRunConfigs(projectFolder)).at(-1)?.run
  if (chosen === undefined)
    throw refuse('run-unknown', `There is no run in ${projectFolder}.`, 'Train first.')
  await readRunConfig(projectFolder, chosen)
  return chosen
}

/**
 * One of the saved states of a run.
 * @throws Refused `checkpoint-missing`
 */
export function chooseState(
  saved: readonly SavedCheckpoint[],
  step: ExportRequest['step'],
  run: string,
): SavedCheckpoint {
  if (saved.length === 0)
    throw refuse('checkpoint-missing', `${run} has no saved state yet.`, 'Let it train until it saves one.')
  const chosen =
    step === 'best'
      ? bestOf(saved)
      : step === 'last'
        ? saved.at(-1)
        : saved.find(({ manifest }) => manifest.step === step)
  if (chosen) return chosen
  const steps = saved.map(({ manifest }) => manifest.step).join(', ')
  throw refuse('checkpoint-missing', `${run} has no saved state of step ${step}.`, `There are: ${steps}.`)
}

/** The step that a person picked as the run's model, where one did. */
function pickedStep(projectFolder: string, run: string): number | undefined {
  const row = readDatabase(projectFolder, readRunRows).get(run)
  return row?.model_picked ? (row.model_step ?? undefined) : undefined
}

type Written = {
  path: string
  relativePath: string
  step: number
  validationL1: number | null
  isOwn: boolean
}

/**
 * Writes the model of one saved state: as the run's own, or beside it under a name with its step. What was learned of the
 * other direction becomes a model of its own beside it.
 */
async function writeModel(
  request: ExportRequest & { run: string },
  isOwnAt: (step: number) => boolean,
): Promise<Written> {
  const { projectFolder, run, step } = request
  const { saved } = await listCheckpoints(runFolder(projectFolder, run))
  const checkpoint = chooseState(saved, step, run)
  const { manifest } = checkpoint
  if (!(await isIntact(checkpoint)))
    throw refuse(
      'checkpoint-damaged',
      `The state saved at step ${manifest.step} of ${run} is damaged.`,
      'Choose another step, or resume the run.',
    )
  const { name } = await readProject(projectFolder)
  const isOwn = isOwnAt(manifest.step)
  const suffix = isOwn ? '' : `-step-${manifest.step}`
  const stem = `models/${slugOf(name)}-${run}${suffix}`
  const relativePath = `${stem}.safetensors`
  const path = join(projectFolder, relativePath)
  await useGenerator(checkpoint, (tensors) => writeModelFile(path, manifest.header, tensors))
  const { reverse } = manifest
  if (reverse) {
    const back = join(projectFolder, `${stem}-reverse.safetensors`)
    await useGenerator(checkpoint, (tensors) => writeModelFile(back, reverse.header, tensors), 'reverse')
  }
  return { path, relativePath, step: manifest.step, validationL1: manifest.validationL1, isOwn }
}

/**
 * Writes the model of the best saved state. It is the run's own (`isOwn`), unless a person picked another: then it goes
 * beside it, since what was picked by eye is not undone by a figure.
 */
export function writeBestModel(projectFolder: string, run: string): Promise<Written> {
  const picked = pickedStep(projectFolder, run)
  return writeModel({ projectFolder, run, step: 'best' }, (step) => picked === undefined || picked === step)
}

/** The run's own model is the file and the row together. */
function setOwnModel(projectFolder: string, config: RunConfig, model: Written, isPicked: boolean): void {
  withDatabase(projectFolder, (database) =>
    inTransaction(database, () => {
      insertRunRow(database, config)
      database
        .prepare(
          'UPDATE runs SET model = ?, model_step = ?, model_picked = MAX(model_picked, ?) WHERE id = ?',
        )
        .run(model.relativePath, model.step, isPicked ? 1 : 0, config.run)
    }),
  )
}

function hasModel(projectFolder: string, run: string): boolean {
  return Boolean(readDatabase(projectFolder, readRunRows).get(run)?.model)
}

/**
 * Makes a model file of a run, finished or not: of its best saved state on the held-out pairs, of its newest, or of one step.
 * The run's own model stays what a person picked; otherwise it is the best one, and another state stands in only where
 * there is none.
 * @returns where the file is
 * @throws Refused `project-busy`, `run-unknown`, `checkpoint-missing`, `checkpoint-damaged`, `checkpoint-newer`, `disk-full`
 */
export async function exportModel(request: ExportRequest): Promise<string> {
  const { projectFolder, step } = request
  const run = await chooseRun(request)
  const config = await readRunConfig(projectFolder, run)
  const lock = lockProject(projectFolder)
  try {
    const model =
      step === 'best'
        ? await writeBestModel(projectFolder, run)
        : await writeModel({ ...request, run }, () => false)
    if (model.isOwn || !hasModel(projectFolder, run)) setOwnModel(projectFolder, config, model, false)
    return model.path
  } finally {
    lock.release()
  }
}

/**
 * Makes a saved state the run's own model, in the file that bears the run's name: what the report scores and what
 * `models/<project>-<run>.safetensors` holds. It stays so until another is picked, also when the run goes on.
 * @throws Refused as `exportModel`
 */
export async function pickModel(request: {
  projectFolder: string
  run: string
  step: number
}): Promise<string> {
  const { projectFolder, run } = request
  const config = await readRunConfig(projectFolder, run)
  const lock = lockProject(projectFolder)
  try {
    const model = await writeModel(request, () => true)
    setOwnModel(projectFolder, config, model, true)
    return model.path
  } finally {
    lock.release()
  }
}
