import { join } from 'node:path'
import { readdir, stat } from 'node:fs/promises'
import { Refused } from '../../core/errors.ts'
import { parseOptions } from '../../core/options/parse.ts'
import type { BackendInfo, RunConfig } from '../../core/project/project.ts'
import { translateNormOf, type RunOptions } from '../../core/recipes/common.ts'
import { recipes } from '../../core/recipes/index.ts'
import { precisionFor } from '../backends/index.ts'
import { countParameters } from '../networks/index.ts'
import { createTrainer } from '../recipes/index.ts'
import type { Trainer } from '../recipes/trainer.ts'
import { bytesOf } from '../training/checkpoint.ts'
import { neverPaused } from '../training/control.ts'
import { realEdges } from '../training/edges.ts'
import { renderGallery } from '../training/gallery.ts'
import { runLoop } from '../training/loop.ts'
import { saveCheckpoint } from '../training/saving.ts'
import { closeSession, openSession, partsOf, type Session } from '../training/session.ts'
import { readVersion } from '../version.ts'
import { peakMemoryBytes } from './memory.ts'
import type { ProbeRequest, ProbeResult } from './probeMessages.ts'

/** An option that nothing here reaches: galleries and saved states are made when they are timed. */
const NEVER = 1_000_000
const GALLERY_ROWS = 2
const VALIDATION_PAIRS = 3
/** As much of a state is written as tells the disk's pace; the rest is scaled. */
const MOST_SAVED_BYTES = 128e6
/** Above this a step is slow enough to be measured by few. */
const SLOW_STEP_MS = 1500

function median(values: readonly number[]): number {
  const sorted = [...values].sort((x, y) => x - y)
  return sorted[Math.floor(sorted.length / 2)] ?? 0
}

/** What one of many takes, as their sum would say it, but for what was disturbed out of all measure. */
function typical(values: readonly number[]): number {
  const most = 2 * median(values)
  return values.reduce((sum, value) => sum + Math.min(value, most), 0) / Math.max(1, values.length)
}

/**
 * Whether enough steps were taken: a second to warm up, then two and a half to measure; slow ones two after the first.
 * @param share of those times: parts of a run share them
 */
function isEnough(stepsMs: readonly number[], warmSteps: number, share: number): boolean {
  const measured = stepsMs.slice(warmSteps)
  const elapsedMs = measured.reduce((sum, value) => sum + value, 0)
  if (measured.length >= 2 && elapsedMs > 8000 * share) return true
  return measured.length >= 3 && elapsedMs > 2500 * share
}

function isWarm(stepsMs: readonly number[], share: number): boolean {
  const elapsedMs = stepsMs.reduce((sum, value) => sum + value, 0)
  return elapsedMs > (stepsMs.length >= 2 ? 1000 : 4000) * share
}

type Steps = { stepMs: number; warmingMs: number; metricBytes: number }

/** Takes steps of every part of a run. @returns what a step takes, over the whole of it */
async function takeSteps(session: Session): Promise<Steps> {
  const parts = partsOf(session)
  const all: Steps = { stepMs: 0, warmingMs: 0, metricBytes: 0 }
  const steps = parts.reduce((sum, part) => sum + part.steps, 0)
  for (const part of parts) {
    session.cursor = { ...session.cursor, step: Math.max(session.cursor.step, part.from - 1) }
    const { stepMs, warmingMs, metricBytes } = await takeStepsHere(session, 1 / parts.length)
    all.stepMs += (stepMs * part.steps) / steps
    all.warmingMs += warmingMs
    all.metricBytes = metricBytes
  }
  return all
}

/** Takes real steps of the real loop. @returns the steps after the warm-up, and by how much the warm-up was slower */
async function takeStepsHere(session: Session, share: number): Promise<Steps> {
  const stepsMs: number[] = []
  const enough = new AbortController()
  let [warmSteps, metricBytes] = [0, 0]
  // Stopping saves: once, and that is timed elsewhere.
  for await (const event of runLoop(session, enough.signal, neverPaused)) {
    if (event.type !== 'step') continue
    stepsMs.push(event.stepMs)
    metricBytes = JSON.stringify(event.losses).length + 40
    if (warmSteps === 0 && isWarm(stepsMs, share)) warmSteps = stepsMs.length
    else if (warmSteps > 0 && isEnough(stepsMs, warmSteps, share)) enough.abort()
  }
  const stepMs = typical(stepsMs.slice(warmSteps || 1))
  const warmingMs = stepsMs.slice(0, warmSteps).reduce((sum, value) => sum + Math.max(0, value - stepMs), 0)
  return { stepMs, warmingMs, metricBytes }
}

/** Reads every picture once, as the first epoch does. @returns milliseconds for each */
async function readAll({ loader, options }: Session, items: number): Promise<number> {
  const startedAt = performance.now()
  for (let step = 1; step <= Math.ceil(items / options.batchSize); step += 1) await loader.next(step)
  return (performance.now() - startedAt) / items
}

async function validationMs({ loader, trainer, options }: Session): Promise<number | null> {
  const times: number[] = []
  let startedAt = performance.now()
  for await (const pair of loader.evaluationPairs('val', VALIDATION_PAIRS)) {
    await trainer.visuals(pair, translateNormOf(options))
    times.push(performance.now() - startedAt)
    startedAt = performance.now()
  }
  return times.length > 0 ? median(times.length > 1 ? times.slice(1) : times) : null
}

async function folderBytes(folder: string): Promise<number> {
  const names = await readdir(folder)
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(folder, name))).size))
  return sizes.reduce((sum, size) => sum + size, 0)
}

/** Renders a gallery of one or two rows as a run does. */
async function galleryRow(session: Session): Promise<{ ms: number; bytes: number }> {
  const startedAt = performance.now()
  let rows = 0
  let bytes = 0
  for await (const event of renderGallery(session)) {
    if (event.type !== 'samples') continue
    rows = event.items.length
    const [file] = Object.values(event.items[0]?.visuals ?? {})
    if (file) bytes = await folderBytes(join(file.path, '..'))
  }
  return { ms: (performance.now() - startedAt) / Math.max(1, rows), bytes: bytes / Math.max(1, rows) }
}

/** A trainer of whose state only the first tensors are saved, up to so many bytes: at least one. */
function savingLittle(trainer: Trainer, mostBytes: number): Trainer {
  const state = trainer.state()
  let count = 1
  while (count < state.length && bytesOf(state.slice(0, count + 1)) <= mostBytes) count += 1
  return { ...trainer, state: () => trainer.state().slice(0, count) }
}

/** Saves a little and then a lot, as a run does. @returns what every save takes, and what every byte adds */
async function savePace(session: Session): Promise<{ saveMs: number; saveMsPerByte: number }> {
  const { trainer } = session
  const timed = async (mostBytes: number): Promise<{ ms: number; bytes: number }> => {
    session.trainer = savingLittle(trainer, mostBytes)
    session.cursor = { ...session.cursor, step: session.cursor.step + 1 }
    const bytes = bytesOf(session.trainer.state())
    const startedAt = performance.now()
    for await (const _ of saveCheckpoint(session, false));
    return { ms: performance.now() - startedAt, bytes }
  }
  try {
    await timed(0)
    const little = await timed(0)
    const much = await timed(MOST_SAVED_BYTES)
    const perByte = (much.ms - little.ms) / (much.bytes - little.bytes)
    return { saveMs: little.ms, saveMsPerByte: Number.isFinite(perByte) ? Math.max(0, perByte) : 0 }
  } finally {
    session.trainer = trainer
  }
}

/** Which squares the networks can work on: asked of networks as thin as they can be, which cost nothing to make. */
function legalSizes({ options, loader, config }: Session, sizesPx: readonly number[]): number[] {
  const thin = { ngf: 1, ndf: 1, poolSize: 0 }
  const own = Object.fromEntries(Object.entries(thin).filter(([key]) => key in options))
  return sizesPx.filter((cropSizePx) => {
    try {
      const trainer = createTrainer(config.recipe, { ...options, ...own, cropSizePx }, loader)
      trainer.dispose()
      return true
    } catch (error) {
      if (error instanceof Refused && error.refusal.code === 'crop-size') return false
      throw error
    }
  })
}

function configOf(request: ProbeRequest, options: RunOptions, backend: BackendInfo): RunConfig {
  const { training, steps, dataset, report } = request
  return {
    schema: 1,
    run: 'run-001',
    recipe: training.recipe,
    // Where a run has parts, its steps say how long they are.
    options: { ...options, steps, sampleEvery: NEVER, checkpointEvery: NEVER, sampleCount: GALLERY_ROWS },
    steps: Math.max(steps, NEVER),
    dataset,
    datasetFingerprint: report.fingerprint,
    pairs: report.counts.train,
    versions: { diptych: readVersion(), engine: backend.version, node: process.versions.node },
    backend: { ...backend, precision: precisionFor(options.precision, 'learning') },
  }
}

function countItems({ pairs, unpaired }: ProbeRequest['report']): number {
  const sides = unpaired ? [...unpaired.a, ...unpaired.b] : pairs
  return sides.filter(({ split }) => split === 'train').length
}

type Stepping = Pick<
  ProbeResult,
  'stepMs' | 'galleryRowMs' | 'validationMs' | 'galleryRowBytes' | 'metricBytes'
> & { warmingMs: number }

const notStepped: Stepping = {
  stepMs: null,
  galleryRowMs: null,
  validationMs: null,
  galleryRowBytes: 0,
  metricBytes: 0,
  warmingMs: 0,
}

/** Steps, then galleries and scores: all that the networks compute. `tell` is called between them. */
async function stepAndShow(session: Session, tell: () => void): Promise<Stepping> {
  const { trainer } = session
  session.trainer = savingLittle(trainer, 0)
  const { stepMs, warmingMs, metricBytes } = await takeSteps(session)
  session.trainer = trainer
  tell()
  const isSlow = stepMs > SLOW_STEP_MS
  session.options = { ...session.options, sampleCount: isSlow ? 1 : GALLERY_ROWS }
  // What is quick is done twice: the first time some of it is slower.
  if (!isSlow) await galleryRow(session)
  const row = await galleryRow(session)
  const scored = isSlow ? null : await validationMs(session)
  return {
    stepMs,
    warmingMs,
    metricBytes,
    galleryRowMs: row.ms,
    galleryRowBytes: row.bytes,
    validationMs: scored ?? row.ms,
  }
}

/**
 * Measures what the pieces of a run take here: the run's own loader, trainer, loop, gallery and saving, in a scratch
 * folder. Run it in a process of its own (probe.ts), so that its peak memory is a run's, and gone afterwards.
 * @param tell is called PROBE_PARTS times on the way
 */
export async function measureRun(request: ProbeRequest, tell: () => void): Promise<ProbeResult> {
  const { training, threads, report, scratch } = request
  const backend = await realEdges.openBackend(threads === null ? {} : { threads })
  const options = parseOptions(recipes[training.recipe].options, training.options)
  const startedAt = performance.now()
  const config = configOf(request, options, backend)
  const session = openSession({ projectFolder: scratch, config, report, edges: realEdges })
  try {
    const makingMs = performance.now() - startedAt
    const madeBytes = process.memoryUsage().rss
    tell()
    const heldItems = countItems(report)
    const readMs = await readAll(session, heldItems)
    const { warmingMs, ...stepping } = request.takesSteps ? await stepAndShow(session, tell) : notStepped
    tell()
    const pace = await savePace(session)
    const peakBytes = peakMemoryBytes()
    const heapBytes = process.memoryUsage().heapTotal
    tell()
    const { network, tensors } = session.trainer.generator()
    const reverse = session.trainer.reverse?.()
    return {
      ...stepping,
      ...pace,
      settingUpMs: makingMs + warmingMs,
      readMs,
      heldItems,
      madeBytes,
      peakBytes,
      heapBytes,
      architecture: network.architecture,
      parameters: countParameters(network),
      stateBytes: bytesOf(session.trainer.state()),
      generatorBytes: bytesOf([...tensors, ...(reverse?.tensors ?? [])]),
      legalSizesPx: legalSizes(session, request.sizesPx),
    }
  } finally {
    closeSession(session)
  }
}
