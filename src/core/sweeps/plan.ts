import { refuse } from '../errors.ts'

/** So many runs are trained up to a step. */
export type Rung = { steps: number; runs: number }

export type Ladder = {
  rungs: Rung[]
  /** How often each run saves, so that every rung ends on a saved state. */
  checkpointEvery: number
  /** Steps of all runs together. */
  totalSteps: number
}

/** How many runs go through each rung: the best ceil(n / eta) of one make the next. The last one has at most eta, to compare at full length. */
function runsOfRungs(count: number, eta: number): number[] {
  const runs = [count]
  for (let left = count; left > eta; runs.push(left)) left = Math.ceil(left / eta)
  return runs
}

/**
 * Successive halving (Jamieson and Talwalkar 2016): all settings train a little, the best 1/eta of them eta times as long,
 * and so on; the last rung trains to the end.
 * @param count settings
 * @param steps of the last rung
 * @param saveEvery how often the runs would save by themselves, in steps
 * @throws Refused `option-invalid` where the steps are too few for so many rungs
 */
export function planLadder(count: number, steps: number, eta: number, saveEvery: number): Ladder {
  const runs = runsOfRungs(count, eta)
  const shortest = Math.floor(steps / eta ** (runs.length - 1))
  if (shortest < 1)
    throw refuse(
      'option-invalid',
      `${steps} steps are too few to tell ${count} settings apart in ${runs.length} rounds.`,
      `Train for at least ${eta ** (runs.length - 1)} steps, or try fewer settings.`,
    )
  const saves = Math.ceil(shortest / saveEvery)
  const checkpointEvery = Math.floor(shortest / saves)
  const first = checkpointEvery * saves
  const last = runs.length - 1
  const rungs = runs.map((count, index) => ({
    runs: count,
    steps: index === last ? steps : first * eta ** index,
  }))
  const totalSteps = rungs.reduce(
    (sum, rung, index) => sum + rung.runs * (rung.steps - (rungs[index - 1]?.steps ?? 0)),
    0,
  )
  return { rungs, checkpointEvery, totalSteps }
}
