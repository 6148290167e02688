import { z } from 'zod'
import type { FileOnDisk } from '../files.ts'
import type { findingSchema } from '../datasets/report.ts'

type HealthFinding = Omit<z.infer<ReturnType<typeof findingSchema<z.ZodType<FileOnDisk>>>>, 'file'> & {
  file: null
}

/** What is remembered of a run's health. Part of a checkpoint, so that nothing is told twice after a resume; older ones lack some. */
export const healthState = z.strictObject({
  /** Running mean of the judge's losses. */
  judgeLoss: z.number().nullable(),
  /** Steps since that mean fell below `JUDGE_WINS`. */
  judgeLowSteps: z.number().int(),
  /** Steps in a row in which the judge's losses were what guessing gives, and its last loss. */
  judgeGuessSteps: z.number().int().default(0),
  /** The least that the painters' own losses together have come to as a running mean, and that mean. */
  painterBest: z.number().nullable().default(null),
  painterLoss: z.number().nullable().default(null),
  /** Galleries in a row that showed a condition, by its code. */
  seen: z.record(z.string(), z.number().int()).default({}),
  validations: z.array(z.strictObject({ step: z.number().int(), l1: z.number() })),
  /** Codes of findings that were told and have not passed since. */
  told: z.array(z.string()),
})
export type HealthState = z.infer<typeof healthState>

export const newHealth: HealthState = {
  judgeLoss: null,
  judgeLowSteps: 0,
  judgeGuessSteps: 0,
  painterBest: null,
  painterLoss: null,
  seen: {},
  validations: [],
  told: [],
}

export type Observed = { state: HealthState; findings: HealthFinding[] }

const SMOOTHING = 0.02
const JUDGE_WINS = 0.05
const JUDGE_RECOVERED = 0.15
const JUDGE_PATIENCE_STEPS = 200
/** What vanilla, least-squares and hinge judges lose on each side when they guess, and how near to it is guessing. */
const GUESSING = [Math.LN2, 0.25, 1]
const GUESS_WIDTH = 0.002
const JUDGE_DEAD_STEPS = 600
const DIVERGED_TIMES = 5
/** A gallery may mislead once. */
const GALLERIES_IN_A_ROW = 3
const VALIDATIONS_KEPT = 12
const PLATEAU_SAVES = 6
/** So many saved states no better than the first by this share, unless that was good already (of the range of samples). */
const [IDLE_SAVES, IDLE_GAIN, IDLE_LEAST] = [5, 0.02, 0.05]
const PLATEAU_GAIN = 0.01
const WORSENING_SAVES = 3
const WORSENING_SHARE = 0.05

/** What is told, with what to do, and the options that would do it in a new run. */
export const notices = {
  'judge-wins': {
    level: 'warning',
    message: 'The judge tells made from true pictures with ease, so the generator learns little from it.',
    remedy:
      'If the pictures no longer improve, use more pairs, a shallower judge, or let the judge see changed pictures.',
    change: { diffAugment: true },
  },
  'judge-dead': {
    level: 'warning',
    message:
      'The judge has been guessing all along: it cannot tell made from true pictures at all, so nothing can be learned from it.',
    remedy: 'Start a new run in which the judge learns faster.',
    change: { judgeRate: 4 },
  },
  divergence: {
    level: 'warning',
    message:
      'The losses of the painter have grown to several times what they were: training is coming apart.',
    remedy: 'Start a new run with half the learning rate and shortened gradients.',
    change: { clipNorm: 10, learningRate: 1e-4 },
  },
  'mode-dropping': {
    level: 'warning',
    message: 'The made pictures are all like a few of the true ones: most kinds are missing.',
    remedy: 'Use WGAN-GP, or let the judge see changed pictures, and train on.',
    change: { diffAugment: true },
  },
  'class-collapse': {
    level: 'warning',
    message: 'Within a class the made pictures are nearly the same, and the true ones are not.',
    remedy: 'Let the judge see changed pictures, and give rare classes more of them.',
    change: { diffAugment: true },
  },
  inverted: {
    level: 'warning',
    message: 'Light and dark have changed places in what the model makes.',
    remedy:
      'Without pairs this can happen: raise the identity weight. With pairs, check that each A belongs to its B.',
    change: { lambdaIdentity: 1 },
  },
  checkerboard: {
    level: 'note',
    message:
      'The made pictures have a pattern of single pixels, like a checkerboard, that the true ones do not have.',
    remedy: 'It often goes away. If it stays, start a new run that resizes before it convolves.',
    change: { upsampling: 'resize' },
  },
  'nothing-learned': {
    level: 'warning',
    message: 'The held-out pictures are no better than at the first saved state.',
    remedy: 'Check that each A belongs to its B and that the learning rate is not 0; then start a new run.',
    change: { learningRate: 2e-4 },
  },
  collapse: {
    level: 'warning',
    message: 'The model makes nearly the same picture whatever it is given.',
    remedy: 'Stop, let the judge see changed pictures, and check that each A belongs to its B.',
    change: { diffAugment: true },
  },
  plateau: {
    level: 'note',
    message: 'The held-out pictures have hardly improved over the last saved states.',
    remedy: 'More steps may not help: more or more varied pairs would.',
  },
  overfitting: {
    level: 'warning',
    message: 'The held-out pictures are getting worse while training goes on.',
    remedy: 'Stop: the best saved state is kept, and it is what the model file holds. More pairs would help.',
  },
} as const satisfies Record<string, Omit<HealthFinding, 'code' | 'file'>>

/** Tells a condition once when it begins, and again only after it has passed. */
function observe(state: HealthState, code: keyof typeof notices, begins: boolean, passes: boolean): Observed {
  const wasTold = state.told.includes(code)
  if (begins && !wasTold) {
    const finding = { code, ...notices[code], file: null }
    return { state: { ...state, told: [...state.told, code] }, findings: [finding] }
  }
  if (passes && wasTold)
    return { state: { ...state, told: state.told.filter((one) => one !== code) }, findings: [] }
  return { state, findings: [] }
}

/** Applies several looks, one after another. */
function observeAll(state: HealthState, ...looks: readonly ((state: HealthState) => Observed)[]): Observed {
  const findings: HealthFinding[] = []
  let now = state
  for (const look of looks) {
    const observed = look(now)
    now = observed.state
    findings.push(...observed.findings)
  }
  return { state: now, findings }
}

function running(before: number | null, now: number): number {
  return before === null ? now : before + SMOOTHING * (now - before)
}

/** Looks at one step's losses. The judge's are those whose names begin with `D`; painters' own, with `G`, `cycle` or `idt`. */
export function observeLosses(state: HealthState, losses: Readonly<Record<string, number>>): Observed {
  const named = (pattern: RegExp) =>
    Object.entries(losses).flatMap(([id, loss]) => (pattern.test(id) ? [loss] : []))
  return observeAll(
    state,
    (now) => observeJudge(now, named(/^D/)),
    (now) => observePainter(now, named(/^(G_(L1|reconstruction|perceptual)|cycle|idt|NCE)/)),
  )
}

function observeJudge(state: HealthState, losses: readonly number[]): Observed {
  if (losses.length === 0) return { state, findings: [] }
  const mean = losses.reduce((sum, loss) => sum + loss, 0) / losses.length
  const judgeLoss = running(state.judgeLoss, mean)
  const judgeLowSteps = judgeLoss < JUDGE_WINS ? state.judgeLowSteps + 1 : 0
  const isGuess = losses.every((loss) => GUESSING.some((guess) => Math.abs(loss - guess) < GUESS_WIDTH))
  const judgeGuessSteps = isGuess ? state.judgeGuessSteps + 1 : 0
  return observeAll(
    { ...state, judgeLoss, judgeLowSteps, judgeGuessSteps },
    (now) => observe(now, 'judge-wins', judgeLowSteps >= JUDGE_PATIENCE_STEPS, judgeLoss > JUDGE_RECOVERED),
    (now) => observe(now, 'judge-dead', judgeGuessSteps >= JUDGE_DEAD_STEPS, judgeGuessSteps === 0),
  )
}

/** What a painter loses besides to the judge falls, or at least stays. */
function observePainter(state: HealthState, losses: readonly number[]): Observed {
  if (losses.length === 0) return { state, findings: [] }
  const painterLoss = running(
    state.painterLoss,
    losses.reduce((sum, loss) => sum + loss, 0),
  )
  const painterBest = Math.min(state.painterBest ?? Infinity, painterLoss)
  const times = painterBest > 0 ? painterLoss / painterBest : 1
  return observe({ ...state, painterLoss, painterBest }, 'divergence', times > DIVERGED_TIMES, times < 2)
}

/** Looks at a checkpoint's error on the held-out pairs. */
export function observeValidation(state: HealthState, step: number, l1: number): Observed {
  const validations = [...state.validations, { step, l1 }].slice(-VALIDATIONS_KEPT)
  const best = Math.min(...validations.map((one) => one.l1))
  const recent = validations.slice(-WORSENING_SAVES)
  const isWorse =
    recent.length === WORSENING_SAVES && recent.every((one) => one.l1 > best * (1 + WORSENING_SHARE))
  const worse = observe({ ...state, validations }, 'overfitting', isWorse, l1 === best)
  const before = validations.slice(0, -PLATEAU_SAVES + 1)
  const lately = validations.slice(-PLATEAU_SAVES + 1)
  const gain = 1 - Math.min(...lately.map((one) => one.l1)) / Math.min(...before.map((one) => one.l1))
  const isFlat = before.length > 0 && gain < PLATEAU_GAIN && !isWorse
  const first = validations[0]?.l1 ?? l1
  const isIdle = validations.length >= IDLE_SAVES && best > first * (1 - IDLE_GAIN) && first > IDLE_LEAST
  return observeAll(
    worse.state,
    () => worse,
    (now) => observe(now, 'plateau', isFlat && !isIdle, gain >= PLATEAU_GAIN),
    (now) => observe(now, 'nothing-learned', isIdle, best < first * (1 - 2 * IDLE_GAIN)),
  )
}

/** How much a set of pictures differ from one another: mean absolute difference of neighbours, samples in [-1,1]. */
export function meanDifference(pictures: readonly Float32Array[]): number {
  if (pictures.length < 2) return 0
  let sum = 0
  for (const [index, picture] of pictures.slice(1).entries())
    sum += pictureDifference(picture, pictures[index])
  return sum / (pictures.length - 1)
}

function pictureDifference(a: Float32Array, b: Float32Array | undefined): number {
  let sum = 0
  for (let index = 0; index < a.length; index += 1) sum += Math.abs((a[index] ?? 0) - (b?.[index] ?? 0))
  return sum / a.length
}

/** Small grey pictures of a gallery, all of one side, samples in [-1,1]: what was given (where something was), made and true, and classes. */
export type Glances = {
  sidePx: number
  given: readonly Float32Array[]
  made: readonly Float32Array[]
  truth: readonly Float32Array[]
  /** True pictures beyond those shown, where there are any: what the made ones may be like. */
  labels: readonly number[]
  /** Whether each true picture is what its made one should be. */
  isPaired: boolean
}

/** Looks at the pictures of a gallery: what is wrong must be so several times in a row. */
export function observeGallery(state: HealthState, glances: Glances): Observed {
  const { made, truth, given, labels, isPaired, sidePx } = glances
  const [madeDifference, trueDifference] = [meanDifference(made), meanDifference(truth)]
  const isVaried = trueDifference > VARIED
  const isCollapsed = isVaried && madeDifference < COLLAPSED_SHARE * trueDifference
  const others = isPaired ? truth : given
  return observeAll(
    state,
    (now) => observe(now, 'collapse', isCollapsed, madeDifference > RECOVERED_SHARE * trueDifference),
    (now) =>
      observeOften(now, 'class-collapse', !isCollapsed && isVaried && hasCollapsedClass(made, truth, labels)),
    (now) =>
      observeOften(
        now,
        'mode-dropping',
        !isCollapsed && isVaried && given.length === 0 && coverage(made, truth) < LEAST_COVERAGE,
      ),
    (now) => observeOften(now, 'inverted', isInverted(made, others)),
    (now) =>
      observeOften(
        now,
        'checkerboard',
        checkerboardOf(made, sidePx) >
          CHECKERED_TIMES * Math.max(checkerboardOf(truth, sidePx), CHECKERED_LEAST),
      ),
  )
}

const VARIED = 0.02
const [COLLAPSED_SHARE, RECOVERED_SHARE] = [0.02, 0.1]
const LEAST_COVERAGE = 0.25
const INVERTED_CORRELATION = -0.4
const [CHECKERED_TIMES, CHECKERED_LEAST] = [4, 0.01]

/** Tells a condition once it was seen in several galleries in a row. */
function observeOften(state: HealthState, code: keyof typeof notices, isSeen: boolean): Observed {
  const count = isSeen ? (state.seen[code] ?? 0) + 1 : 0
  const seen = { ...state.seen, [code]: count }
  return observe({ ...state, seen }, code, count >= GALLERIES_IN_A_ROW, count === 0)
}

/** Whether made pictures of some class hardly differ where its true ones do. */
function hasCollapsedClass(
  made: readonly Float32Array[],
  truth: readonly Float32Array[],
  labels: readonly number[],
): boolean {
  return [...new Set(labels)].some((label) => {
    const ofClass = (all: readonly Float32Array[]) => all.filter((_, index) => labels[index] === label)
    const trueDifference = meanDifference(ofClass(truth))
    return trueDifference > VARIED && meanDifference(ofClass(made)) < COLLAPSED_SHARE * trueDifference
  })
}

/** Share of the true pictures that are the nearest one of some made picture: about 0.63 where both are alike, near 0 where few kinds are made. */
export function coverage(made: readonly Float32Array[], truth: readonly Float32Array[]): number {
  if (made.length < 8 || truth.length < 8) return 1
  const nearest = made.map((one) => {
    const distances = truth.map((other) => pictureDifference(one, other))
    return distances.indexOf(Math.min(...distances))
  })
  return new Set(nearest).size / truth.length
}

/** Whether made pictures are, on average, the negative of what they belong to. */
function isInverted(made: readonly Float32Array[], others: readonly Float32Array[]): boolean {
  const all = made.flatMap((one, index) => {
    const other = others[index]
    const value = other ? correlation(one, other) : NaN
    return Number.isFinite(value) ? [value] : []
  })
  return all.length > 1 && all.reduce((sum, one) => sum + one, 0) / all.length < INVERTED_CORRELATION
}

function correlation(one: Float32Array, other: Float32Array): number {
  const mean = (all: Float32Array) => all.reduce((sum, value) => sum + value, 0) / all.length
  const [meanOne, meanOther] = [mean(one), mean(other)]
  let [both, ownOne, ownOther] = [0, 0, 0]
  for (let at = 0; at < one.length; at += 1) {
    const [x, y] = [(one[at] ?? 0) - meanOne, (other[at] ?? 0) - meanOther]
    both += x * y
    ownOne += x * x
    ownOther += y * y
  }
  return both / Math.sqrt(ownOne * ownOther)
}

/** Mean strength of the finest checkerboard: what of each 2 x 2 pixels is up, down, down, up. */
export function checkerboardOf(pictures: readonly Float32Array[], sidePx: number): number {
  let [sum, count] = [0, 0]
  for (const picture of pictures)
    for (let y = 0; y + 1 < sidePx; y += 2)
      for (let x = 0; x + 1 < sidePx; x += 2) {
        const at = y * sidePx + x
        const [a = 0, b = 0] = picture.subarray(at, at + 2)
        const [c = 0, d = 0] = picture.subarray(at + sidePx, at + sidePx + 2)
        sum += Math.abs(a - b - c + d) / 4
        count += 1
      }
  return count === 0 ? 0 : sum / count
}
