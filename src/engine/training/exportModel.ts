import { join } from 'node:path'
import { refuse } from '../../core/errors.ts'
import { writeModelFile } from '../interchange/modelFile.ts'
import { withDatabase } from '../storage/database.ts'
import { lockProject } from '../storage/lock.ts'
import { readProject, slugOf } from '../storage/project.ts'
import { readRunConfig, readRunConfigs, runFolder } from '../storage/runs.ts'
import { bestOf, isIntact, listCheckpoints, useGenerator, type SavedCheckpoint } from './checkpoint.ts'

export type ExportRequest = {
  projectFolder: string
  /** The newest run when left out. */
  run?: string
  step: number | 'best' | 'last'
}

async function chooseRun({ projectFolder, run }: ExportRequest): Promise<string> {
  const chosen = run ?? (await readRunConfigs(projectFolder)).at(-1)?.run
  if (chosen === undefined)
    throw refuse('run-unknown', `There is no run in ${projectFolder}.`, 'Train first.')
  await readRunConfig(projectFolder, chosen)
  return chosen
}

function choose(
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

/** Writes the model of one checkpoint, and says which it was. */
export async function writeModelOf(
  request: ExportRequest,
): Promise<{ path: string; step: number; validationL1: number | null; relativePath: string }> {
  const { projectFolder, step } = request
  const run = await chooseRun(request)
  const { saved } = await listCheckpoints(runFolder(projectFolder, run))
  const checkpoint = choose(saved, step, run)
  const { manifest } = checkpoint
  if (!(await isIntact(checkpoint)))
    throw refuse(
      'checkpoint-damaged',
      `The state saved at step ${manifest.step} of ${run} is damaged.`,
      'Choose another step, or resume the run.',
    )
  const { name } = await readProject(projectFolder)
  const suffix = step === 'best' ? '' : `-step-${manifest.step}`
  const relativePath = `models/${slugOf(name)}-${run}${suffix}.safetensors`
  const path = join(projectFolder, relativePath)
  await useGenerator(checkpoint, (tensors) => writeModelFile(path, manifest.header, tensors))
  return { path, relativePath, step: manifest.step, validationL1: manifest.validationL1 }
}

/**
 * Makes a model file of a run, finished or not: of its best saved state on the held-out pairs, of its newest, or of one step.
 * @returns where the file is
 * @throws Refused `project-busy`, `run-unknown`, `checkpoint-missing`, `checkpoint-damaged`, `checkpoint-newer`, `disk-full`
 */
export async function exportModel(request: ExportRequest): Promise<string> {
  const run = await chooseRun(request)
  const lock = lockProject(request.projectFolder)
  try {
    const { path, relativePath } = await writeModelOf({ ...request, run })
    // The run's own model is the best one, which its report scores; another state stands in only where there is none.
    const isBest = request.step === 'best' ? 1 : 0
    withDatabase(request.projectFolder, (database) =>
      database
        .prepare('UPDATE runs SET model = ? WHERE id = ? AND (model IS NULL OR ? = 1)')
        .run(relativePath, run, isBest),
    )
    return path
  } finally {
    lock.release()
  }
}
