import { join } from 'node:path'
import { estimateRun, type Pieces, type RunShape } from '../../core/planning/estimate.ts'
import type { Estimate } from '../../core/planning/plan.ts'
import { parseOptions } from '../../core/options/parse.ts'
import type { TrainingSettings } from '../../core/project/project.ts'
import { recipes } from '../../core/recipes/index.ts'
import { totalSteps } from '../../core/training/schedule.ts'
import { CACHE_BYTES, READ_AHEAD } from '../data/loader.ts'
import { withScratchFolder } from '../storage/atomic.ts'
import { MOST_VALIDATION_PAIRS } from '../training/saving.ts'
import { cutDown, galleryRows, trainingStreams, type PlanningData } from './dataset.ts'
import type { ProbeResult } from './probeMessages.ts'
import { startProbe } from './startProbe.ts'

/** Pictures, of each stream, with which steps are measured. */
const TRAIN_COUNT = 12
const HELD_COUNT = 3

/** What planning works on. */
export type Bench = {
  projectFolder: string
  data: PlanningData
  threads: number | null
  signal: AbortSignal
  /** Called PROBE_PARTS times for each measuring. */
  tell: () => void
}

/** Settings with everything that is known of them. */
export type Measured = {
  training: TrainingSettings
  probe: ProbeResult
  pieces: Pieces
  shape: RunShape
  estimate: Estimate
}

export function shapeOf({ report }: PlanningData, training: TrainingSettings): RunShape {
  const options = parseOptions(recipes[training.recipe].options, training.options)
  return {
    steps: totalSteps(options, report.counts.train),
    batchSize: options.batchSize,
    sampleEvery: options.sampleEvery,
    rows: galleryRows(report, options),
    checkpointEvery: options.checkpointEvery,
    validationPairs: Math.min(
      MOST_VALIDATION_PAIRS,
      report.pairs.filter(({ split }) => split === 'val').length,
    ),
    diskBudgetBytes: options.diskBudgetGb * 1e9,
    streams: trainingStreams(report, options),
    cacheBytes: CACHE_BYTES,
    readAhead: READ_AHEAD + 1,
  }
}

/** Gradients of all weights, which a step holds at once: a third of a state, which has two moments beside them. */
export function fixedBytes({ madeBytes, stateBytes }: Pick<ProbeResult, 'madeBytes' | 'stateBytes'>): number {
  return madeBytes + stateBytes / 3
}

function runProbe(
  bench: Bench,
  training: TrainingSettings,
  takesSteps: boolean,
  sizesPx: readonly number[],
): Promise<ProbeResult> {
  const { projectFolder, data, threads, signal, tell } = bench
  const shape = shapeOf(data, training)
  return withScratchFolder(join(projectFolder, 'cache'), (scratch) =>
    startProbe(
      {
        scratch,
        training,
        steps: shape.steps,
        dataset: data.dataset,
        report: cutDown(data.report, TRAIN_COUNT, HELD_COUNT),
        threads,
        takesSteps,
        sizesPx: [...sizesPx],
      },
      signal,
      tell,
    ),
  )
}

/** What the pictures that were measured with took. */
function heldBytes({ heldItems }: ProbeResult, { streams }: RunShape): number {
  const [items, bytes] = streams.reduce(
    ([count, sum], stream) => [count + stream.items, sum + stream.bytes],
    [0, 0],
  )
  return items === 0 ? 0 : (bytes * Math.min(heldItems, items)) / items
}

function known(value: number | null): number {
  if (value === null) throw new Error('No step was measured.')
  return value
}

/** Real steps with these settings. @throws Refused as `startProbe`; AbortError */
export async function measureSettings(
  bench: Bench,
  training: TrainingSettings,
  sizesPx: readonly number[] = [],
): Promise<Measured> {
  const probe = await runProbe(bench, training, true, sizesPx)
  const shape = shapeOf(bench.data, training)
  const pieces: Pieces = {
    ...probe,
    stepMs: known(probe.stepMs),
    galleryRowMs: known(probe.galleryRowMs),
    validationMs: known(probe.validationMs),
    heldBytes: heldBytes(probe, shape),
  }
  return { training, probe, pieces, shape, estimate: estimateRun(pieces, shape, true) }
}

/**
 * Settings whose steps would take too long to try: their networks are made, which tells their size, and the times and the
 * memory of their steps are scaled from what was measured.
 */
export async function scaleSettings(
  bench: Bench,
  training: TrainingSettings,
  from: Measured,
  shares: { step: number; memory: number },
): Promise<Measured> {
  const probe = await runProbe(bench, training, false, [])
  const shape = shapeOf(bench.data, training)
  const computing = Math.max(0, from.probe.peakBytes - fixedBytes(from.probe))
  const pieces: Pieces = {
    ...probe,
    stepMs: from.pieces.stepMs * shares.step,
    galleryRowMs: from.pieces.galleryRowMs * shares.step,
    validationMs: from.pieces.validationMs * shares.step,
    galleryRowBytes: from.pieces.galleryRowBytes,
    metricBytes: from.pieces.metricBytes,
    peakBytes: Math.max(probe.peakBytes, fixedBytes(probe) + computing * shares.memory),
    heldBytes: heldBytes(probe, shape),
  }
  return { training, probe, pieces, shape, estimate: estimateRun(pieces, shape, false) }
}
