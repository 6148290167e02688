import { useMemo } from 'react'
import { useStore } from 'zustand'
import { Comparison } from '../../components/comparison/Comparison.tsx'
import { useKeys } from '../../components/useKeys.ts'
import {
  dataStore,
  filterPairs,
  filterSingles,
  keyOf,
  select,
  setLarge,
  shownName,
  singleKeyOf,
  classOf,
  truePairOf,
} from '../../stores/data.ts'
import type { DatasetReport, Pair } from '../../stores/data.ts'

function stepIn<T>(items: readonly T[], index: number, key: (item: T) => string): (by: 1 | -1) => void {
  return (by) => {
    const next = items[Math.min(items.length - 1, Math.max(0, index + by))]
    if (next) select(key(next))
  }
}

/** A pair, slid over: A against B, or the spoiled copy against the original. */
export function LargePair({ report, pair }: { report: DatasetReport; pair: Pair }) {
  const { filter, search } = useStore(dataStore)
  const pairs = useMemo(() => filterPairs(report, filter, search), [report, filter, search])
  const index = pairs.findIndex((known) => keyOf(known) === keyOf(pair))
  useKeys({ Escape: () => setLarge(false) })
  const { derivation } = report
  return (
    <Comparison
      name={shownName(pair)}
      before={{ ...pair.a, derivation, label: derivation ? 'A, spoiled' : 'A, before' }}
      after={{ ...pair.b, label: derivation ? 'B, the original' : 'B, after' }}
      onStep={stepIn(pairs, index, keyOf)}
    />
  )
}

/** A picture without a partner, alone; or against its true partner, where that is kept back for scoring. */
export function LargeSingle({ report, selected }: { report: DatasetReport; selected: string }) {
  const { filter, search, label } = useStore(dataStore)
  const side = selected.startsWith('b:') ? 'b' : 'a'
  const singles = useMemo(
    () => filterSingles(report, side, { filter, search, label }),
    [report, side, filter, search, label],
  )
  const index = singles.findIndex((single) => singleKeyOf(single, side) === selected)
  const single = singles[index]
  useKeys({ Escape: () => setLarge(false) })
  if (!single) return null
  const pair = truePairOf(report, single)
  return (
    <Comparison
      name={shownName(single)}
      before={
        pair
          ? { ...pair.a, label: 'A' }
          : { ...single, label: report.classes ? classOf(report, single) || 'Picture' : side.toUpperCase() }
      }
      after={pair ? { ...pair.b, label: 'B, the true partner' } : null}
      onStep={stepIn(singles, index, (item) => singleKeyOf(item, side))}
    />
  )
}
