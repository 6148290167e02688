import { hasMoved } from './galleryHealth.ts'
import { meanOf } from './glances.ts'
import { observe, observeAll, type HealthState, type Observed } from './healthState.ts'

/** Adam's memory of the gradients is read so often: a part of a step's time in fifty steps. And once early, to know how long they were. */
const [GRADIENTS_EVERY, FIRST_GRADIENTS_STEP] = [50, 10]

export function areGradientsDue(step: number): boolean {
  return step === FIRST_GRADIENTS_STEP || step % GRADIENTS_EVERY === 0
}

const SMOOTHING = 0.02
/**
 * The judge of CUT comes down to 0.03 on a sample, and recovers. One that learns a hundred times too fast stays below 0.01, and so does one
 * that has only eight paintings to learn by heart.
 */
const [JUDGE_WINS, JUDGE_RECOVERED, JUDGE_PATIENCE_STEPS] = [0.02, 0.1, 200]
/**
 * What vanilla, least-squares and hinge judges lose on average when they say the same of every picture (0.5: least squares, before it has
 * found its level), and how near to it is the same. On single pictures a judge that sees anything at all strays further now and then.
 */
const [GUESSING, GUESS_WIDTH, JUDGE_DEAD_STEPS] = [[Math.LN2, 0.25, 0.5, 1], 0.01, 400]
/** A critic's distance of less is rounding; the smallest of a run that went well was 2e-5, in its first steps. */
const [NO_DISTANCE, CRITIC_DEAD_STEPS] = [1e-6, 200]
/**
 * A critic without slopes pays all of the penalty's weight; more than that is rounding. Those that learn begin so, and are out of it in 20 to
 * 100 steps.
 */
const [FLAT_LEAST, FLAT_MOST] = [0.8, 1.001]
const DIVERGED_TIMES = 5
/** Judges that are wrong and sure of it, on average: the worst of a run that went well was 1.5. */
const [JUDGE_DIVERGED, JUDGE_CALMED] = [3, 1.5]
/** A critic's slopes, and with them the gradients, grow a thousandfold from nearly nothing when all is well, but to no such length. */
const [EXPLODED_LENGTH, EXPLODED_TIMES] = [1000, 30]
const VALIDATIONS_KEPT = 12
const PLATEAU_SAVES = 6
/**
 * So many saved states no better than the first by this share, unless that was good already (of the range of samples), or pictures look
 * otherwise than when the run began: then what there was to learn at once was learned before the first state was saved.
 */
const [IDLE_SAVES, IDLE_GAIN, IDLE_LEAST] = [5, 0.02, 0.05]
const PLATEAU_GAIN = 0.01
/** With nine held-out pairs, a sample's scores go up by an eighth for three saves and come down again. */
const [WORSENING_SAVES, WORSENING_SHARE] = [5, 0.08]

function running(before: number | null, now: number): number {
  return before === null ? now : before + SMOOTHING * (now - before)
}

/**
 * Looks at one step's losses. The judge's are those whose names begin with `D`, a critic's sight is its `C_distance`; painters' own begin
 * with `G`, `cycle`, `idt` or `NCE`.
 * @param lambdaGP the weight of a critic's gradient penalty, `C_GP`; 0 where there is none
 */
export function observeLosses(
  state: HealthState,
  losses: Readonly<Record<string, number>>,
  lambdaGP = 0,
): Observed {
  const named = (pattern: RegExp) =>
    Object.entries(losses).flatMap(([id, loss]) => (pattern.test(id) ? [loss] : []))
  return observeAll(
    state,
    (now) => observeJudge(now, named(/^D/), losses.C_distance),
    (now) => observeSlopes(now, losses.C_GP ?? 0, lambdaGP),
    (now) => observePainter(now, named(/^(G_(L1|reconstruction|perceptual)|cycle|idt|NCE)/)),
  )
}

function observeJudge(state: HealthState, losses: readonly number[], distance: number | undefined): Observed {
  const mean = meanOf(losses)
  const judgeLoss = mean === null ? state.judgeLoss : running(state.judgeLoss, mean)
  const isLow = judgeLoss !== null && judgeLoss < JUDGE_WINS
  const isGuess = mean !== null && GUESSING.some((guess) => Math.abs(mean - guess) < GUESS_WIDTH)
  const isBlind = distance !== undefined && Math.abs(distance) < NO_DISTANCE
  const judgeLowSteps = isLow ? state.judgeLowSteps + 1 : 0
  const judgeGuessSteps = isGuess || isBlind ? state.judgeGuessSteps + 1 : 0
  const isDead = judgeGuessSteps >= (isBlind ? CRITIC_DEAD_STEPS : JUDGE_DEAD_STEPS)
  const level = judgeLoss ?? JUDGE_RECOVERED
  return observeAll(
    { ...state, judgeLoss, judgeLowSteps, judgeGuessSteps },
    (now) => observe(now, 'judge-wins', judgeLowSteps >= JUDGE_PATIENCE_STEPS, level > JUDGE_RECOVERED),
    (now) => observe(now, 'judge-dead', isDead, judgeGuessSteps === 0),
    (now) => observe(now, 'judge-diverges', level > JUDGE_DIVERGED, level < JUDGE_CALMED),
  )
}

/** Slopes of nothing cost `lambdaGP`, and those of two as much, but not for long. */
function observeSlopes(state: HealthState, penalty: number, lambdaGP: number): Observed {
  const isFlat = lambdaGP > 0 && penalty > FLAT_LEAST * lambdaGP && penalty < FLAT_MOST * lambdaGP
  const criticFlatSteps = isFlat ? state.criticFlatSteps + 1 : 0
  return observe(
    { ...state, criticFlatSteps },
    'critic-flat',
    criticFlatSteps >= CRITIC_DEAD_STEPS,
    criticFlatSteps === 0,
  )
}

/** What a painter loses besides to the judge falls, or at least stays. */
function observePainter(state: HealthState, losses: readonly number[]): Observed {
  if (losses.length === 0) return { state, told: [] }
  const painterLoss = running(
    state.painterLoss,
    losses.reduce((sum, loss) => sum + loss, 0),
  )
  const painterBest = Math.min(state.painterBest ?? Infinity, painterLoss)
  const times = painterBest > 0 ? painterLoss / painterBest : 1
  return observe({ ...state, painterLoss, painterBest }, 'divergence', times > DIVERGED_TIMES, times < 2)
}

/**
 * Looks at a checkpoint's error on the held-out pairs.
 * @param isPaired whether pairs are what it learns from: otherwise the error is not what it tries to lower, and says nothing of its health
 */
export function observeValidation(state: HealthState, step: number, l1: number, isPaired: boolean): Observed {
  const validations = [...state.validations, { step, l1 }].slice(-VALIDATIONS_KEPT)
  const now = { ...state, validations }
  if (!isPaired) return { state: now, told: [] }
  const best = Math.min(...validations.map((one) => one.l1))
  const first = validations[0]?.l1 ?? l1
  const lately = validations.slice(-WORSENING_SAVES)
  const isWorse =
    lately.length === WORSENING_SAVES && lately.every((one) => one.l1 > best * (1 + WORSENING_SHARE))
  const gain = gainOf(validations.map((one) => one.l1))
  const isStill = best > first * (1 - IDLE_GAIN) && l1 < first * (1 + WORSENING_SHARE)
  const isIdle = validations.length >= IDLE_SAVES && isStill && first > IDLE_LEAST && !hasMoved(state)
  const isKnown = isWorse || state.told.includes('overfitting')
  const isFlat = gain !== null && gain < PLATEAU_GAIN && !isKnown && !isIdle
  return observeAll(
    now,
    (one) => observe(one, 'overfitting', isWorse, l1 === best),
    (one) => observe(one, 'plateau', isFlat, gain !== null && gain >= PLATEAU_GAIN),
    (one) => observe(one, 'nothing-learned', isIdle && !isKnown, best < first * (1 - 2 * IDLE_GAIN)),
  )
}

/** How much better the last saves are than all before them, at their best, as a share; null of few. */
function gainOf(errors: readonly number[]): number | null {
  const [before, lately] = [errors.slice(0, -PLATEAU_SAVES + 1), errors.slice(-PLATEAU_SAVES + 1)]
  return before.length === 0 ? null : 1 - Math.min(...lately) / Math.min(...before)
}

/**
 * Looks at the length of every network's gradients, by its name; painters' names begin with `netG`. A judge's jump about by a hundred
 * times in runs that go well, so they are not judged by.
 */
export function observeGradients(state: HealthState, lengths: Readonly<Record<string, number>>): Observed {
  const painters = Object.entries(lengths).flatMap(([name, length]) => {
    // Where nothing was learned yet, as in the parts of a network that grows, there is no length to compare with.
    if (!name.startsWith('netG') || !(length > 0)) return []
    const before = state.gradients[name]
    const mean = before ? Math.sqrt(before.mean * length) : length
    return [[name, { mean, least: Math.min(before?.least ?? Infinity, mean) }] as const]
  })
  const timesOf = ({ mean, least }: { mean: number; least: number }) => mean / least
  const haveExploded = painters.some(([, one]) => one.mean > EXPLODED_LENGTH && timesOf(one) > EXPLODED_TIMES)
  const areCalm = painters.every(([, one]) => timesOf(one) < EXPLODED_TIMES / 10)
  const gradients = { ...state.gradients, ...Object.fromEntries(painters) }
  return observe({ ...state, gradients }, 'gradients-explode', haveExploded, areCalm)
}
