import { join } from 'node:path'
import { parseOptions } from '../../core/options/parse.ts'
import type { PlanEvent } from '../../core/planning/plan.ts'
import type { TrainingSettings } from '../../core/project/project.ts'
import { recipes } from '../../core/recipes/index.ts'
import { checkPictureOptions } from '../data/prepare.ts'
import { withScratchFolder } from '../storage/atomic.ts'
import { readProject } from '../storage/project.ts'
import { checkKind } from '../training/beginning.ts'
import { realEdges } from '../training/edges.ts'
import { readPlanningData } from './dataset.ts'
import { fitsOf, type Limits } from './fits.ts'
import { fixedBytes, measureSettings, type Bench, type Measured } from './measure.ts'
import { freeMemoryBytes } from './memory.ts'
import { PROBE_PARTS } from './probeMessages.ts'
import { createProgress, type Progress } from './progress.ts'
import { propose } from './propose.ts'

export type PlanRequest = {
  projectFolder: string
  training: TrainingSettings
  /** Null: no limit was stated. */
  patienceSeconds: number | null
  threads?: number
}

/** Training squares that are offered, and whatever was asked for. */
const SIZES_PX = [32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 384, 448, 512, 640, 768, 896, 1024]

/**
 * Squares that the networks can work on and whose steps fit into the memory. What a step computes grows with the square's
 * area; weights, their moments and their gradients do not.
 */
function sizesThatFit({ probe, training, estimate }: Measured, memoryBytes: number): number[] {
  const { cropSizePx } = parseOptions(recipes[training.recipe].options, training.options)
  const fixed = fixedBytes(probe) + estimate.memoryBytes - probe.peakBytes
  const computing = Math.max(0, probe.peakBytes - fixedBytes(probe))
  return probe.legalSizesPx.filter((sidePx) =>
    sidePx === cropSizePx
      ? estimate.memoryBytes <= memoryBytes
      : fixed + computing * (sidePx / cropSizePx) ** 2 <= memoryBytes,
  )
}

async function measureAndPropose(
  bench: Bench,
  { training, patienceSeconds }: PlanRequest,
  progress: Progress,
): Promise<PlanEvent> {
  const { cropSizePx } = parseOptions(recipes[training.recipe].options, training.options)
  const sizesPx = [...new Set([...SIZES_PX, cropSizePx])].sort((x, y) => x - y)
  progress.expect(PROBE_PARTS)
  const base = await measureSettings(bench, training, sizesPx)
  const limits: Limits = {
    seconds: patienceSeconds,
    memoryBytes: freeMemoryBytes(),
    diskBytes: await realEdges.freeBytes(bench.projectFolder),
  }
  return {
    type: 'plan',
    plan: {
      training,
      usesOwnPictures: bench.data.isOwn,
      estimate: base.estimate,
      fits: fitsOf(base.estimate, limits),
      memoryFreeBytes: limits.memoryBytes,
      diskFreeBytes: limits.diskBytes,
      legalSizesPx: sizesThatFit(base, limits.memoryBytes),
      proposals: await propose(bench, base, limits, progress),
    },
  }
}

/**
 * Tells what a run would take here, before it begins: measures real steps in processes of their own, in a scratch folder
 * beside the project's cache. Neither the project's runs nor its settings are touched, and no lock is taken.
 * @throws Refused `not-a-project`, `dataset-missing`, `recipe-unfit`, `option-unknown`, `option-invalid`, `crop-size`, `plan-memory`,
 *   `write-forbidden`, `disk-full`; AbortError
 */
export async function* planRun(request: PlanRequest, signal: AbortSignal): AsyncGenerator<PlanEvent> {
  const { projectFolder, training, threads } = request
  const { dataset } = await readProject(projectFolder)
  if (dataset) checkKind(training.recipe, dataset.kind)
  const options = parseOptions(recipes[training.recipe].options, training.options)
  checkPictureOptions(options)
  const progress = createProgress()
  const work = withScratchFolder(join(projectFolder, 'cache'), async (scratch) => {
    const { recipe } = training
    const data = await readPlanningData({ projectFolder, dataset, recipe, options, scratch, signal })
    const bench: Bench = {
      projectFolder,
      data,
      threads: threads ?? null,
      signal,
      tell: () => progress.tell(),
    }
    return measureAndPropose(bench, request, progress)
  })
  yield yield* progress.follow(work)
}
