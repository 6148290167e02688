import { refuse } from '../src/core/errors.ts'

/** What one process of one contender measured. */
export type Timing = {
  medianMs: number
  otherCores: number
  matmulGflops: number
  versions: Record<string, unknown>
}

/** Who was too slow in an earlier round is not in a later one. */
export type Round<Name extends string> = Partial<Record<Name, Timing>>

export type RoundsRequest<Name extends string> = {
  contenders: readonly Name[]
  /** Those of whom only the best counts; who is `hopeless` times slower than that in the first quiet round is not measured again. */
  rivals: readonly Name[]
  hopeless: number
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
  const { rivals, hopeless, rounds, maxOtherCores, maxDiscarded, measure, onRound } = request
  const kept: Round<Name>[] = []
  let { contenders } = request
  for (let discarded = 0; kept.length < rounds;) {
    const first = (kept.length + discarded) % contenders.length
    const order = [...contenders.slice(first), ...contenders.slice(0, first)]
    const timings: [Name, Timing][] = []
    for (const name of order) timings.push([name, await measure(name)])
    const otherCores = Math.max(...timings.map(([, timing]) => timing.otherCores))
    const isQuiet = otherCores <= maxOtherCores
    onRound(isQuiet, otherCores)
    if (isQuiet && kept.length === 0) {
      const times = new Map(timings.map(([name, { medianMs }]) => [name, medianMs]))
      const best = Math.min(...rivals.map((name) => times.get(name) ?? Infinity))
      contenders = contenders.filter(
        (name) => !rivals.includes(name) || (times.get(name) ?? 0) <= hopeless * best,
      )
    }
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

export type Comparison<Name extends string> = {
  best: Name
  milliseconds: Record<Name, Spread>
  /** How many times as fast as the best of the others. */
  ratio: Spread
}

/** The time of the other that was best over all rounds by ours; each ratio from one round. */
export function compareRounds<Name extends string>(
  rounds: readonly Round<Name>[],
  ours: Name,
  others: readonly Name[],
): Comparison<Name> {
  const timesOf = (name: Name) => rounds.flatMap((round) => round[name]?.medianMs ?? [])
  const spread = (name: Name): Spread => spreadOf(timesOf(name))
  const names = [ours, ...others]
  const milliseconds = Object.fromEntries(names.map((name) => [name, spread(name)])) as Record<Name, Spread>
  const best = others.reduce((least, name) =>
    milliseconds[name].median < milliseconds[least].median ? name : least,
  )
  const ratios = rounds.flatMap((round) => {
    const [theirs, own] = [round[best], round[ours]]
    return theirs && own ? theirs.medianMs / own.medianMs : []
  })
  return { best, milliseconds, ratio: spreadOf(ratios) }
}
