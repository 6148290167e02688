import { z } from 'zod'
import type { FileOnDisk } from '../files.ts'
import type { findingSchema } from '../datasets/report.ts'

type HealthFinding = Omit<z.infer<ReturnType<typeof findingSchema<z.ZodType<FileOnDisk>>>>, 'file'> & {
  file: null
}

/** What is remembered of a run's health. Part of a checkpoint, so that nothing is told twice after a resume. */
export const healthState = z.strictObject({
  /** Running mean of the judge's losses. */
  judgeLoss: z.number().nullable(),
  /** Steps since that mean fell below `JUDGE_WINS`. */
  judgeLowSteps: z.number().int(),
  validations: z.array(z.strictObject({ step: z.number().int(), l1: z.number() })),
  /** Codes of findings that were told and have not passed since. */
  told: z.array(z.string()),
})
export type HealthState = z.infer<typeof healthState>

export const newHealth: HealthState = { judgeLoss: null, judgeLowSteps: 0, validations: [], told: [] }

export type Observed = { state: HealthState; findings: HealthFinding[] }

const SMOOTHING = 0.02
const JUDGE_WINS = 0.05
const JUDGE_RECOVERED = 0.15
const JUDGE_PATIENCE_STEPS = 200
const VALIDATIONS_KEPT = 12
const PLATEAU_SAVES = 6
const PLATEAU_GAIN = 0.01
const WORSENING_SAVES = 3
const WORSENING_SHARE = 0.05

const notices = {
  'judge-wins': {
    level: 'warning',
    message: 'The judge tells made from true pictures with ease, so the generator learns little from it.',
    remedy: 'If the pictures no longer improve, use more pairs, a shallower judge, or the LSGAN loss.',
  },
  collapse: {
    level: 'warning',
    message: 'The model makes nearly the same picture whatever it is given.',
    remedy: 'Stop, halve the learning rate, and check that each A belongs to its B.',
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

/** Looks at one step's losses. The judge's are those whose names begin with `D`. */
export function observeLosses(state: HealthState, losses: Readonly<Record<string, number>>): Observed {
  const judge = Object.entries(losses)
    .filter(([id]) => id.startsWith('D'))
    .map(([, loss]) => loss)
  if (judge.length === 0) return { state, findings: [] }
  const mean = judge.reduce((sum, loss) => sum + loss, 0) / judge.length
  const judgeLoss = state.judgeLoss === null ? mean : state.judgeLoss + SMOOTHING * (mean - state.judgeLoss)
  const judgeLowSteps = judgeLoss < JUDGE_WINS ? state.judgeLowSteps + 1 : 0
  const begins = judgeLowSteps >= JUDGE_PATIENCE_STEPS
  return observe({ ...state, judgeLoss, judgeLowSteps }, 'judge-wins', begins, judgeLoss > JUDGE_RECOVERED)
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
  const flat = observe(worse.state, 'plateau', isFlat, gain >= PLATEAU_GAIN)
  return { state: flat.state, findings: [...worse.findings, ...flat.findings] }
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

/** Looks at how much the made pictures differ from one another, beside how much the true ones do. */
export function observeVariety(state: HealthState, madeDifference: number, trueDifference: number): Observed {
  const share = trueDifference > 0.02 ? madeDifference / trueDifference : 1
  return observe(state, 'collapse', share < 0.02, share > 0.1)
}
