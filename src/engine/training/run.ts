import { join } from 'node:path'
import { refuse, Refused, refusalOf } from '../../core/errors.ts'
import { parseOptions } from '../../core/options/parse.ts'
import type { BackendInfo, RunConfig, TrainingSettings } from '../../core/project/project.ts'
import { recipes } from '../../core/recipes/index.ts'
import { totalSteps } from '../../core/training/schedule.ts'
import { scanDataset, type DatasetReport, type Finding } from '../datasets/index.ts'
import { countParameters } from '../networks/index.ts'
import { placeFolder, removeFolder, writeJsonAtomic } from '../storage/atomic.ts'
import { lockProject } from '../storage/lock.ts'
import { readProject } from '../storage/project.ts'
import { listRuns, nextRunName, readRunConfig, runFolder } from '../storage/runs.ts'
import { readVersion } from '../version.ts'
import { neverPaused, type RunControl } from './control.ts'
import { realEdges, type Edges } from './edges.ts'
import { writeModelOf } from './exportModel.ts'
import { runLoop } from './loop.ts'
import { restoreNewest, tidyRun } from './restore.ts'
import { checkDiskSpace } from './saving.ts'
import {
  closeSession,
  openSession,
  tellFindings,
  whereIs,
  type Session,
  type TrainingEvent,
} from './session.ts'

export type StartRequest = {
  projectFolder: string
  training: TrainingSettings
  /** As `openBackend` gave it. */
  backend: Omit<BackendInfo, 'fellBackBecause'> & { fellBackBecause?: string | null }
}
export type ResumeRequest = {
  projectFolder: string
  /** The newest unfinished run when left out. */
  run?: string
  /** Other threads than the run began with: faster, perhaps, but no longer the same bits. */
  threads?: number
}

const never = new AbortController().signal
/** Room for the two whole checkpoints that are kept and the one being written. */
const COPIES_AT_START = 3

/**
 * Trains a new run. The first event, `run-started`, names it. Refuses with an exception as long as there is no run; once
 * there is one, failures are its last event. Stop it through `signal`: it saves, says `stopped` and ends.
 * @throws Refused `project-busy`, `not-a-project`, `dataset-missing`, `dataset-empty`, `option-unknown`, `option-invalid`,
 *   `crop-size`, `disk-full`, `write-forbidden`
 */
export async function* startRun(
  { projectFolder, training, backend }: StartRequest,
  signal: AbortSignal = never,
  control: RunControl = neverPaused,
  edges: Edges = realEdges,
): AsyncGenerator<TrainingEvent> {
  await readProject(projectFolder)
  const lock = lockProject(projectFolder)
  try {
    const info = { ...backend, fellBackBecause: backend.fellBackBecause ?? null }
    const { config, report } = await configure(projectFolder, training, info, signal)
    const folder = runFolder(projectFolder, config.run)
    await placeFolder(folder, (temporary) => writeJsonAtomic(join(temporary, 'config.json'), config))
    const session = await openOrUndo({ projectFolder, config, report, edges }, folder)
    yield* conduct(session, info, report.findings.filter(isWorthTelling), signal, control)
  } finally {
    lock.release()
  }
}

function isWorthTelling({ level }: Finding): boolean {
  return level !== 'note'
}

/** Everything a run is a function of: data scanned, options parsed, all of it before anything is written. */
async function configure(
  projectFolder: string,
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
  const options = parseOptions(recipes[training.recipe].options, training.options)
  const report = await scanDataset(dataset, projectFolder, signal, { cropSizePx: options.cropSizePx })
  if (report.counts.train === 0)
    throw refuse(
      'dataset-empty',
      `There is no pair to train on in ${projectFolder}.`,
      report.findings[0]?.message ?? 'Add pictures with the same names to both folders.',
    )
  const steps = totalSteps(options, report.counts.train)
  const config: RunConfig = {
    schema: 1,
    run: await nextRunName(projectFolder),
    recipe: training.recipe,
    options: { ...options, steps },
    steps,
    dataset,
    datasetFingerprint: report.fingerprint,
    pairs: report.counts.train,
    versions: { diptych: readVersion(), engine: backend.version, node: process.versions.node },
    backend,
  }
  return { config, report }
}

/** A run that cannot begin (a size that its networks cannot take, a disk without room) leaves nothing behind. */
async function openOrUndo(request: Parameters<typeof openSession>[0], folder: string): Promise<Session> {
  let session: Session | undefined
  try {
    session = openSession(request)
    await checkDiskSpace(session, COPIES_AT_START)
    return session
  } catch (error) {
    session?.record.forgetRun()
    if (session) closeSession(session)
    await removeFolder(folder)
    throw error
  }
}

/**
 * Goes on with a run that was stopped, killed or failed, exactly where its newest intact checkpoint left it, or from
 * its configuration where there is none. Curves and galleries after that step are replaced.
 * @throws Refused `project-busy`, `run-unknown`, `run-done`, `nothing-to-resume`, `dataset-changed`, `checkpoint-mismatch`
 */
export async function* resumeRun(
  request: ResumeRequest,
  signal: AbortSignal = never,
  control: RunControl = neverPaused,
  edges: Edges = realEdges,
): AsyncGenerator<TrainingEvent> {
  const { projectFolder } = request
  await readProject(projectFolder)
  const lock = lockProject(projectFolder)
  try {
    const config = await readRunConfig(projectFolder, await chooseUnfinished(request))
    const report = await scanDataset(config.dataset, projectFolder, signal)
    if (report.fingerprint !== config.datasetFingerprint)
      throw refuse(
        'dataset-changed',
        `The pictures of ${config.run} are not those it began with: ${report.counts.train} pairs to train on now, ${config.pairs} then.`,
        'Put the pictures back as they were, or start a new run.',
      )
    const { kind, threads } = config.backend
    const backend = await edges.openBackend({ kind, threads: request.threads ?? threads })
    const session = openSession({ projectFolder, config, report, edges })
    const findings = await restoreOrClose(session)
    yield* conduct(
      session,
      backend,
      [...compareBackends(config.backend, backend), ...findings],
      signal,
      control,
    )
  } finally {
    lock.release()
  }
}

async function chooseUnfinished({ projectFolder, run }: ResumeRequest): Promise<string> {
  const runs = await listRuns(projectFolder)
  const chosen = run === undefined ? runs.filter(({ state }) => state !== 'done').at(-1) : undefined
  if (chosen) return chosen.run
  if (run === undefined)
    throw refuse(
      'nothing-to-resume',
      `There is no unfinished run in ${projectFolder}.`,
      'Start a new one by leaving --resume out.',
    )
  if (runs.find((one) => one.run === run)?.state === 'done')
    throw refuse('run-done', `${run} has reached its last step.`, 'Start a new run.')
  return run
}

async function restoreOrClose(session: Session): Promise<Finding[]> {
  try {
    await tidyRun(session)
    return await restoreNewest(session, 'resume')
  } catch (error) {
    closeSession(session)
    throw error
  }
}

/** Another backend can go on with a run, but the bits will not be those of a run that was never stopped. */
function compareBackends(before: BackendInfo, now: BackendInfo): Finding[] {
  const keys = ['kind', 'version', 'device', 'precision', 'threads'] as const
  const changed = keys.filter((key) => before[key] !== now[key])
  if (changed.length === 0) return []
  const words = changed.map((key) => `${key} ${before[key]} then, ${now[key]} now`).join('; ')
  return [
    {
      level: 'warning',
      code: 'backend-changed',
      message: `What computes is not what the run began with (${words}), so its last digits will differ.`,
      remedy: 'Nothing needs to be done, unless the run must be repeatable bit for bit.',
      file: null,
    },
  ]
}

/** From its first event to its last. Closes the session. */
async function* conduct(
  session: Session,
  backend: BackendInfo,
  findings: readonly Finding[],
  signal: AbortSignal,
  control: RunControl,
): AsyncGenerator<TrainingEvent> {
  const { config, record } = session
  try {
    record.setState('running')
    yield {
      type: 'run-started',
      ...whereIs(session),
      recipe: config.recipe,
      steps: config.steps,
      resumed: session.cursor.step > 0,
      parameters: countParameters(session.trainer.generator().network),
      backend,
    }
    yield* tellFindings(session, findings)
    const isFinished = yield* runLoop(session, signal, control)
    yield isFinished ? await finish(session) : stop(session)
  } catch (error) {
    const refusal = refusalOf(error)
    record.setState('failed', refusal)
    if (!(error instanceof Refused)) throw error
    yield { type: 'failed', ...whereIs(session), refusal }
  } finally {
    closeSession(session)
  }
}

function stop(session: Session): TrainingEvent {
  session.record.setState('stopped')
  return { type: 'stopped', ...whereIs(session) }
}

async function finish(session: Session): Promise<TrainingEvent> {
  const { projectFolder, config, record } = session
  const model = await writeModelOf({ projectFolder, run: config.run, step: 'best' })
  record.setModel(model.relativePath)
  record.setState('done')
  const { path, step: bestStep, validationL1 } = model
  return { type: 'done', ...whereIs(session), model: { path }, bestStep, validationL1 }
}
