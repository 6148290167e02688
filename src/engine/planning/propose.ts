import { Refused } from '../../core/errors.ts'
import { costInWords, errorRatioOf, sharesOf, stepsWay } from '../../core/planning/costs.ts'
import { estimateRun, secondsOf, stepsThatFit } from '../../core/planning/estimate.ts'
import { lighterSettings, type Lighter } from '../../core/planning/lighter.ts'
import type { Proposal } from '../../core/planning/plan.ts'
import type { TrainingSettings } from '../../core/project/project.ts'
import { recipes } from '../../core/recipes/index.ts'
import { fitsAll, type Limits } from './fits.ts'
import { measureSettings, scaleSettings, shapeOf, type Bench, type Measured } from './measure.ts'
import { PROBE_PARTS } from './probeMessages.ts'
import type { Progress } from './progress.ts'

const MOST_PROPOSALS = 5
/** A step that is expected to take longer is scaled from others, not tried. */
const LONGEST_TRIED_MS = 3000
/** What is expected to take a little too long is tried all the same: expectations come from another machine. */
const LEEWAY = 1.25
/** A run cut down below this share of its steps is another run. */
const SMALLEST_SHARE = 0.05

type Candidate = Lighter & { ids: string[]; errorRatio: number; stepMs: number; seconds: number }

function expectation(bench: Bench, base: Measured, lighter: Lighter): Candidate {
  const ids = lighter.ways.map(({ id }) => id)
  const share = sharesOf(ids, base.training.recipe).step
  const pieces = {
    ...base.pieces,
    stepMs: base.pieces.stepMs * share,
    galleryRowMs: base.pieces.galleryRowMs * share,
    validationMs: base.pieces.validationMs * share,
  }
  return {
    ...lighter,
    ids,
    errorRatio: errorRatioOf(ids, base.training.recipe),
    stepMs: pieces.stepMs,
    seconds: secondsOf(pieces, shapeOf(bench.data, lighter.training)),
  }
}

/** Those that are worth trying: what gives up least, of what should fit; the quickest where nothing should. */
function choose(candidates: readonly Candidate[], { seconds }: Limits): Candidate[] {
  if (seconds === null) return candidates.filter(({ ways }) => ways.length === 1).slice(0, MOST_PROPOSALS)
  const ranked = [...candidates].sort(
    (x, y) => x.ways.length - y.ways.length || x.errorRatio - y.errorRatio || y.seconds - x.seconds,
  )
  const fitting = ranked.filter((candidate) => candidate.seconds <= seconds * LEEWAY)
  if (fitting.length > 0) return fitting.slice(0, MOST_PROPOSALS - 1)
  return [...candidates].sort((x, y) => x.seconds - y.seconds).slice(0, 1)
}

/** A generator that was named for other squares is left to be chosen. */
function withoutGenerator(training: TrainingSettings): TrainingSettings | null {
  const { netG, ...options } = training.options
  return netG === undefined ? null : { ...training, options }
}

function isImpossible(error: unknown): boolean {
  const codes = ['crop-size', 'identity-channels', 'option-invalid', 'plan-memory']
  return error instanceof Refused && codes.includes(error.refusal.code)
}

/** What a candidate comes to; nothing where it cannot be trained here. */
async function tryOut(bench: Bench, base: Measured, candidate: Candidate): Promise<Measured | null> {
  const measure = (training: TrainingSettings): Promise<Measured> =>
    candidate.stepMs <= LONGEST_TRIED_MS
      ? measureSettings(bench, training)
      : scaleSettings(bench, training, base, sharesOf(candidate.ids, base.training.recipe))
  try {
    return await measure(candidate.training)
  } catch (error) {
    const other = withoutGenerator(candidate.training)
    if (!isImpossible(error)) throw error
    if (!other || !(error instanceof Refused) || error.refusal.code !== 'crop-size') return null
    return measure(other).catch((again: unknown) => {
      if (isImpossible(again)) return null
      throw again
    })
  }
}

function capitalise(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

function labelOf(ways: Lighter['ways']): string {
  return capitalise(ways.map(({ label }) => label).join(', '))
}

type Ranked = { proposal: Proposal; errorRatio: number }

/** The same settings with as many steps as there is time for; none where these would be too few. */
function fewerSteps(
  { training, pieces, shape, estimate }: Measured,
  seconds: number,
  ways: Lighter['ways'],
): Ranked | null {
  const steps = stepsThatFit(pieces, shape, seconds)
  if (steps >= shape.steps || steps < shape.steps * SMALLEST_SHARE) return null
  const ids = [...ways.map(({ id }) => id), stepsWay(steps / shape.steps)]
  const label = `${steps.toLocaleString('en-GB')} steps instead of ${shape.steps.toLocaleString('en-GB')}`
  return {
    errorRatio: errorRatioOf(ids, training.recipe),
    proposal: {
      label: ways.length > 0 ? `${labelOf(ways)}, ${label}` : label,
      training: { ...training, options: { ...training.options, steps } },
      estimate: estimateRun(pieces, { ...shape, steps }, estimate.isMeasured),
      cost: costInWords(ids, training.recipe),
    },
  }
}

/**
 * Lighter settings that fit, those that give up least first. None where the settings fit a patience that was stated;
 * every single way to lighten them where none was.
 * @throws AbortError
 */
export async function propose(
  bench: Bench,
  base: Measured,
  limits: Limits,
  progress: Progress,
): Promise<Proposal[]> {
  if (limits.seconds !== null && fitsAll(base.estimate, limits)) return []
  const { kind } = bench.data.dataset
  const lighter = lighterSettings(base.training, base.probe.architecture).filter(({ training }) =>
    recipes[training.recipe].datasets.some((one) => one === kind),
  )
  const chosen = choose(
    lighter.map((one) => expectation(bench, base, one)),
    limits,
  )
  progress.expect(chosen.length * PROBE_PARTS)
  const found: Ranked[] = []
  for (const candidate of chosen) {
    const tried = await tryOut(bench, base, candidate)
    if (!tried) continue
    const { training, estimate } = tried
    if (limits.seconds === null || fitsAll(estimate, limits)) {
      const cost = costInWords(candidate.ids, base.training.recipe)
      found.push({
        errorRatio: candidate.errorRatio,
        proposal: { label: labelOf(candidate.ways), training, estimate, cost },
      })
    } else found.push(...fewerStepsThatFit(tried, limits, candidate.ways))
  }
  found.push(...fewerStepsThatFit(base, limits, []))
  return found
    .sort((x, y) => x.errorRatio - y.errorRatio)
    .map(({ proposal }) => proposal)
    .slice(0, MOST_PROPOSALS)
}

function fewerStepsThatFit(measured: Measured, limits: Limits, ways: Lighter['ways']): Ranked[] {
  const fewer = limits.seconds === null ? null : fewerSteps(measured, limits.seconds, ways)
  return fewer && fitsAll(fewer.proposal.estimate, limits) ? [fewer] : []
}
