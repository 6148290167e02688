import { z } from 'zod'
import { refusalSchema } from '../errors.ts'
import { runId, trainingSettings } from '../project/project.ts'

/** More than this is no search for a night at home, and no table that a person reads. */
export const MOST_SETTINGS = 64
const MOST_VARIED = 8

export const sweepId = z.string().regex(/^sweep-\d{3,}$/)

const optionValue = z.union([z.number(), z.string(), z.boolean(), z.null()])
/** Varied options and their values, by key. */
const settingValues = z.record(z.string(), optionValue)
export type SettingValues = z.infer<typeof settingValues>

/** One option that is varied: by values, or by a range that values are drawn from. */
const varied = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('values'),
    option: z.string(),
    values: z.array(optionValue).min(1).max(MOST_SETTINGS),
  }),
  z.strictObject({ kind: z.literal('range'), option: z.string(), low: z.number(), high: z.number() }),
])
export type Varied = z.infer<typeof varied>

/** The figures that settings may be compared by. `l1` is what a training measures by itself whenever it saves. */
export const sweepMeasures = ['l1', 'psnr', 'ssim', 'msSsim', 'stLpips', 'kid'] as const
export const sweepMeasure = z.enum(sweepMeasures)
export type SweepMeasure = z.infer<typeof sweepMeasure>

/** What is asked for. */
export const sweepRequest = z.strictObject({
  /** What all settings have in common. Its steps are those of the last rung. */
  training: trainingSettings,
  vary: z.array(varied).min(1).max(MOST_VARIED),
  /** So many random draws; null: every combination of the values. */
  draws: z.number().int().min(1).max(MOST_SETTINGS).nullable(),
  /** Each rung keeps the best of so many: 2, the better half. */
  eta: z.union([z.literal(2), z.literal(3)]),
  /** Null: L1 where held-out pictures have true partners, else KID. */
  measure: sweepMeasure.nullable(),
  /** Of the draws. The runs take theirs from `training`. */
  seed: z.number().int().min(0).max(2_147_483_647),
  threads: z.number().int().positive().nullable(),
})
export type SweepRequest = z.infer<typeof sweepRequest>

/** What a setting measured at the end of a rung; `low` and `high` are its 95% interval, where there is one. */
const sweepResult = z.strictObject({
  value: z.number().nullable(),
  low: z.number().nullable(),
  high: z.number().nullable(),
})
export type SweepResult = z.infer<typeof sweepResult>

/** One setting: the run that tries it, and its result at each rung that it has reached. */
const trial = z.strictObject({
  settings: settingValues,
  run: runId.nullable(),
  results: z.array(sweepResult),
  /** Why its training failed, where the setting is to blame. */
  failure: refusalSchema.nullable(),
})
export type Trial = z.infer<typeof trial>

/** sweeps/<id>.json. Which rung is under way, who is still in it and who leads follow from it (standing.ts). */
export const sweepFile = z.strictObject({
  schema: z.literal(1),
  sweep: sweepId,
  request: sweepRequest,
  /** Of the last rung: as asked for, or as the epochs come to. */
  steps: z.number().int().positive(),
  measure: sweepMeasure,
  /** All settings learn from these pictures and are compared on the same of them. */
  datasetFingerprint: z.string(),
  trials: z.array(trial).min(1).max(MOST_SETTINGS),
})
export type Sweep = z.infer<typeof sweepFile>
/** A sweep without a name: it has not begun. */
export type Settled = Omit<Sweep, 'sweep'>
