import { join } from 'node:path'
import type { FileOnDisk, fileOnDisk } from '../../core/files.ts'
import { parseOptions } from '../../core/options/parse.ts'
import type { RunConfig } from '../../core/project/project.ts'
import type { RunOptions } from '../../core/recipes/common.ts'
import { recipes } from '../../core/recipes/index.ts'
import { newHealth, type Observed } from '../../core/training/healthState.ts'
import { findingFor } from '../../core/training/notices.ts'
import type { TrainingEvent as EventFor } from '../../core/training/reducer.ts'
import type { Part } from '../../core/training/schedule.ts'
import { createLoader, type Loader } from '../data/loader.ts'
import type { DatasetReport, Finding } from '../datasets/index.ts'
import type { Trainer } from '../recipes/trainer.ts'
import { runFolder } from '../storage/runs.ts'
import type { Cursor } from './checkpoint.ts'
import type { Edges } from './edges.ts'
import { createPace, type Pace } from './pace.ts'
import { RunRecord } from './record.ts'

export type TrainingEvent = EventFor<typeof fileOnDisk>

/** A run at work. `trainer` and `cursor` change; the rest is fixed when it starts. */
export type Session = {
  projectFolder: string
  runFolder: string
  config: RunConfig
  options: RunOptions
  report: DatasetReport
  loader: Loader
  record: RunRecord
  pace: Pace
  edges: Edges
  trainer: Trainer
  cursor: Cursor
  /** The step of the newest checkpoint on disk; 0 before the first. */
  savedStep: number
}

export const firstCursor: Cursor = {
  step: 0,
  learningRateScale: 1,
  halvedAtStep: 0,
  rollbacks: [],
  health: newHealth,
}

/** Opens everything that a run works with. Its caller closes it with `closeSession`. */
export function openSession(request: {
  projectFolder: string
  config: RunConfig
  report: DatasetReport
  edges: Edges
}): Session {
  const { projectFolder, config, report, edges } = request
  const options = parseOptions(recipes[config.recipe].options, config.options)
  const loader = createLoader({ report, options, seed: options.seed, split: 'train' })
  // First, because it refuses sizes that its networks cannot take.
  const trainer = makeTrainer({ edges, config, options, loader })
  return {
    ...request,
    runFolder: runFolder(projectFolder, config.run),
    options,
    loader,
    record: new RunRecord(projectFolder, config),
    pace: createPace({ ...options, steps: config.steps, parts: partsOf({ trainer, config }) }),
    trainer,
    cursor: firstCursor,
    savedStep: 0,
  }
}

/** Most runs have one part. */
export function partsOf({ trainer, config }: Pick<Session, 'trainer' | 'config'>): readonly Part[] {
  return trainer.parts ?? [{ from: 1, steps: config.steps, effort: 1 }]
}

export function closeSession({ trainer, record }: Session): void {
  trainer.dispose()
  record.close()
}

/** Goes back to how the run began: weights and moments are drawn anew from the seed. */
export function restartTrainer(session: Session): void {
  session.trainer.dispose()
  session.trainer = makeTrainer(session)
}

function makeTrainer({
  edges,
  config,
  options,
  loader,
}: Pick<Session, 'edges' | 'config' | 'options' | 'loader'>) {
  const { inputChannels, outputChannels, scale, classes } = loader
  const { precision } = config.backend
  return edges.createTrainer(config.recipe, options, {
    inputChannels,
    outputChannels,
    scale,
    classes,
    precision,
  })
}

/** Where the run is, as its events say it. */
export function whereIs({ config, cursor }: Session): { run: string; step: number } {
  return { run: config.run, step: cursor.step }
}

export function inRun(session: Session, ...names: string[]): FileOnDisk {
  return { path: join(session.runFolder, ...names) }
}

/** Notes what was found and tells it. */
export function* tellFindings(session: Session, findings: readonly Finding[]): Generator<TrainingEvent> {
  for (const finding of findings) {
    session.record.addFinding(session.cursor.step, finding)
    yield { type: 'finding', ...whereIs(session), finding }
  }
}

export function* tellHealth(session: Session, { state, told }: Observed): Generator<TrainingEvent> {
  const { config, options } = session
  session.cursor = { ...session.cursor, health: state }
  yield* tellFindings(
    session,
    told.map((one) => findingFor(one, config.recipe, options)),
  )
}
