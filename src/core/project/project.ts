import { z } from 'zod'
import { datasetConfig } from '../datasets/index.ts'
import { precision } from '../training/precision.ts'
import { recipeIds } from '../recipes/index.ts'

/** A recipe with the options that differ from its defaults; parsed strictly by the recipe's own declaration. */
export const trainingSettings = z.strictObject({
  recipe: z.enum(recipeIds),
  options: z.record(z.string(), z.unknown()),
})
export type TrainingSettings = z.infer<typeof trainingSettings>

/** project.json. `training` is what `train` uses when nothing else is said; presets are named alternatives. */
export const projectFile = z.strictObject({
  schema: z.literal(1),
  name: z.string().min(1).max(200),
  dataset: datasetConfig.nullable(),
  training: trainingSettings,
  presets: z.record(
    z.string().regex(/^[a-z0-9-]+$/),
    z.strictObject({ label: z.string(), ...trainingSettings.shape }),
  ),
  /** The sample it was made from, if any. */
  sample: z.string().nullable(),
})
export type ProjectFile = z.infer<typeof projectFile>

export const runId = z.string().regex(/^run-\d{3,}$/)
export type RunId = z.infer<typeof runId>
export const jobId = z.string().regex(/^job-\d+$/)
export type JobId = z.infer<typeof jobId>

/** What computed a run: fixed at its start, compared when it resumes. */
export const backendInfo = z.strictObject({
  kind: z.enum(['tensorflow', 'cpu']),
  version: z.string(),
  device: z.string(),
  precision,
  /** Why that precision, for people. */
  precisionBecause: z.string().default(''),
  threads: z.number().int(),
  /** Why a slower backend stands in; null when none does. */
  fellBackBecause: z.string().nullable(),
})
export type BackendInfo = z.infer<typeof backendInfo>

/** runs/<id>/config.json: written before anything else of a run, never changed. */
export const runConfig = z.strictObject({
  schema: z.literal(1),
  run: runId,
  recipe: z.enum(recipeIds),
  /** Every option as used, defaults included; `steps` resolved to a number. */
  options: z.record(z.string(), z.unknown()),
  steps: z.number().int(),
  dataset: datasetConfig,
  datasetFingerprint: z.string(),
  pairs: z.number().int(),
  versions: z.strictObject({ diptych: z.string(), engine: z.string(), node: z.string() }),
  backend: backendInfo,
})
export type RunConfig = z.infer<typeof runConfig>

export const runStates = ['new', 'running', 'paused', 'stopped', 'failed', 'done'] as const
export const runState = z.enum(runStates)
export type RunState = z.infer<typeof runState>

export const runSummary = z.strictObject({
  run: runId,
  recipe: z.enum(recipeIds),
  state: runState,
  step: z.number().int(),
  steps: z.number().int(),
  createdAt: z.string(),
  /** Validation L1 of its best checkpoint. */
  bestL1: z.number().nullable(),
})
export type RunSummary = z.infer<typeof runSummary>
