import { refuse } from '../../core/errors.ts'
import { penaltyWeightOf } from '../../core/recipes/noise.ts'
import { areGradientsDue, observeGradients, observeLosses } from '../../core/training/health.ts'
import { learningRateAt, partAt } from '../../core/training/schedule.ts'
import { NotFinite } from './checkpoint.ts'
import type { RunControl } from './control.ts'
import { isGalleryDue, renderGallery } from './gallery.ts'
import { restoreNewest } from './restore.ts'
import { saveCheckpoint } from './saving.ts'
import { partsOf, tellFindings, tellHealth, whereIs, type Session, type TrainingEvent } from './session.ts'

const MOST_ROLLBACKS = 3

/**
 * Trains until the last step, or until it is told to stop. Between two steps it can be paused and stopped; whatever
 * happens, what is on disk is a state from which it goes on exactly.
 * @returns whether the last step was reached
 */
export async function* runLoop(
  session: Session,
  signal: AbortSignal,
  control: RunControl,
): AsyncGenerator<TrainingEvent, boolean> {
  while (session.cursor.step < session.config.steps) {
    if (control.isPaused() && !signal.aborted) yield* waitWhilePaused(session, signal, control)
    if (signal.aborted) {
      yield* saveOnStop(session)
      return false
    }
    try {
      yield* takeStep(session, signal)
    } catch (error) {
      if (error instanceof NotFinite) yield* rollBack(session)
      else if (!signal.aborted || !isAbort(error)) throw error
    }
  }
  return true
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError'
}

async function* takeStep(session: Session, signal: AbortSignal): AsyncGenerator<TrainingEvent> {
  const { config, options, loader, trainer, record, pace } = session
  const { steps } = config
  const startedAt = performance.now()
  const step = session.cursor.step + 1
  const scale = session.cursor.learningRateScale
  const part = partAt(partsOf(session), step)
  const learningRate = learningRateAt(step - part.from + 1, { ...options, steps: part.steps, scale })
  const batch = await loader.next(step, signal)
  const losses = await trainer.train({ ...batch, step, learningRate, seed: options.seed })
  if (!Object.values(losses).every(Number.isFinite)) throw new NotFinite('A loss is infinite or NaN.')

  const stepMs = performance.now() - startedAt
  pace.addStep(stepMs, part.effort)
  session.cursor = { ...session.cursor, step }
  record.addStep({ step, losses, learningRate })
  const secondsLeft = pace.secondsLeft(step)
  yield { type: 'step', ...whereIs(session), steps, losses, learningRate, stepMs, secondsLeft }
  yield* tellHealth(session, observeLosses(session.cursor.health, losses, penaltyWeightOf(options)))
  if (areGradientsDue(step))
    yield* tellHealth(session, observeGradients(session.cursor.health, await trainer.gradientLengths()))
  if (isGalleryDue(step, options, steps)) yield* renderGallery(session)
  if (step % options.checkpointEvery === 0 || step === steps) yield* saveCheckpoint(session, true)
}

/** Saves where the run is, unless that is on disk already. A state with NaN is not saved: the one before it counts. */
async function* saveOnStop(session: Session): AsyncGenerator<TrainingEvent> {
  if (session.savedStep === session.cursor.step) return session.record.flush()
  try {
    yield* saveCheckpoint(session, false)
  } catch (error) {
    if (!(error instanceof NotFinite)) throw error
  }
}

async function* waitWhilePaused(
  session: Session,
  signal: AbortSignal,
  control: RunControl,
): AsyncGenerator<TrainingEvent> {
  yield* saveOnStop(session)
  session.record.setState('paused')
  yield { type: 'paused', ...whereIs(session) }
  await control.whilePaused(signal)
  if (signal.aborted) return
  session.record.setState('running')
  yield { type: 'continued', ...whereIs(session) }
}

/** @throws Refused `not-finite` after three */
async function* rollBack(session: Session): AsyncGenerator<TrainingEvent> {
  const { rollbacks, learningRateScale, step } = session.cursor
  if (rollbacks.length >= MOST_ROLLBACKS)
    throw refuse(
      'not-finite',
      `The losses became infinite near step ${step}, and again after ${MOST_ROLLBACKS} returns to the last saved state, each with half the learning rate.`,
      'Start a new run with a tenth of the learning rate. If that fails too, look for broken pictures with `check`.',
    )
  const findings = await restoreNewest(session, 'roll-back')
  const toStep = session.cursor.step
  session.cursor = {
    ...session.cursor,
    learningRateScale: learningRateScale / 2,
    rollbacks: [...rollbacks, { fromStep: step, toStep }],
  }
  yield {
    type: 'rolled-back',
    ...whereIs(session),
    fromStep: step,
    learningRateScale: session.cursor.learningRateScale,
  }
  yield* tellFindings(session, findings)
}
