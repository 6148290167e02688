import { z } from 'zod'
import { glanceDifference, meanOf } from './glances.ts'
import { look, type Look } from './look.ts'
import type { NoticeCode, Told } from './notices.ts'

/** What is remembered of a run's health. Part of a checkpoint, so that nothing is told twice after a resume; older ones lack some. */
export const healthState = z.strictObject({
  /** Running mean of the judge's losses. */
  judgeLoss: z.number().nullable(),
  /** Steps since that mean fell below `JUDGE_WINS`. */
  judgeLowSteps: z.number().int(),
  /** Steps in a row in which the judge's losses were what guessing gives, and its last loss. */
  judgeGuessSteps: z.number().int().default(0),
  /** Steps in a row in which a critic had next to no slopes. */
  criticFlatSteps: z.number().int().default(0),
  /** The least that the painters' own losses together have come to as a running mean, and that mean. */
  painterBest: z.number().nullable().default(null),
  painterLoss: z.number().nullable().default(null),
  /** Galleries in a row that showed a condition, by its code. */
  seen: z.record(z.string(), z.number().int()).default({}),
  /** By network, the least that the running mean of its gradients' length has come to, and that mean; null before the first. */
  gradients: z.record(z.string(), z.strictObject({ least: z.number(), mean: z.number() })).default({}),
  /** What the first gallery looked like, and what the newest came to. */
  firstImpression: z.array(z.number()).nullable().default(null),
  look: look.nullable().default(null),
  /** Recall and variety of galleries, each after a run longer by a sixth than the one before; oldest first. */
  coverages: z
    .array(z.strictObject({ step: z.number().int(), recall: z.number(), variety: z.number() }))
    .default([]),
  validations: z.array(z.strictObject({ step: z.number().int(), l1: z.number() })),
  /** Codes of findings that were told and have not passed since. */
  told: z.array(z.string()),
})
export type HealthState = z.infer<typeof healthState>
type Coverages = HealthState['coverages']

export const newHealth: HealthState = {
  judgeLoss: null,
  judgeLowSteps: 0,
  judgeGuessSteps: 0,
  criticFlatSteps: 0,
  painterBest: null,
  painterLoss: null,
  seen: {},
  gradients: {},
  firstImpression: null,
  look: null,
  coverages: [],
  validations: [],
  told: [],
}

export type Observed = { state: HealthState; told: Told[] }

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
/** A critic without slopes pays all of the penalty's weight, and never more; those that learn begin so, and are out of it in 20 to 100 steps. */
const [FLAT_SHARE, CRITIC_FLAT_STEPS] = [0.8, 200]
const DIVERGED_TIMES = 5
/** Judges that are wrong and sure of it, on average: the worst of a run that went well was 1.5. */
const [JUDGE_DIVERGED, JUDGE_CALMED] = [3, 1.5]
/** A critic's slopes, and with them the gradients, grow a thousandfold from nearly nothing when all is well, but to no such length. */
const [EXPLODED_LENGTH, EXPLODED_TIMES] = [1000, 30]
/** A gallery may mislead once. */
const GALLERIES_IN_A_ROW = 3
const VALIDATIONS_KEPT = 12
const PLATEAU_SAVES = 6
/** So many saved states no better than the first by this share, unless that was good already (of the range of samples). */
const [IDLE_SAVES, IDLE_GAIN, IDLE_LEAST] = [5, 0.02, 0.05]
/** What is made moves by ten times as much in the first 200 steps of a run that learns; statistics of batch norm alone move it by 0.02. */
const IDLE_MOVE = 0.04
const PLATEAU_GAIN = 0.01
/** With nine held-out pairs, a sample's scores go up by an eighth for three saves and come down again. */
const [WORSENING_SAVES, WORSENING_SHARE] = [5, 0.08]
/** What is made differs by this share of what true pictures do; even the most alike class of a healthy run reaches 0.18 while it is still grey. */
const [COLLAPSED_VARIETY, POOR_VARIETY, FORMED_CONTRAST] = [0.02, 0.1, 0.5]
/**
 * Runs from nothing begin at a recall of 0; what is above this, or still rises as the run gets longer by three quarters, is only not done
 * yet. WGAN on the sample rises from 0.2 to 0.5 in variety while its recall is still 0.
 */
const [LEAST_RECALL, RISING_RECALL, RISING_VARIETY] = [0.15, 0.05, 0.2]
const [KEPT_COVERAGES, LONGER] = [5, 7 / 6]
/** True day and night pictures of one place are hardly alike, but no negatives either. */
const [INVERTED_LIKENESS, INVERTED_DETAILS] = [-0.4, -0.25]
/** Dense layers, which see no neighbours, make noise of 2.7 times the finest pattern of true pictures. */
const CHECKERED_TIMES = 4

/** Tells a condition once when it begins, and again only after it has passed. */
function observe(
  state: HealthState,
  code: NoticeCode,
  begins: boolean,
  passes: boolean,
  detail?: string,
): Observed {
  const wasTold = state.told.includes(code)
  if (begins && !wasTold)
    return {
      state: { ...state, told: [...state.told, code] },
      told: [{ code, ...(detail !== undefined && { detail }) }],
    }
  if (passes && wasTold)
    return { state: { ...state, told: state.told.filter((one) => one !== code) }, told: [] }
  return { state, told: [] }
}

/** Applies several looks, one after another. */
function observeAll(state: HealthState, ...looks: readonly ((state: HealthState) => Observed)[]): Observed {
  const told: Told[] = []
  let now = state
  for (const look of looks) {
    const observed = look(now)
    now = observed.state
    told.push(...observed.told)
  }
  return { state: now, told }
}

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
  const isFlat = lambdaGP > 0 && penalty > FLAT_SHARE * lambdaGP && penalty < 1.001 * lambdaGP
  const criticFlatSteps = isFlat ? state.criticFlatSteps + 1 : 0
  return observe(
    { ...state, criticFlatSteps },
    'critic-flat',
    criticFlatSteps >= CRITIC_FLAT_STEPS,
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
  const isIdle = validations.length >= IDLE_SAVES && isStill && first > IDLE_LEAST
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

/** Looks at a gallery: what is wrong must be so several times in a row. The first of a run only shows where it began. */
export function observeGallery(
  state: HealthState,
  step: number,
  seen: Look,
  classes: readonly string[],
): Observed {
  const now = { ...state, look: seen }
  if (!state.firstImpression) return { state: { ...now, firstImpression: seen.impression }, told: [] }
  const coverages = withCoverage(state.coverages, step, seen)
  const isIdle = glanceDifference(seen.impression, state.firstImpression) < IDLE_MOVE
  // What has not begun to learn is all alike, and nothing else is to be said of it.
  const isCollapsed = !isIdle && hasCollapsed(seen)
  const isDropping = !isCollapsed && dropsKinds(coverages, seen)
  return observeAll(
    { ...now, coverages },
    (one) => (seen.isPaired ? { state: one, told: [] } : observeOften(one, 'nothing-learned', isIdle)),
    (one) => observeOften(one, 'collapse', isCollapsed),
    (one) =>
      observeOften(one, 'class-collapse', seen.alike.length > 0 && !isIdle, {
        detail: inWords(seen.alike, classes),
        isHushed: isCollapsed,
      }),
    (one) => observe(one, 'mode-dropping', isDropping, hasCovered(coverages), inWords(seen.missing, classes)),
    (one) => observeOften(one, 'inverted', isInverted(seen)),
    (one) => observeOften(one, 'checkerboard', seen.checkerboard > CHECKERED_TIMES),
  )
}

function withCoverage(before: Coverages, step: number, { recall, variety }: Look): Coverages {
  if (recall === null || variety === null) return before
  return step < LONGER * (before.at(-1)?.step ?? 0)
    ? before
    : [...before, { step, recall, variety }].slice(-KEPT_COVERAGES)
}

/**
 * Tells a condition once it was seen in several galleries in a row.
 * @param more.isHushed while something is told that says it all
 */
function observeOften(
  state: HealthState,
  code: NoticeCode,
  isSeen: boolean,
  { detail, isHushed = false }: { detail?: string | undefined; isHushed?: boolean } = {},
): Observed {
  const count = isSeen ? (state.seen[code] ?? 0) + 1 : 0
  const seen = { ...state.seen, [code]: count }
  return observe({ ...state, seen }, code, count >= GALLERIES_IN_A_ROW && !isHushed, count === 0, detail)
}

/** Whether the same is made whatever is given. Grey beginnings are all alike as well: what is nearly the same must be a picture. */
function hasCollapsed({ variety, contrast }: Look): boolean {
  if (variety === null) return false
  return variety < COLLAPSED_VARIETY || (variety < POOR_VARIETY && contrast > FORMED_CONTRAST)
}

/** Whether what is made is formed, covers next to nothing of what is true, and hardly more than a good while ago. */
function dropsKinds(coverages: Coverages, { recall, contrast }: Look): boolean {
  const [first, last] = [coverages[0], coverages.at(-1)]
  if (recall === null || contrast < FORMED_CONTRAST || !first || !last) return false
  return (
    coverages.length === KEPT_COVERAGES &&
    coverages.every((one) => one.recall < LEAST_RECALL) &&
    last.recall < first.recall + RISING_RECALL &&
    last.variety < first.variety + RISING_VARIETY
  )
}

function hasCovered(coverages: Coverages): boolean {
  return (coverages.at(-1)?.recall ?? 0) >= LEAST_RECALL
}

function isInverted({ likeness, likenessOfDetails }: Look): boolean {
  return (likeness ?? 0) < INVERTED_LIKENESS && (likenessOfDetails ?? 0) < INVERTED_DETAILS
}

function inWords(labels: readonly number[], classes: readonly string[]): string | undefined {
  const names = labels.flatMap((label) => classes[label] ?? [])
  return names.length === 0 ? undefined : `Here: ${names.join(', ')}.`
}
