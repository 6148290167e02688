import { createStore } from 'zustand/vanilla'
import type { WindowViews } from '../../core/contract/index.ts'
import type { SplitName } from '../../core/datasets/report.ts'
import type { FileHandle } from '../../core/files.ts'
import { ask } from '../bridge.ts'
import { idle, load } from './loadable.ts'
import type { Loadable } from './loadable.ts'

export type DatasetReport = WindowViews['dataset']
export type Pair = DatasetReport['pairs'][number]
export type Single = NonNullable<DatasetReport['unpaired']>['a'][number]
export type Finding = DatasetReport['findings'][number]
export type PairFilter = 'all' | SplitName | 'findings'
export type Side = 'a' | 'b'

type DataState = {
  report: Loadable<DatasetReport>
  filter: PairFilter
  search: string
  /** The class that is shown alone, by its place among the report's. */
  label: number | null
  /** The key of what is selected. */
  selected: string | null
  large: boolean
  /** Other folders are being chosen. */
  choosing: boolean
}

export const dataStore = createStore<DataState>(() => emptyData())

function emptyData(): DataState {
  return {
    report: idle,
    filter: 'all',
    search: '',
    label: null,
    selected: null,
    large: false,
    choosing: false,
  }
}

/** Names are unique within a split only. */
export function keyOf(pair: { split: SplitName; name: string }): string {
  return `${pair.split}/${pair.name}`
}

/** Pictures without partners: the same name may be on both sides. */
export function singleKeyOf(single: Single, side: Side): string {
  return `${side}:${keyOf(single)}`
}

/** The name without the part that is said beside it: `test/lat+00` in the test part is `lat+00`. */
export function shownName({ name, split }: { split: SplitName; name: string }): string {
  return name.startsWith(`${split}/`) ? name.slice(split.length + 1) : name
}

/** Findings that speak of one of these files. */
export function findingsOf(files: readonly FileHandle[], findings: readonly Finding[]): Finding[] {
  return findings.filter(({ file }) => file !== null && files.some(({ id }) => id === file.id))
}

export function filesOf(pair: Pair): FileHandle[] {
  return [pair.a.file, pair.b.file]
}

type Filtered = { name: string; split: SplitName }

function filterBy<T extends Filtered>(
  entries: readonly T[],
  report: DatasetReport,
  files: (entry: T) => readonly FileHandle[],
  filter: PairFilter,
  search: string,
): T[] {
  const wanted = search.trim().toLowerCase()
  const flagged = new Set(report.findings.flatMap(({ file }) => (file ? [file.id] : [])))
  return entries.filter((entry) => {
    if (wanted && !entry.name.toLowerCase().includes(wanted)) return false
    if (filter === 'all') return true
    if (filter === 'findings') return files(entry).some(({ id }) => flagged.has(id))
    return entry.split === filter
  })
}

export function filterPairs(report: DatasetReport, filter: PairFilter, search: string): Pair[] {
  return filterBy(report.pairs, report, filesOf, filter, search)
}

export type Sieve = { filter: PairFilter; search: string; label: number | null }

export function filterSingles(report: DatasetReport, side: Side, { filter, search, label }: Sieve): Single[] {
  const all = report.unpaired?.[side] ?? []
  const ofClass = label === null ? all : all.filter((single) => single.label === label)
  return filterBy(ofClass, report, ({ file }) => [file], filter, search)
}

/** How many entries a filter shows: pairs, or pictures of both sides. */
export function countShown(report: DatasetReport, sieve: Sieve): number {
  if (!report.unpaired) return filterPairs(report, sieve.filter, sieve.search).length
  const sides = ['a', 'b'] as const
  return sides.reduce((sum, side) => sum + filterSingles(report, side, sieve).length, 0)
}

/** What one entry is called. */
export function entryWord(report: DatasetReport): 'pair' | 'picture' {
  return report.unpaired || report.derivation ? 'picture' : 'pair'
}

export function isEmpty(report: DatasetReport): boolean {
  return countShown(report, { filter: 'all', search: '', label: null }) === 0
}

/** The name of a picture's class; empty where it has none. */
export function classOf({ classes }: DatasetReport, { label }: Single): string {
  return label === null ? '' : (classes?.[label] ?? '')
}

/** The true pair that was kept back for scoring, where this picture is a part of one. */
export function truePairOf(report: DatasetReport, single: Single): Pair | undefined {
  return report.pairs.find((pair) => filesOf(pair).some(({ id }) => id === single.file.id))
}

export function findSingle(report: DatasetReport, key: string | null): Single | undefined {
  const side = key?.startsWith('b:') ? 'b' : 'a'
  return report.unpaired?.[side].find((single) => singleKeyOf(single, side) === key)
}

export function scanData(project: FileHandle): Promise<void> {
  return load(
    () => ask('dataset:scan', { project }),
    (report) => dataStore.setState({ report }),
  )
}

export function resetData(): void {
  dataStore.setState(emptyData())
}

export function select(selected: string | null): void {
  dataStore.setState({ selected })
}

export function setLarge(large: boolean): void {
  dataStore.setState({ large })
}
