import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { refuse } from '../../core/errors.ts'
import { writeModelFile } from '../interchange/modelFile.ts'
import { openJudge, type OpenJudge } from '../judging/openJudge.ts'
import { readDatabase } from '../storage/database.ts'
import { hashFile } from '../storage/hashFile.ts'
import { readRunRows } from '../storage/runRows.ts'
import { runFolder } from '../storage/runs.ts'
import { isIntact, listCheckpoints, useGenerator } from '../training/checkpoint.ts'
import { chooseState } from '../training/exportModel.ts'

/** What makes a set: a model file, or a run's saved state, by default that of its model, else its best. */
export type SetSource = { modelPath: string } | { projectFolder: string; run: string; step?: number }

/** A model file, and the judge that its generator was set against, where one is asked for. */
export type OpenSource = {
  modelPath: string
  sha256: string
  /** Where the project lies that trained it, if it lies in one. */
  projectFolder: string
  judge: OpenJudge | null
  close(): Promise<void>
}

/**
 * Opens what makes a set. Of a run's state the model file that export would write is written into a folder of its own for as long
 * as it is needed. The caller closes it.
 * @throws Refused `judge-alone`; as `openJudge`; `checkpoint-missing`, `checkpoint-damaged`
 */
export async function openSource(source: SetSource, isJudged: boolean): Promise<OpenSource> {
  if (!('modelPath' in source)) return openRun(source, isJudged)
  const { modelPath } = source
  const sha256 = await hashFile(modelPath)
  if (!isJudged)
    return {
      modelPath,
      sha256,
      projectFolder: projectOf(modelPath),
      judge: null,
      close: async () => undefined,
    }
  const opened = await openRun(runOf(modelPath), true)
  if (opened.sha256 === sha256) return opened
  await opened.close()
  throw alone(modelPath)
}

async function openRun(source: RunSource, isJudged: boolean): Promise<OpenSource> {
  const { projectFolder, run } = source
  const judge = isJudged ? await openJudge(source) : null
  const folder = await mkdtemp(join(tmpdir(), 'diptych-model-'))
  const close = async () => {
    judge?.dispose()
    await rm(folder, { recursive: true, force: true })
  }
  try {
    const step = judge?.step ?? source.step ?? modelRow(projectFolder, run)?.model_step ?? 'best'
    const modelPath = join(folder, 'model.safetensors')
    await writeStateModel(projectFolder, run, step, modelPath)
    return { modelPath, sha256: await hashFile(modelPath), projectFolder, judge, close }
  } catch (error) {
    await close()
    throw error
  }
}

type RunSource = Extract<SetSource, { run: string }>

async function writeStateModel(projectFolder: string, run: string, step: number | 'best', path: string) {
  const { saved } = await listCheckpoints(runFolder(projectFolder, run))
  const state = chooseState(saved, step, run)
  if (!(await isIntact(state)))
    throw refuse(
      'checkpoint-damaged',
      `The state saved at step ${state.manifest.step} of ${run} is damaged.`,
      'Choose another step (--step), or resume the run.',
    )
  await useGenerator(state, (tensors) => writeModelFile(path, state.manifest.header, tensors))
}

function modelRow(projectFolder: string, run: string) {
  return readDatabase(projectFolder, readRunRows).get(run)
}

function projectOf(modelPath: string): string {
  return dirname(dirname(resolve(modelPath)))
}

/** The run whose own model a file in a project is. @throws Refused `judge-alone` */
function runOf(modelPath: string): RunSource {
  const projectFolder = projectOf(modelPath)
  if (!existsSync(join(projectFolder, 'project.json')) || !existsSync(join(projectFolder, 'studio.db')))
    throw alone(modelPath)
  const rows = [...readDatabase(projectFolder, readRunRows).values()]
  const row = rows.find(({ model }) => model !== null && join(projectFolder, model) === resolve(modelPath))
  if (!row || row.model_step === null) throw alone(modelPath)
  return { projectFolder, run: row.id, step: row.model_step }
}

function alone(modelPath: string): Error {
  return refuse(
    'judge-alone',
    `${basename(modelPath)} is a model file alone: the judge that knows which of its pictures are the worst stayed with the run that trained it.`,
    'Name that project and run instead of the model, as in: diptych generate PROJECT --run run-001 --drop-lowest 0.2; or leave nothing out (--drop-lowest 0).',
  )
}
