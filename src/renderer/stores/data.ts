import { createStore } from 'zustand/vanilla'
import type { WindowViews } from '../../core/contract/index.ts'
import type { SplitName } from '../../core/datasets/report.ts'
import type { FileHandle } from '../../core/files.ts'
import { ask } from '../bridge.ts'
import { idle, load } from './loadable.ts'
import type { Loadable } from './loadable.ts'

export type DatasetReport = WindowViews['dataset']
export type Pair = DatasetReport['pairs'][number]
export type Finding = DatasetReport['findings'][number]
export type PairFilter = 'all' | SplitName | 'findings'

type DataState = {
  report: Loadable<DatasetReport>
  filter: PairFilter
  search: string
  /** Names are unique within a split only. */
  selected: string | null
  large: boolean
  /** Other folders are being chosen. */
  choosing: boolean
}

export const dataStore = createStore<DataState>(() => emptyData())

function emptyData(): DataState {
  return { report: idle, filter: 'all', search: '', selected: null, large: false, choosing: false }
}

export function keyOf(pair: Pair): string {
  return `${pair.split}/${pair.name}`
}

/** The name without the part that is said beside it: `test/lat+00` in the test part is `lat+00`. */
export function shownName({ name, split }: Pair): string {
  return name.startsWith(`${split}/`) ? name.slice(split.length + 1) : name
}

/** Findings that speak of one of the pair's own files. */
export function findingsOf(pair: Pair, findings: readonly Finding[]): Finding[] {
  return findings.filter(
    ({ file }) => file !== null && (file.id === pair.a.file.id || file.id === pair.b.file.id),
  )
}

export function filterPairs(report: DatasetReport, filter: PairFilter, search: string): Pair[] {
  const wanted = search.trim().toLowerCase()
  const flagged = new Set(report.findings.flatMap(({ file }) => (file ? [file.id] : [])))
  return report.pairs.filter((pair) => {
    if (wanted && !pair.name.toLowerCase().includes(wanted)) return false
    if (filter === 'all') return true
    if (filter === 'findings') return flagged.has(pair.a.file.id) || flagged.has(pair.b.file.id)
    return pair.split === filter
  })
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

export function selectPair(selected: string | null): void {
  dataStore.setState({ selected })
}

export function setLarge(large: boolean): void {
  dataStore.setState({ large })
}
