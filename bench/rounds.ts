import { refuse } from '../src/core/errors.ts'

/** What one process of one contender measured. */
export type Timing = {
  medianMs: number
  otherCores: number
  matmulGflops: number
  versions: Record<string, unknown>
}

export type Round<Name extends string> = Record<Name, Timing>

export type RoundsRequest<Name extends string> = {
  contenders: readonly Name[]
  rounds: number
  /** How many cores' worth of other work on the machine a round may suffer. */
  maxOtherCores: number
  /** After so many noisy rounds the machine is not fit for measuring. */
  maxDiscarded: number
  measure: (contender: Name) => Promise<Timing>
  onRound: (kept: boolean, otherCores: number) => void
}

/**
 * Measures every contender once a round, starting with another one each round, until enough rounds were quiet.
 * @throws Refused `machine-busy`
 */
export async function runRounds<Name extends string>(request: RoundsRequest<Name>): Promise<Round<Name>[]> {
  const { contenders, rounds, maxOtherCores, maxDiscarded, measure, onRound } = request
  const kept: Round<Name>[] = []
  for (let discarded = 0; kept.length < rounds;) {
    const first = (kept.length + discarded) % contenders.length
    const order = [...contenders.slice(first), ...contenders.slice(0, first)]
    const timings: [Name, Timing][] = []
    for (const name of order) timings.push([name, await measure(name)])
    const otherCores = Math.max(...timings.map(([, timing]) => timing.otherCores))
    const isQuiet = otherCores <= maxOtherCores
    onRound(isQuiet, otherCores)
    if (isQuiet) kept.push(Object.fromEntries(timings) as Round<Name>)
    else discarded += 1
    if (discarded > maxDiscarded)
      throw refuse(
        'machine-busy',
        `${discarded} rounds were disturbed by other programs and ${kept.length} of ${rounds} were quiet.`,
        'Close what else is running, then start the benchmark again.',
      )
  }
  return kept
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length / 2
  const [low, high] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]]
  if (low === undefined || high === undefined) throw new Error('The median of nothing.')
  return (low + high) / 2
}

export type Spread = { median: number; least: number; most: number }

export function spreadOf(values: readonly number[]): Spread {
  return { median: median(values), least: Math.min(...values), most: Math.max(...values) }
}

/** Ours over PyTorch's in the layout that was better for PyTorch over all rounds; each ratio from one round. */
export function compareRounds<Name extends string>(
  rounds: readonly Round<Name>[],
  ours: Name,
  layouts: readonly Name[],
): { bestLayout: Name; milliseconds: Record<Name, Spread>; ratio: Spread } {
  const spread = (name: Name): Spread => spreadOf(rounds.map((round) => round[name].medianMs))
  const names = [ours, ...layouts]
  const milliseconds = Object.fromEntries(names.map((name) => [name, spread(name)])) as Record<Name, Spread>
  const bestLayout = layouts.reduce((best, name) =>
    milliseconds[name].median < milliseconds[best].median ? name : best,
  )
  const ratios = rounds.map((round) => round[ours].medianMs / round[bestLayout].medianMs)
  return { bestLayout, milliseconds, ratio: spreadOf(ratios) }
}
