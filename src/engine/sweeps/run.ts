import type { fileOnDisk } from '../../core/files.ts'
import { refuse } from '../../core/errors.ts'
import { parseOptions } from '../../core/options/parse.ts'
import { recipes } from '../../core/recipes/index.ts'
import type { SweepEvent as EventFor } from '../../core/sweeps/events.ts'
import { ladderOf, ladderOfSweep, settingsOf, trainingOf } from '../../core/sweeps/settings.ts'
import { isFinished, nextWork, stepsDone } from '../../core/sweeps/standing.ts'
import type { Settled, Sweep, SweepRequest, Trial } from '../../core/sweeps/sweep.ts'
import { totalSteps } from '../../core/training/schedule.ts'
import { checkPictureOptions } from '../data/prepare.ts'
import { scanDataset, type DatasetReport } from '../datasets/index.ts'
import { createClock } from '../inference/clock.ts'
import { lockSweeps } from '../storage/lock.ts'
import { readProject } from '../storage/project.ts'
import { listSweeps, nextSweepName, readSweep, writeSweep } from '../storage/sweeps.ts'
import { checkKind } from '../training/beginning.ts'
import { realEdges, type Edges } from '../training/edges.ts'
import { thinLosers } from './losers.ts'
import { chooseMeasure, measureState } from './measure.ts'
import { trainTo, type Leg } from './trial.ts'

export type SweepEvent = EventFor<typeof fileOnDisk>

type Session = { projectFolder: string; sweep: Sweep; signal: AbortSignal; edges: Edges }

async function scanProject(projectFolder: string, signal: AbortSignal): Promise<DatasetReport> {
  const { dataset } = await readProject(projectFolder)
  if (dataset) return scanDataset(dataset, projectFolder, signal)
  throw refuse(
    'dataset-missing',
    `The project in ${projectFolder} has no pictures yet.`,
    'Choose its folders first.',
  )
}

/**
 * Settles what is asked for against the project: which settings, how long, by which figure. Changes nothing.
 * @throws Refused `dataset-missing`, `dataset-empty`, `recipe-unfit`, `option-unknown`, `option-invalid`, `holdout-empty`, `crop-size`
 */
export async function settleSweep(
  projectFolder: string,
  request: SweepRequest,
  signal: AbortSignal,
): Promise<Settled> {
  const { training } = request
  const { dataset } = await readProject(projectFolder)
  if (dataset) checkKind(training.recipe, dataset.kind)
  const { options: schema } = recipes[training.recipe]
  const settings = settingsOf(request)
  for (const setting of settings)
    checkPictureOptions(parseOptions(schema, { ...training.options, ...setting }))
  const report = await scanProject(projectFolder, signal)
  const measure = chooseMeasure(request, report)
  const steps = totalSteps(parseOptions(schema, training.options), report.counts.train)
  ladderOf(request, settings.length, steps)
  return {
    schema: 1,
    request,
    steps,
    measure,
    datasetFingerprint: report.fingerprint,
    trials: settings.map((setting) => ({ settings: setting, run: null, results: [], failure: null })),
  }
}

/**
 * Tries several settings: trains a run of each for a while, keeps the better ones, trains these further. The first event
 * is the sweep as it begins. Stop it through `signal`: the run at work is saved, and `resumeSweep` goes on exactly there.
 * @throws Refused as `settleSweep`, `project-busy`, `disk-full`, `write-forbidden`, and what a run refuses
 */
export async function* startSweep(
  projectFolder: string,
  request: SweepRequest,
  signal: AbortSignal,
  edges: Edges = realEdges,
): AsyncGenerator<SweepEvent> {
  await readProject(projectFolder)
  const lock = lockSweeps(projectFolder)
  try {
    const settled = await settleSweep(projectFolder, request, signal)
    const sweep: Sweep = { ...settled, sweep: await nextSweepName(projectFolder) }
    await writeSweep(projectFolder, sweep)
    yield* drive({ projectFolder, sweep, signal, edges })
  } finally {
    lock.release()
  }
}

/**
 * Goes on with a sweep that was stopped, killed or failed.
 * @param name the newest unfinished one when left out
 * @throws Refused `sweep-unknown`, `sweep-damaged`, `sweep-newer`, `sweep-done`, `nothing-to-resume`, `dataset-changed`
 */
export async function* resumeSweep(
  projectFolder: string,
  name: string | undefined,
  signal: AbortSignal,
  edges: Edges = realEdges,
): AsyncGenerator<SweepEvent> {
  await readProject(projectFolder)
  const lock = lockSweeps(projectFolder)
  try {
    const sweep =
      name === undefined ? await newestUnfinished(projectFolder) : await readSweep(projectFolder, name)
    if (isFinished(sweep))
      throw refuse('sweep-done', `${sweep.sweep} has compared all of its settings.`, 'Start a new one.')
    const { fingerprint } = await scanProject(projectFolder, signal)
    if (fingerprint !== sweep.datasetFingerprint)
      throw refuse(
        'dataset-changed',
        `The pictures of ${projectFolder} are not those that ${sweep.sweep} began with, so its settings would no longer compare.`,
        'Put the pictures back as they were, or start a new sweep.',
      )
    yield* drive({ projectFolder, sweep, signal, edges })
  } finally {
    lock.release()
  }
}

async function newestUnfinished(projectFolder: string): Promise<Sweep> {
  const { sweeps, damaged } = await listSweeps(projectFolder)
  const found = sweeps.find((sweep) => !isFinished(sweep))
  if (found) return found
  const [first] = damaged
  if (first) throw refuse(first.code, first.message, first.remedy)
  throw refuse(
    'nothing-to-resume',
    `There is no unfinished sweep in ${projectFolder}.`,
    'Start a new one by leaving --resume out.',
  )
}

/** Changes one trial and keeps the sweep as it is now. */
async function change(session: Session, index: number, change: Partial<Trial>): Promise<void> {
  const { sweep, projectFolder } = session
  const trials = sweep.trials.map((trial, place) => (place === index ? { ...trial, ...change } : trial))
  session.sweep = { ...sweep, trials }
  await writeSweep(projectFolder, session.sweep)
}

type Work = NonNullable<ReturnType<typeof nextWork>>

async function* drive(session: Session): AsyncGenerator<SweepEvent> {
  const { totalSteps: total } = ladderOfSweep(session.sweep)
  const begunAt = stepsDone(session.sweep)
  const clock = createClock(total - begunAt)
  yield { type: 'sweep', sweep: session.sweep }
  await thinLosers(session.projectFolder, session.sweep)
  for (let work = nextWork(session.sweep); work; work = nextWork(session.sweep)) {
    const count: Count = (done) => ({ done, total, secondsLeft: clock.left(done - begunAt) })
    const isTried = !session.signal.aborted && (yield* tryOne(session, work, count))
    if (!isTried) return yield { type: 'sweep-stopped', sweep: session.sweep }
    if (nextWork(session.sweep)?.rung !== work.rung) await thinLosers(session.projectFolder, session.sweep)
    yield { type: 'sweep', sweep: session.sweep }
  }
  yield { type: 'sweep-done', sweep: session.sweep }
}

function legOf(session: Session, { index, rung, step }: Work, trial: Trial): Leg {
  const { projectFolder, sweep, signal, edges } = session
  return {
    projectFolder,
    run: trial.run,
    training: trainingOf(sweep, trial.settings),
    datasetFingerprint: sweep.datasetFingerprint,
    step,
    isLast: rung === ladderOfSweep(sweep).rungs.length - 1,
    threads: sweep.request.threads,
    signal,
    edges,
    noteRun: async (run) => {
      if (session.sweep.trials[index]?.run !== run) await change(session, index, { run })
    },
  }
}

type Count = (done: number) => { done: number; total: number; secondsLeft: number | null }

/** Trains one setting to the end of its rung, telling how far all of them are. */
async function* trainOne(session: Session, work: Work, trial: Trial, count: Count) {
  const { sweep } = session
  const before = stepsDone(sweep) - (ladderOfSweep(sweep).rungs[work.rung - 1]?.steps ?? 0)
  const events = trainTo(legOf(session, work, trial))
  try {
    let told = await events.next()
    for (; !told.done; told = await events.next()) {
      const event = told.value
      yield { type: 'sweep-run' as const, ...count(before + event.step), event }
      // From now on it is known which run tries this setting.
      if (event.type === 'run-started') yield { type: 'sweep' as const, sweep: session.sweep }
    }
    return told.value
  } finally {
    // Whoever stops listening in between lets the run go as well.
    await events.return({ type: 'stopped' })
  }
}

/** Takes one setting through its rung. @returns whether it came to the end of it; false when it was stopped on the way */
async function* tryOne(session: Session, work: Work, count: Count): AsyncGenerator<SweepEvent, boolean> {
  const { projectFolder, sweep, signal } = session
  const trial = sweep.trials[work.index]
  if (!trial) throw new Error('A sweep wants to train a setting that it does not have.')
  const end = yield* trainOne(session, work, trial, count)
  if (end.type === 'stopped') return false
  if (end.type === 'failed') {
    await change(session, work.index, { failure: end.refusal })
    return true
  }
  const { run } = session.sweep.trials[work.index] ?? trial
  if (run === null) throw new Error('A setting was trained in no run.')
  try {
    const what = { run, step: work.step, measure: sweep.measure }
    const result = await measureState(projectFolder, what, signal)
    await change(session, work.index, { results: [...trial.results, result] })
    return true
  } catch (error) {
    if (signal.aborted && error instanceof Error && error.name === 'AbortError') return false
    throw error
  }
}
