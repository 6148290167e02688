import { refuse } from '../../core/errors.ts'
import type { SplitName } from '../../core/datasets/report.ts'
import type { DatasetReport, Pair, Side } from '../datasets/reader.ts'
import type { Picture } from '../imaging/picture.ts'

export type ItemFile = Pick<Pair['a'], 'file' | 'region'>
/** Files that are read together and cut alike: both sides of a pair, or one picture alone. */
export type Item = Readonly<Partial<Record<Side, ItemFile>>>
/** The pictures of an item, or what was cut from them. */
export type ItemPictures = Partial<Record<Side, Picture>>

/** What is looked at together. `isPair`: B is what A should become. */
export type Row = { name: string; isPair: boolean; items: readonly Item[] }

/** Where a kind of data set takes A and B from. */
export type Source = {
  channels: Readonly<Record<Side, number>>
  /** What training draws from: one item of each stream makes an A and a B. */
  streams(split: SplitName): Item[][]
  /** Up to `count` rows of a split, spread evenly over it; true pairs first. */
  rows(split: SplitName, count: number): Row[]
  hasPairs(split: SplitName): boolean
}

function spread<T>(entries: readonly T[], count: number): T[] {
  if (entries.length <= count) return [...entries]
  return Array.from(
    { length: count },
    (_, index) => entries[Math.floor((index * entries.length) / count)] as T,
  )
}

function channelsOf({ a, b }: DatasetReport): Record<Side, number> {
  if (!a || !b)
    throw refuse('dataset-empty', 'There is nothing to train on.', 'Add pictures, or choose other folders.')
  return { a: a.channels, b: b.channels }
}

/** Where A is computed, B alone is read. */
function itemOf({ a, b }: Pair, isDerived: boolean): Item {
  return isDerived ? { b } : { a, b }
}

function pairedSource(report: DatasetReport): Source {
  const pairsOf = (split: SplitName) => report.pairs.filter((pair) => pair.split === split)
  const isDerived = report.derivation !== null
  return {
    channels: channelsOf(report),
    streams: (split) => [pairsOf(split).map((pair) => itemOf(pair, isDerived))],
    rows: (split, count) =>
      spread(pairsOf(split), count).map((pair) => ({
        name: pair.name,
        isPair: true,
        items: [itemOf(pair, isDerived)],
      })),
    hasPairs: (split) => pairsOf(split).length > 0,
  }
}

/** @param given the side that the model is given: rows go through its pictures */
function unpairedSource(
  report: DatasetReport,
  unpaired: NonNullable<DatasetReport['unpaired']>,
  given: Side,
): Source {
  const { rows: pairRows, hasPairs } = pairedSource(report)
  const wanted: Side = given === 'a' ? 'b' : 'a'
  const of = (side: Side, split: SplitName) => unpaired[side].filter((single) => single.split === split)
  const anyRows = (split: SplitName, count: number, taken: ReadonlySet<string>): Row[] => {
    const free = of(given, split).filter(({ file }) => !taken.has(file.path))
    const inSplit = of(wanted, split)
    const others = inSplit.length > 0 ? inSplit : unpaired[wanted]
    return spread(free, count).map((single, index) => ({
      name: single.name,
      isPair: false,
      items: [{ [given]: single }, { [wanted]: others[index % others.length] }],
    }))
  }
  return {
    channels: channelsOf(report),
    streams: (split) => [of('a', split).map((a) => ({ a })), of('b', split).map((b) => ({ b }))],
    rows(split, count) {
      const pairs = pairRows(split, count)
      const taken = new Set(report.pairs.map((pair) => pair[given].file.path))
      return [...pairs, ...anyRows(split, count - pairs.length, taken)]
    },
    hasPairs,
  }
}

/** @throws Refused `dataset-empty` */
export function createSource(report: DatasetReport, given: Side): Source {
  if (report.unpaired) return unpairedSource(report, report.unpaired, given)
  return pairedSource(report)
}

const gallerySplits = ['val', 'test', 'train'] as const

/** The split that is looked at while training: validation; where that is empty, whatever was not trained on. */
export function gallerySplit(countRows: (split: SplitName) => number): SplitName {
  return gallerySplits.find((split) => countRows(split) > 0) ?? 'train'
}
