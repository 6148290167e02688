import type { SplitName } from '../../core/datasets/report.ts'
import { countInWords } from '../../core/words.ts'
import { counterOf, randomBits } from '../../core/random.ts'
import { finding, type Candidate, type Finding, type SplitOptions } from './reader.ts'

/** The order in which pairs are dealt: by a seeded number made from the name, so that adding pairs moves few of the others. */
function dealingOrder<T extends { name: string }>(pairs: readonly T[], seed: number): T[] {
  return pairs
    .map((pair) => ({ pair, rank: randomBits(seed, counterOf(pair.name)) }))
    .sort((x, y) => x.rank - y.rank || (x.pair.name < y.pair.name ? -1 : 1))
    .map(({ pair }) => pair)
}

/**
 * Gives every pair, or every picture of a side, its split. Folders decide where there are any; validation or test that they lack is dealt from
 * training by the shares. At least one pair stays for training.
 */
export function dealSplits<T extends Candidate>(
  pairs: readonly T[],
  options: SplitOptions,
  unit: 'pair' | 'picture',
): { splits: SplitName[]; findings: Finding[] } {
  const findings: Finding[] = []
  const has = (split: SplitName) => pairs.some((pair) => pair.split === split)
  const fromFolders = has('train')
  const dealt = new Map<T, SplitName>()
  const pool = dealingOrder(
    pairs.filter((pair) => !fromFolders || pair.split === 'train'),
    options.splitSeed,
  )
  const total = pool.length
  const take = (split: SplitName, share: number, what: string) => {
    if (fromFolders && has(split)) return
    const count = Math.min(Math.round(total * share), Math.max(0, pool.length - 1))
    for (const pair of pool.splice(0, count)) dealt.set(pair, split)
    if (fromFolders && count > 0)
      findings.push(
        finding(
          'note',
          'split-dealt',
          `There is no ${split} folder, so ${countInWords(count, unit)} of train ${count === 1 ? 'is' : 'are'} kept back ${what}.`,
          `Make a folder named ${split} to choose them yourself.`,
        ),
      )
  }
  take('val', options.validationShare, 'to choose the best state')
  take('test', options.testShare, 'for the final score')
  return { splits: pairs.map((pair) => dealt.get(pair) ?? pair.split ?? 'train'), findings }
}
