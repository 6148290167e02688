import { refuse } from '../../core/errors.ts'
import type { RunConfig } from '../../core/project/project.ts'
import { recipes } from '../../core/recipes/index.ts'
import { createLoader } from '../data/loader.ts'
import { scanDataset } from '../datasets/index.ts'

/** Pictures that a run never learns from: kept back to choose a saved state by, or for the final score. */
export type HoldoutSplit = 'val' | 'test'

const words = {
  val: { pictures: 'validation pictures', short: 'val' },
  test: { pictures: 'test pictures', short: 'test' },
} as const satisfies Record<HoldoutSplit, object>

/**
 * A loader of the pictures that a run was kept from, and how many there are.
 * @throws Refused `holdout-empty`; `dataset-changed`, since pictures may have moved between the splits
 */
export async function openHoldout(
  { run, recipe, options: chosen, dataset, datasetFingerprint }: RunConfig,
  projectFolder: string,
  split: HoldoutSplit,
  signal: AbortSignal,
) {
  const { pictures, short } = words[split]
  const report = await scanDataset(dataset, projectFolder, signal)
  if (report.fingerprint !== datasetFingerprint)
    throw refuse(
      'dataset-changed',
      `The pictures of ${run} are not those it was trained on, so some of its ${pictures} may have been trained on.`,
      'Put the pictures back as they were, or train a new run.',
    )
  const options = recipes[recipe].options.parse(chosen)
  const loader = createLoader({ report, options, seed: options.seed, split: 'train' })
  const total = loader.countRows(split)
  if (total === 0)
    throw refuse(
      'holdout-empty',
      `The data of ${run} has no ${pictures}.`,
      `Set a share for them, or put pictures into a folder named ${short}, and train a new run.`,
    )
  return { loader, total, cropSizePx: options.cropSizePx }
}
