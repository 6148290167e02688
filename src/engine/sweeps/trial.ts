import { Refused, type Refusal } from '../../core/errors.ts'
import { parseOptions } from '../../core/options/parse.ts'
import type { TrainingSettings } from '../../core/project/project.ts'
import { recipes } from '../../core/recipes/index.ts'
import { findAsked } from '../training/beginning.ts'
import { listCheckpoints, type SavedCheckpoint } from '../training/checkpoint.ts'
import { neverPaused } from '../training/control.ts'
import type { Edges } from '../training/edges.ts'
import { resumeRun, startRun } from '../training/run.ts'
import type { TrainingEvent } from '../training/session.ts'
import { listRuns, nextRunName, readRunConfigs, runFolder } from '../storage/runs.ts'

/** A run on its way to the end of a rung. */
export type Leg = {
  projectFolder: string
  run: string | null
  training: TrainingSettings
  datasetFingerprint: string
  step: number
  isLast: boolean
  threads: number | null
  signal: AbortSignal
  edges: Edges
  /** Notes which run tries this setting, before there is such a run. */
  noteRun(run: string): Promise<void>
}

export type LegEnd = { type: 'there' } | { type: 'stopped' } | { type: 'failed'; refusal: Refusal }

/** Whether two settings ask for the same run, defaults included. */
function isSame(one: TrainingSettings, other: TrainingSettings): boolean {
  const full = ({ recipe, options }: TrainingSettings) =>
    JSON.stringify(parseOptions(recipes[recipe].options, options))
  return one.recipe === other.recipe && full(one) === full(other)
}

/** The saved state that a run has at the end of a rung, where it has come so far. */
export async function stateAt(
  projectFolder: string,
  run: string,
  step: number,
): Promise<SavedCheckpoint | undefined> {
  const { saved } = await listCheckpoints(runFolder(projectFolder, run))
  return saved.find(({ manifest }) => manifest.step === step && manifest.scheduled)
}

/**
 * Where a run is on its way: `there`, `behind` (it is resumed), or `lost`: it was removed, or taken past the rung by
 * somebody whose saves have replaced the state that counts. What is lost is trained again, to the same bits.
 */
async function whereIs(leg: Leg): Promise<'there' | 'behind' | 'lost'> {
  const { projectFolder, run, training, step, isLast, datasetFingerprint } = leg
  if (run === null) return 'lost'
  const pending = await findAsked(projectFolder)
  if (pending?.run === run) return isSame(pending.asked.training, training) ? 'behind' : 'lost'
  const config = (await readRunConfigs(projectFolder)).find((one) => one.run === run)
  if (!config || !isSame(config, training) || config.datasetFingerprint !== datasetFingerprint) return 'lost'
  const isDone = (await listRuns(projectFolder)).some((one) => one.run === run && one.state === 'done')
  if (await stateAt(projectFolder, run, step)) return isLast && !isDone ? 'behind' : 'there'
  const { saved } = await listCheckpoints(runFolder(projectFolder, run))
  return isDone || saved.some(({ manifest }) => manifest.step > step) ? 'lost' : 'behind'
}

/** The name that the next run will have: one that was asked for and never began gives way (training/beginning.ts). */
async function comingRun(projectFolder: string): Promise<string> {
  return (await findAsked(projectFolder))?.run ?? nextRunName(projectFolder)
}

async function open(leg: Leg, isKnown: boolean, signal: AbortSignal): Promise<AsyncGenerator<TrainingEvent>> {
  const { projectFolder, run, training, edges } = leg
  const threads = leg.threads === null ? {} : { threads: leg.threads }
  if (isKnown && run !== null)
    return resumeRun({ projectFolder, run, ...threads }, signal, neverPaused, edges)
  await leg.noteRun(await comingRun(projectFolder))
  return startRun({ projectFolder, training, ...threads }, signal, neverPaused, edges)
}

/** The one failure that is the setting's own fault: all others would befall any run. */
const OWN_FAULT = 'not-finite'

/**
 * Takes the run of a setting to the end of a rung, from wherever it is, and stops it there on the state that it saves
 * there. A run knows nothing of rungs: it is as long as the last one and is resumed as any other.
 * @throws Refused what a run refuses, except that its losses are no numbers
 */
export async function* trainTo(leg: Leg): AsyncGenerator<TrainingEvent, LegEnd> {
  const place = await whereIs(leg)
  if (place === 'there') return { type: 'there' }
  const arrived = new AbortController()
  const events = await open(leg, place === 'behind', AbortSignal.any([leg.signal, arrived.signal]))
  try {
    for await (const event of events) {
      if (event.type === 'run-started') await leg.noteRun(event.run)
      yield event
      if (event.type === 'checkpoint' && event.step === leg.step && !leg.isLast) arrived.abort()
      if (event.type === 'failed') return failure(event.refusal)
      if (event.type === 'stopped' && !arrived.signal.aborted) return { type: 'stopped' }
    }
  } catch (error) {
    if (leg.signal.aborted && error instanceof Refused && error.refusal.code === 'stopped-early')
      return { type: 'stopped' }
    throw error
  }
  return { type: 'there' }
}

function failure(refusal: Refusal): LegEnd {
  if (refusal.code === OWN_FAULT) return { type: 'failed', refusal }
  throw new Refused(refusal)
}
