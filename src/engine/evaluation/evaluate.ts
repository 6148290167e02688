import { setImmediate } from 'node:timers/promises'
import { refuse, Refused } from '../../core/errors.ts'
import type { EvaluationEvent, EvaluationRow, Measurement } from '../../core/evaluation/events.ts'
import { metricIds, type MetricId } from '../../core/evaluation/metrics.ts'
import type { RunConfig } from '../../core/project/project.ts'
import { openBackend } from '../backends/index.ts'
import { createClock } from '../inference/clock.ts'
import type { OpenModel } from '../inference/model.ts'
import { readDatabase } from '../storage/database.ts'
import { readEvaluations, storeEvaluation, type StoredEvaluation } from '../storage/evaluations.ts'
import { readRunConfig } from '../storage/runs.ts'
import type { SavedCheckpoint } from '../training/checkpoint.ts'
import { openHoldout, type HoldoutSplit } from './holdout.ts'
import type { Plane } from './metrics.ts'
import { createNetworks, type Networks } from './networks.ts'
import { makeOf } from './making.ts'
import { planeOf, readPlanes, type EvaluationPlanes } from './planes.ts'
import { createFeatureHeap, createScoring, sourcesOf, untold, type FeatureHeap } from './scoring.ts'
import { findStates, isUnchanged, openState, type StateChoice } from './states.ts'
import { featuresOf, isSetMetric, usualMetrics } from './works.ts'

export type EvaluationRequest = {
  projectFolder: string
  run: string
  split: HoldoutSplit
  steps: StateChoice
  /** All that need no imported weights when left out. */
  metrics?: readonly MetricId[]
  /** The file of Inception weights that metrics on published features rest on. */
  inception?: string
  /** Scores again what was scored before. */
  again?: boolean
}

/** Counts up whenever a change of the engine changes what a metric says: older scores are then made again. */
const REVISION = 1

type Work = { state: SavedCheckpoint; known: StoredEvaluation | undefined; missing: MetricId[] }

type Session = {
  request: EvaluationRequest
  config: RunConfig
  basis: string
  loader: Awaited<ReturnType<typeof openHoldout>>['loader']
  total: number
  networks: Networks
  tick(): EvaluationEvent
  signal: AbortSignal
}

/**
 * Scores saved states of a run, whole or thinned, on the same pictures that it never learned from, exactly as a model file of
 * each would translate them. All pictures of the split are used. Each state's scores are kept in the project as soon as they
 * are known, so that an interrupted evaluation loses at most one state's; a state that was scored on these pictures before
 * is only scored by the metrics that are new (those on imported weights always: the weights may be others).
 * The last event is `evaluated`, with the rows of all states that were asked for.
 * @throws Refused `run-unknown`, `checkpoint-missing`, `dataset-changed`, `holdout-empty`; the signal's reason
 */
export async function* evaluateRun(
  request: EvaluationRequest,
  signal: AbortSignal,
): AsyncGenerator<EvaluationEvent> {
  const { projectFolder, run, split } = request
  const config = await readRunConfig(projectFolder, run)
  const states = await findStates(projectFolder, run, request.steps)
  const { loader, total } = await openHoldout(config, projectFolder, split, signal)
  await openBackend()
  const basis = `${REVISION} ${config.datasetFingerprint}`
  const works = planWorks(request, states, basis)
  const due = works.filter(({ missing }) => missing.length > 0)
  const networks = createNetworks(request.inception)
  const needsReals = due.some(({ missing }) => missing.some(isSetMetric))
  const tick = createTicker(total * (due.length + (needsReals ? 1 : 0)))
  const session: Session = { request, config, basis, loader, total, networks, tick, signal }
  try {
    const reals = yield* readReals(session, needsReals ? due : [])
    const rows: EvaluationRow[] = []
    for (const work of works) {
      signal.throwIfAborted()
      rows.push(
        work.missing.length === 0 && work.known ? work.known.row : yield* scoreOne(session, work, reals),
      )
    }
    yield { type: 'evaluated', run, rows }
  } finally {
    networks.dispose()
  }
}

function planWorks(request: EvaluationRequest, states: readonly SavedCheckpoint[], basis: string): Work[] {
  const { projectFolder, run, split, metrics = usualMetrics, again = false } = request
  const stored = readDatabase(projectFolder, (database) => readEvaluations(database, run))
  return states.map((state) => {
    const known = stored.find(
      (one) => one.row.step === state.manifest.step && one.row.split === split && one.basis === basis,
    )
    const isKnown = (id: MetricId) => known?.row.measurements.some(({ metric }) => metric === id) ?? false
    const missing = metrics.filter((id) => again || featuresOf(id) === 'inception' || !isKnown(id))
    return { state, known, missing }
  })
}

function createTicker(total: number): () => EvaluationEvent {
  const clock = createClock(total)
  let done = 0
  return () => {
    done += 1
    return { type: 'evaluation-progress', done, total, secondsLeft: clock.left(done) }
  }
}

/** What the made pictures should look like: read once, for all states. */
async function* readReals(
  session: Session,
  due: readonly Work[],
): AsyncGenerator<EvaluationEvent, FeatureHeap> {
  const { loader, networks, request, tick, signal } = session
  const wanted = due.flatMap(({ missing }) => missing.filter(isSetMetric))
  const reals = createFeatureHeap(sourcesOf(wanted), networks)
  if (wanted.length === 0) return reals
  for await (const picture of loader.targets(request.split, signal)) {
    await reals.add(planeOf(picture))
    yield tick()
  }
  return reals
}

/** The refusals that one state earns by itself: the others can be scored all the same. */
const ofOneState = new Set(['checkpoint-damaged', 'model-damaged', 'model-not-finite'])

async function* scoreOne(
  session: Session,
  { state, known, missing }: Work,
  reals: FeatureHeap,
): AsyncGenerator<EvaluationEvent, EvaluationRow> {
  const { config, basis, request } = session
  const { split, projectFolder } = request
  const { step } = state.manifest
  const merge = (fresh: readonly Measurement[]): EvaluationRow => {
    const all = [
      ...fresh,
      ...(known?.row.measurements ?? []).filter(({ metric }) => !missing.includes(metric)),
    ]
    return { step, split, measurements: all.sort((x, y) => placeOf(x) - placeOf(y)) }
  }
  try {
    const row = merge(yield* scoreState(session, state, missing, reals))
    if (await isUnchanged(projectFolder, config.run, state))
      storeEvaluation(projectFolder, config, { basis, row })
    yield { type: 'checkpoint-evaluated', run: config.run, row }
    return row
  } catch (error) {
    if (!(error instanceof Refused) || !ofOneState.has(error.refusal.code)) throw error
    const { message } = error.refusal
    const row = merge(missing.map((id) => untold(id, message)))
    yield { type: 'checkpoint-evaluated', run: config.run, row }
    return row
  }
}

function placeOf({ metric }: Measurement): number {
  return metricIds.indexOf(metric)
}

async function* scoreState(
  { config, loader, total, networks, request, tick, signal }: Session,
  state: SavedCheckpoint,
  wanted: readonly MetricId[],
  reals: FeatureHeap,
): AsyncGenerator<EvaluationEvent, Measurement[]> {
  const scoring = await createScoring(wanted, networks)
  const model = await openState(state, config.run)
  try {
    let index = 0
    for await (const row of readPlanes(loader.evaluationRows(request.split, total, signal))) {
      await scoring.add(await makeWhole(model, row, index), row.isPair ? row.b : null)
      index += 1
      yield tick()
      // A turn of the event loop: a request to stop arrives.
      await setImmediate()
    }
    return await scoring.measure(reals)
  } finally {
    model.dispose()
  }
}

/** A picture as translation makes it. @throws Refused `model-not-finite` */
async function makeWhole(model: OpenModel, row: EvaluationPlanes, index: number): Promise<Plane> {
  const made = await makeOf(model, row, index)
  // A sum is finite only if all its terms are.
  let sum = 0
  for (const value of made.data) sum += value
  if (Number.isFinite(sum)) return made
  throw refuse(
    'model-not-finite',
    `This state gives no numbers for ${row.name}: its training diverged.`,
    'Choose an earlier saved state.',
  )
}
