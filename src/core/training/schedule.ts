import { picturesInStep } from '../recipes/common.ts'
import type { HealthState } from './healthState.ts'

/** How the learning rate falls once it has been held: in a straight line, to a tenth and a hundredth, by half a cosine, or whenever held-out pictures no longer improve. */
export const decays = ['linear', 'step', 'cosine', 'plateau'] as const
export type Decay = (typeof decays)[number]

/** What decides the learning rate at a step. `scale` is halved by each roll-back, and where a plateau is reached. */
export type Schedule = {
  steps: number
  learningRate: number
  decayShare: number
  decay?: Decay
  scale?: number
}

/**
 * The rate at a step. Linear decay as published (1 - max(0, epoch + 1 - nEpochs) / (nEpochsDecay + 1)), applied each step instead of
 * each epoch; cosine as Loshchilov and Hutter 2017 without restarts.
 * @param step 1-based
 */
export function learningRateAt(step: number, schedule: Schedule): number {
  const { steps, learningRate, decayShare, scale = 1 } = schedule
  const decaySteps = Math.round(steps * decayShare)
  const into = Math.max(0, step - (steps - decaySteps))
  return learningRate * scale * shareLeft(schedule.decay ?? 'linear', into, decaySteps)
}

/** @param into how many steps of the `decaySteps` have begun */
function shareLeft(decay: Decay, into: number, decaySteps: number): number {
  if (into === 0) return 1
  switch (decay) {
    case 'linear':
      return 1 - into / (decaySteps + 1)
    case 'cosine':
      return (1 + Math.cos((Math.PI * into) / (decaySteps + 1))) / 2
    case 'step':
      return into <= decaySteps / 2 ? 0.1 : 0.01
    case 'plateau':
      return 1
  }
}

/**
 * A stretch of a run with a learning rate of its own, from a step on (1-based). `effort`: about how long its steps take beside those of
 * other parts, in any unit.
 */
export type Part = { from: number; steps: number; effort: number }

/** The part that a step belongs to. */
export function partAt(parts: readonly Part[], step: number): Part {
  const part = parts.findLast(({ from }) => from <= step)
  if (!part) throw new Error(`No part of the run has step ${step}.`)
  return part
}

/** What the steps after one take together, in the unit of the parts. */
export function effortLeft(parts: readonly Part[], step: number): number {
  return parts.reduce((sum, { from, steps, effort }) => {
    const left = Math.min(steps, from + steps - 1 - step)
    return sum + Math.max(0, left) * effort
  }, 0)
}

const PATIENCE_SAVES = 3
const GAIN = 0.01

/**
 * Whether the held-out pictures have stopped getting better since a step: none of the last three saved states is better than the best
 * before them by one per cent.
 */
export function isPlateau({ validations }: HealthState, sinceStep: number): boolean {
  const since = validations.filter(({ step }) => step > sinceStep).map(({ l1 }) => l1)
  if (since.length <= PATIENCE_SAVES) return false
  const [before, lately] = [since.slice(0, -PATIENCE_SAVES), since.slice(-PATIENCE_SAVES)]
  return Math.min(...lately) > Math.min(...before) * (1 - GAIN)
}

/** Steps of a run: as asked, else epochs over the training pairs. */
export function totalSteps(
  options: { steps: number | null; epochs: number } & Parameters<typeof picturesInStep>[0],
  trainingPairs: number,
): number {
  return options.steps ?? options.epochs * Math.ceil(trainingPairs / picturesInStep(options))
}
