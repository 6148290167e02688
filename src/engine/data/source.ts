import { refuse } from '../../core/errors.ts'
import type { SplitName } from '../../core/datasets/report.ts'
import type { DatasetReport, Pair, Side, Single } from '../datasets/reader.ts'
import type { Picture } from '../imaging/picture.ts'

export type ItemFile = Pick<Pair['a'], 'file' | 'region'>
/** Files that are read together and cut alike: both sides of a pair, or one picture alone, which may have a class. */
export type Item = Readonly<Partial<Record<Side, ItemFile>> & { label?: number }>
/** The pictures of an item, or what was cut from them. */
export type ItemPictures = Partial<Record<Side, Picture>> & { label?: number }

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
  /** There is one side alone: the same pictures are A and B. */
  isOneSided: boolean
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
    isOneSided: false,
  }
}

/** One picture after another, with its class where it has one. Rows take the classes in turn. */
function oneSidedSource(report: DatasetReport, pictures: readonly Single[]): Source {
  const itemOf = (single: Single): Item => ({
    b: single,
    ...(single.label !== null && { label: single.label }),
  })
  const of = (split: SplitName) => pictures.filter((single) => single.split === split)
  return {
    channels: channelsOf(report),
    streams: (split) => [of(split).map(itemOf)],
    rows: (split, count) =>
      inTurn(of(split), count).map((single) => ({
        name: single.name,
        isPair: false,
        items: [itemOf(single)],
      })),
    hasPairs: () => false,
    isOneSided: true,
  }
}

/** Up to `count` pictures: one of each class, then another of each, each class spread evenly. */
function inTurn(pictures: readonly Single[], count: number): Single[] {
  const classes = [...new Set(pictures.map(({ label }) => label))].sort((x, y) => (x ?? 0) - (y ?? 0))
  const each = Math.ceil(Math.min(count, pictures.length) / Math.max(1, classes.length))
  const some = classes.map((label) =>
    spread(
      pictures.filter((single) => single.label === label),
      each,
    ),
  )
  const longest = Math.max(0, ...some.map(({ length }) => length))
  const turns = Array.from({ length: longest }, (_, turn) => some.flatMap((all) => all[turn] ?? []))
  return turns.flat().slice(0, count)
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
    isOneSided: false,
  }
}

/** @throws Refused `dataset-empty` */
export function createSource(report: DatasetReport, given: Side): Source {
  if (report.classes && report.unpaired) return oneSidedSource(report, report.unpaired.b)
  if (report.unpaired) return unpairedSource(report, report.unpaired, given)
  return pairedSource(report)
}

const gallerySplits = ['val', 'test', 'train'] as const

/** The split that is looked at while training: validation; where that is empty, whatever was not trained on. */
export function gallerySplit(countRows: (split: SplitName) => number): SplitName {
  return gallerySplits.find((split) => countRows(split) > 0) ?? 'train'
}
