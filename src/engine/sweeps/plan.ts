import type { OptionDescription } from '../../core/options/describe.ts'
import type { Plan, PlanEvent, SweepPlan } from '../../core/planning/plan.ts'
import { ladderOfSweep, trainingOf, variableOptions } from '../../core/sweeps/settings.ts'
import type { Settled, SettingValues, SweepRequest } from '../../core/sweeps/sweep.ts'
import { planRun } from '../planning/plan.ts'
import { PROBE_PARTS } from '../planning/probeMessages.ts'
import { settleSweep } from './run.ts'

/** Long enough that nothing lighter is looked for. */
const FOREVER_SECONDS = 1e12
/** Each takes seconds; beyond so many the others are reckoned from them. */
const MOST_MEASURED = 6

/** Equal for settings whose steps take alike: how high a rate or a weight is costs nothing, whether there is one may. */
function costKey(setting: SettingValues, options: readonly OptionDescription[]): string {
  const isRate = (key: string) => options.find((option) => option.key === key)?.kind === 'number'
  return JSON.stringify(
    Object.entries(setting).map(([key, value]) => [key, isRate(key) ? value !== 0 : value]),
  )
}

/** One setting of each cost, and which are to be measured: spread over all of them, first and last included. */
function settingsToMeasure({ trials, request }: Settled): { chosen: SettingValues[]; isAll: boolean } {
  const options = variableOptions(request.training.recipe)
  const byCost = new Map(trials.map(({ settings }) => [costKey(settings, options), settings]))
  const kinds = [...byCost.values()]
  if (kinds.length <= MOST_MEASURED) return { chosen: kinds, isAll: true }
  const places = Array.from({ length: MOST_MEASURED }, (_, index) =>
    Math.round((index * (kinds.length - 1)) / (MOST_MEASURED - 1)),
  )
  return { chosen: places.flatMap((place) => kinds.slice(place, place + 1)), isAll: false }
}

function addUp(settled: Settled, plans: readonly Plan[], isMeasured: boolean): SweepPlan {
  const { rungs, totalSteps } = ladderOfSweep(settled)
  const estimates = plans.map(({ estimate }) => estimate)
  const perStep = estimates.map(({ seconds, steps }) => seconds / steps)
  const mean = perStep.reduce((sum, seconds) => sum + seconds, 0) / perStep.length
  const firstSteps = (rungs[0]?.steps ?? 0) * (rungs[0]?.runs ?? 0)
  return {
    request: settled.request,
    rungs,
    totalSteps,
    measure: settled.measure,
    seconds: totalSteps * mean,
    mostSeconds: firstSteps * mean + (totalSteps - firstSteps) * Math.max(...perStep),
    memoryBytes: Math.max(...estimates.map(({ memoryBytes }) => memoryBytes)),
    // All keep their last state; one keeps all that a run keeps.
    diskBytes:
      settled.trials.length * Math.max(...estimates.map(({ checkpointBytes }) => checkpointBytes)) +
      Math.max(...estimates.map(({ diskBytes }) => diskBytes)),
    memoryFreeBytes: Math.max(...plans.map(({ memoryFreeBytes }) => memoryFreeBytes)),
    diskFreeBytes: Math.min(...plans.map(({ diskFreeBytes }) => diskFreeBytes)),
    isMeasured,
  }
}

/**
 * Tells what trying several settings would take here, before it begins: a few real steps of each setting whose steps may
 * cost otherwise. Changes nothing.
 * @throws Refused as `settleSweep` and `planRun`; AbortError
 */
export async function* planSweep(
  projectFolder: string,
  request: SweepRequest,
  signal: AbortSignal,
): AsyncGenerator<PlanEvent> {
  const settled = await settleSweep(projectFolder, request, signal)
  const { chosen, isAll } = settingsToMeasure(settled)
  const plans: Plan[] = []
  for (const setting of chosen) {
    const training = trainingOf(settled, setting)
    const threads = request.threads === null ? {} : { threads: request.threads }
    const asked = { projectFolder, training, patienceSeconds: FOREVER_SECONDS, ...threads }
    for await (const event of planRun(asked, signal)) {
      if (event.type === 'plan') plans.push(event.plan)
      if (event.type !== 'plan-progress') continue
      const done = Math.min(PROBE_PARTS, event.done) + plans.length * PROBE_PARTS
      yield { ...event, done, total: chosen.length * PROBE_PARTS }
    }
  }
  yield { type: 'sweep-plan', plan: addUp(settled, plans, isAll) }
}
