import { refuse } from '../../core/errors.ts'
import { translateNormOf, type RunOptions } from '../../core/recipes/common.ts'
import { recipes } from '../../core/recipes/index.ts'
import { observeValidation } from '../../core/training/health.ts'
import { isPlateau } from '../../core/training/schedule.ts'
import { bytesInWords } from '../../core/words.ts'
import { removeFolder } from '../storage/atomic.ts'
import {
  bestOf,
  bytesOf,
  listCheckpoints,
  NotFinite,
  thinCheckpoint,
  writeCheckpoint,
  type SavedCheckpoint,
} from './checkpoint.ts'
import { describeModel } from './header.ts'
import { planRetention } from './retention.ts'
import { tellHealth, whereIs, type Session, type TrainingEvent } from './session.ts'

export const MOST_VALIDATION_PAIRS = 32
/** Room for the two whole checkpoints that are kept and the one being written: a run demands it before it begins. */
export const COPIES_AT_START = 3
/** Left free beside what is written: for curves, galleries and the file system's own needs. */
const SPARE_BYTES = 64 * 1024 * 1024
const RESUME_LATER = 'Free some space, then resume the run: everything up to its last saved state is safe.'

/** Room that must be free before so many copies of a state are written. */
export function neededBytes(stateBytes: number, copies: number): number {
  return stateBytes * copies + SPARE_BYTES
}

/**
 * Refuses before anything is written that would not fit.
 * @param remedy what to do then
 * @throws Refused `disk-full`
 */
export async function checkDiskSpace(session: Session, copies: number, remedy: string): Promise<void> {
  const needed = neededBytes(bytesOf(session.trainer.state()), copies)
  const free = await session.edges.freeBytes(session.projectFolder)
  if (free >= needed) return
  throw refuse(
    'disk-full',
    `Saving this run needs ${bytesInWords(needed)} free on the disk of ${session.projectFolder}, and ${bytesInWords(free)} are.`,
    remedy,
  )
}

/**
 * Mean absolute error on the validation pairs, samples in [0,1], as the generator translates: no dropout, its own
 * batch-norm mode. Null without validation pairs, as unpaired data mostly has none.
 * @throws NotFinite
 */
async function validate({ loader, trainer, config, options }: Session): Promise<number | null> {
  const { made: madeId } = recipes[config.recipe]
  const errors: number[] = []
  for await (const pair of loader.evaluationPairs('val', MOST_VALIDATION_PAIRS)) {
    const { [madeId]: made } = await trainer.visuals(
      { ...pair, row: errors.length },
      translateNormOf(options),
    )
    if (!made) throw new Error(`The trainer of ${config.recipe} does not make its ${madeId}.`)
    const { data } = pair.realB
    let sum = 0
    for (let index = 0; index < data.length; index += 1)
      sum += Math.abs((made.data[index] ?? NaN) - (data[index] ?? NaN))
    errors.push(sum / data.length / 2)
  }
  if (errors.length === 0) return null
  const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length
  if (!Number.isFinite(mean)) throw new NotFinite('The generator makes infinite numbers or NaN.')
  return mean
}

/**
 * Saves everything. `scheduled` is false on a stop or a pause: such a state is not scored, so that a run that was
 * stopped ends with the same model as one that was not.
 * @throws NotFinite, Refused `disk-full`, `write-forbidden`
 */
export async function* saveCheckpoint(session: Session, scheduled: boolean): AsyncGenerator<TrainingEvent> {
  const { record, trainer, pace, config, options, report } = session
  const startedAt = performance.now()
  record.flush()
  await checkDiskSpace(session, 1, RESUME_LATER)
  const validationL1 = scheduled ? await validate(session) : null
  const { health, step } = session.cursor
  if (validationL1 !== null)
    yield* tellHealth(session, observeValidation(health, step, validationL1, report.unpaired === null))
  if (scheduled && options.decay === 'plateau') halveOnPlateau(session)
  const { tensors, prefix, ...model } = trainer.generator()
  const reverse = trainer.reverse?.()
  const atStep = session.cursor.step
  const describe = { config, options, report, atStep }
  const { bytes } = await writeCheckpoint(session.runFolder, {
    cursor: session.cursor,
    scheduled,
    validationL1,
    header: describeModel({ ...describe, model, validationL1 }),
    state: trainer.state(),
    generator: { prefix, tensors },
    reverse: reverse
      ? {
          ...reverse,
          header: describeModel({
            ...describe,
            options: turned(options),
            model: reverse,
            validationL1: null,
          }),
        }
      : null,
  })
  session.savedStep = atStep
  await retain(session)
  pace.addSave(performance.now() - startedAt)
  yield { type: 'checkpoint', ...whereIs(session), validationL1, bytes }
}

/** Before the state is written, so that a resumed run goes on at the same rate. */
function halveOnPlateau(session: Session): void {
  const { cursor } = session
  const { health, halvedAtStep, learningRateScale, step } = cursor
  if (isPlateau(health, halvedAtStep))
    session.cursor = { ...cursor, learningRateScale: learningRateScale / 2, halvedAtStep: step }
}

/** The settings as seen from the other direction, for the model that goes there. */
function turned(options: RunOptions): RunOptions {
  return { ...options, direction: options.direction === 'BtoA' ? 'AtoB' : 'BtoA' }
}

/** Thins out and removes older checkpoints, and lets the table repeat what is on disk. */
async function retain(session: Session): Promise<void> {
  const { saved } = await listCheckpoints(session.runFolder)
  const retained = saved.map(({ manifest, bytes }) => ({ ...manifest, bytes }))
  const best = bestOf(saved)?.manifest.step
  const { thin, remove } = planRetention(retained, best, session.options.diskBudgetGb * 1e9)
  for (const checkpoint of saved) {
    if (remove.includes(checkpoint.manifest.step)) await removeFolder(checkpoint.folder)
    else if (thin.includes(checkpoint.manifest.step)) await thinCheckpoint(checkpoint)
  }
  await recordCheckpoints(session)
}

export async function recordCheckpoints(session: Session): Promise<SavedCheckpoint[]> {
  const { saved } = await listCheckpoints(session.runFolder)
  session.record.setCheckpoints(saved.map(({ manifest, bytes }) => ({ ...manifest, bytes })))
  return saved
}
