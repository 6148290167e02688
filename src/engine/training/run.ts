import { refuse, Refused, refusalOf, type Refusal } from '../../core/errors.ts'
import { parseOptions } from '../../core/options/parse.ts'
import type { BackendInfo, TrainingSettings } from '../../core/project/project.ts'
import { recipes } from '../../core/recipes/index.ts'
import { canCompute } from '../backends/index.ts'
import { checkPictureOptions } from '../data/prepare.ts'
import { scanDataset, type Finding } from '../datasets/index.ts'
import { countParameters } from '../networks/index.ts'
import { removeFolder } from '../storage/atomic.ts'
import { lockProject } from '../storage/lock.ts'
import { readProject } from '../storage/project.ts'
import { listRuns, readRunConfig, runFolder } from '../storage/runs.ts'
import { configure, findAsked, noteAsked, type Asked } from './beginning.ts'
import { neverPaused, type RunControl } from './control.ts'
import { realEdges, type Edges } from './edges.ts'
import { writeBestModel } from './exportModel.ts'
import { runLoop } from './loop.ts'
import { restoreNewest, tidyProject, tidyRun } from './restore.ts'
import { checkDiskSpace, COPIES_AT_START } from './saving.ts'
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
  /** As `openBackend` gave it. Left out, it is opened once the request is on disk, with `threads`. */
  backend?: Omit<BackendInfo, 'fellBackBecause'> & { fellBackBecause?: string | null }
  threads?: number
}
export type ResumeRequest = {
  projectFolder: string
  /** The newest unfinished run when left out. */
  run?: string
  /** Other threads than the run began with: faster, perhaps, but no longer the same bits. */
  threads?: number
}

const never = new AbortController().signal
const START_AGAIN = 'Free some space, or choose smaller networks, then start again.'

/**
 * Trains a new run. The first event, `run-started`, names it. Refuses with an exception as long as there is no run; once
 * there is one, failures are its last event. Stop it through `signal`: it saves, says `stopped` and ends.
 * @throws Refused `project-busy`, `not-a-project`, `dataset-missing`, `dataset-empty`, `option-unknown`, `option-invalid`,
 *   `crop-size`, `disk-full`, `write-forbidden`, `stopped-early`
 */
export async function* startRun(
  request: StartRequest,
  signal: AbortSignal = never,
  control: RunControl = neverPaused,
  edges: Edges = realEdges,
): AsyncGenerator<TrainingEvent> {
  const { projectFolder, training, threads } = request
  await readProject(projectFolder)
  const lock = lockProject(projectFolder)
  try {
    await tidyProject(projectFolder)
    checkPictureOptions(parseOptions(recipes[training.recipe].options, training.options))
    const run = await noteAsked(projectFolder, training, threads)
    const begun = await begin({ ...request, run, isNew: true, edges, signal })
    yield* conduct(begun, signal, control)
  } finally {
    lock.release()
  }
}

type Begun = { session: Session; backend: BackendInfo; findings: Finding[] }

/**
 * From what was asked for to a run with a configuration. A new run that cannot begin leaves nothing behind; one that is
 * resumed stays, to be resumed again.
 */
async function begin(
  request: StartRequest & { run: string; isNew: boolean; edges: Edges; signal: AbortSignal },
): Promise<Begun> {
  const { projectFolder, run, isNew, training, threads, edges, signal } = request
  let session: Session | undefined
  try {
    const opened = request.backend ?? (await edges.openBackend(threads === undefined ? {} : { threads }))
    const backend = { ...opened, fellBackBecause: opened.fellBackBecause ?? null }
    const { config, report } = await configure(projectFolder, run, training, backend, signal)
    session = openSession({ projectFolder, config, report, edges })
    await checkDiskSpace(session, COPIES_AT_START, START_AGAIN)
    return { session, backend, findings: report.findings.filter(({ level }) => level !== 'note') }
  } catch (error) {
    if (session && isNew) forgetQuietly(session)
    if (session) closeSession(session)
    if (signal.aborted) throw stoppedEarly(error, run)
    if (isNew) await removeFolder(runFolder(projectFolder, run))
    throw error
  }
}

/** Being stopped while pictures are read is no bug: what was asked for is on disk. */
function stoppedEarly(error: unknown, run: string): unknown {
  const isAbort = error instanceof Error && error.name === 'AbortError'
  return isAbort
    ? refuse('stopped-early', `${run} was stopped before its first step.`, 'Resume it: nothing is lost.')
    : error
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
    await tidyProject(projectFolder)
    const pending = await findAsked(projectFolder)
    const isPending = pending && (request.run ?? pending.run) === pending.run
    const begun = isPending
      ? await begin({
          projectFolder,
          run: pending.run,
          isNew: false,
          edges,
          signal,
          ...fromAsked(pending.asked, request),
        })
      : await reopen(request, edges, signal)
    yield* conduct(begun, signal, control)
  } finally {
    lock.release()
  }
}

function fromAsked({ training, threads }: Asked, request: ResumeRequest) {
  const wanted = request.threads ?? threads
  return { training, ...(wanted !== null && { threads: wanted }) }
}

/** A run with a configuration, put back to where its newest intact checkpoint left it. */
async function reopen(request: ResumeRequest, edges: Edges, signal: AbortSignal): Promise<Begun> {
  const { projectFolder } = request
  const config = await readRunConfig(projectFolder, await chooseUnfinished(request))
  const report = await scanDataset(config.dataset, projectFolder, signal).catch((error: unknown) => {
    throw stoppedEarly(error, config.run)
  })
  if (report.fingerprint !== config.datasetFingerprint)
    throw refuse(
      'dataset-changed',
      `The pictures of ${config.run} are not those it began with: ${report.counts.train} pairs to train on now, ${config.pairs} then.`,
      'Put the pictures back as they were, or start a new run.',
    )
  const { kind, threads } = config.backend
  const opened = await edges.openBackend({ kind, threads: request.threads ?? threads })
  // As the run began, if this machine has that.
  const { precision: begun } = config.backend
  const precision = canCompute(begun) ? begun : 'float32'
  const backend = { ...opened, precision }
  const session = openSession({
    projectFolder,
    config: { ...config, backend: { ...config.backend, precision } },
    report,
    edges,
  })
  try {
    await tidyRun(session)
    const damaged = await restoreNewest(session, 'resume')
    return { session, backend, findings: [...compareBackends(config.backend, backend), ...damaged] }
  } catch (error) {
    closeSession(session)
    throw error
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
  { session, backend, findings }: Begun,
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
    noteFailure(session, refusal)
    if (!(error instanceof Refused)) throw error
    yield { type: 'failed', ...whereIs(session), refusal }
  } finally {
    closeSession(session)
  }
}

/** What stopped the run is what must be told. Where it cannot be noted, the run shows as stopped and can be resumed. */
function noteFailure({ record }: Session, refusal: Refusal): void {
  try {
    record.setState('failed', refusal)
  } catch (error) {
    if (!(error instanceof Refused)) throw error
  }
}

/** As `noteFailure`: a row without a run is seen by nobody. */
function forgetQuietly({ record }: Session): void {
  try {
    record.forgetRun()
  } catch (error) {
    if (!(error instanceof Refused)) throw error
  }
}

function stop(session: Session): TrainingEvent {
  session.record.setState('stopped')
  return { type: 'stopped', ...whereIs(session) }
}

async function finish(session: Session): Promise<TrainingEvent> {
  const { projectFolder, config, record } = session
  const model = await writeBestModel(projectFolder, config.run)
  if (model.isOwn) record.setModel(model.relativePath, model.step)
  record.setState('done')
  const { path, step: bestStep, validationL1 } = model
  return { type: 'done', ...whereIs(session), model: { path }, bestStep, validationL1 }
}
