import { z } from 'zod'
import { look } from './look.ts'
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

/** Tells a condition once when it begins, and again only after it has passed. */
export function observe(
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
export function observeAll(
  state: HealthState,
  ...looks: readonly ((state: HealthState) => Observed)[]
): Observed {
  const told: Told[] = []
  let now = state
  for (const look of looks) {
    const observed = look(now)
    now = observed.state
    told.push(...observed.told)
  }
  return { state: now, told }
}
