import type { RunConfig } from '../../core/project/project.ts'
import { refuse } from '../../core/errors.ts'
import { metrics } from '../../core/evaluation/metrics.ts'
import { parseOptions } from '../../core/options/parse.ts'
import { recipes } from '../../core/recipes/index.ts'
import type { SweepMeasure, SweepRequest, SweepResult } from '../../core/sweeps/sweep.ts'
import { createLoader } from '../data/loader.ts'
import type { DatasetReport } from '../datasets/index.ts'
import { evaluateRun } from '../evaluation/evaluate.ts'
import { stateAt } from './trial.ts'

/**
 * What settings are compared by: as asked for, else L1 where held-out pictures have true partners, and KID where not.
 * @throws Refused `holdout-empty` where nothing was kept back to compare by
 */
export function chooseMeasure({ training, measure }: SweepRequest, report: DatasetReport): SweepMeasure {
  const options = parseOptions(recipes[training.recipe].options, training.options)
  const loader = createLoader({ report, options, seed: options.seed, split: 'train' })
  const hasPairs = loader.hasPairs('val')
  const chosen = measure ?? (hasPairs ? 'l1' : 'kid')
  const needsPairs = metrics[chosen].compares === 'pairs'
  if (needsPairs ? hasPairs : loader.countRows('val') > 0) return chosen
  throw refuse(
    'holdout-empty',
    `Settings cannot be compared by ${metrics[chosen].term}: the data have no validation ${needsPairs ? 'pairs' : 'pictures'}.`,
    needsPairs && measure !== null && loader.countRows('val') > 0
      ? 'Compare them by KID, which needs no pairs.'
      : 'Set a share for them, or put some into a folder named val.',
  )
}

/**
 * What the saved state at a step measures on the validation pictures. L1 was measured when it was saved; all else is
 * scored now, and kept with the run's other scores.
 * @throws Refused as `evaluateRun`; AbortError
 */
export async function measureState(
  projectFolder: string,
  { run, step, measure }: Pick<RunConfig, 'run'> & { step: number; measure: SweepMeasure },
  signal: AbortSignal,
): Promise<SweepResult> {
  if (measure === 'l1') {
    const state = await stateAt(projectFolder, run, step)
    return { value: state?.manifest.validationL1 ?? null, low: null, high: null }
  }
  const request = { projectFolder, run, split: 'val' as const, steps: [step], metrics: [measure] }
  for await (const event of evaluateRun(request, signal)) {
    if (event.type !== 'evaluated') continue
    const found = event.rows[0]?.measurements.find(({ metric }) => metric === measure)
    if (found) return { value: found.value, low: found.low, high: found.high }
  }
  throw new Error(`The evaluation of ${run} told no ${measure}.`)
}
