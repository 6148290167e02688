import { ArrowLeft, SearchX } from 'lucide-react'
import { useMemo } from 'react'
import { SearchField, Input } from 'react-aria-components'
import { useStore } from 'zustand'
import { Button } from '../../components/Button.tsx'
import { Comparison } from '../../components/comparison/Comparison.tsx'
import { EmptyState, RefusalNote, Skeleton } from '../../components/States.tsx'
import { useKeys } from '../../components/useKeys.ts'
import { MiddleBar, Workspace } from '../../components/Workspace.tsx'
import { formatAmount } from '../../format.ts'
import {
  dataStore,
  filterPairs,
  keyOf,
  scanData,
  selectPair,
  setLarge,
  shownName,
} from '../../stores/data.ts'
import type { DatasetReport, Pair } from '../../stores/data.ts'
import { shellStore } from '../../stores/shell.ts'
import { ChooseFolders } from './ChooseFolders.tsx'
import { DataFilters } from './DataFilters.tsx'
import { DataInspector } from './DataInspector.tsx'
import { PairGrid } from './PairGrid.tsx'

const CHANGE = 'Runs that were trained on the present folders stay as they are.'
const EMPTY = 'A project learns from pairs: one folder of pictures before, one of the same pictures after.'

function LargePair({ pair, onStep }: { pair: Pair; onStep: (by: 1 | -1) => void }) {
  useKeys({ Escape: () => setLarge(false) })
  return (
    <Comparison
      name={shownName(pair)}
      before={{ ...pair.a, label: 'A, before' }}
      after={{ ...pair.b, label: 'B, after' }}
      onStep={onStep}
    />
  )
}

function Pairs({ report }: { report: DatasetReport }) {
  const { filter, search, selected, large } = useStore(dataStore)
  const pairs = useMemo(() => filterPairs(report, filter, search), [report, filter, search])
  const index = pairs.findIndex((pair) => keyOf(pair) === selected)
  const pair = pairs[index]
  const step = (by: 1 | -1) => {
    const next = pairs[Math.min(pairs.length - 1, Math.max(0, index + by))]
    if (next) selectPair(keyOf(next))
  }
  if (report.pairs.length === 0)
    return <ChooseFolders canCancel={false} reason={report.findings[0]?.message ?? EMPTY} />
  if (pairs.length === 0)
    return (
      <EmptyState
        icon={SearchX}
        title="No pair matches"
        action={
          <Button onPress={() => dataStore.setState({ filter: 'all', search: '' })}>Show all pairs</Button>
        }
      >
        {search ? `No name contains "${search}" here.` : 'There is none of this kind.'}
      </EmptyState>
    )
  if (large && pair) return <LargePair pair={pair} onStep={step} />
  return <PairGrid pairs={pairs} report={report} selected={index} />
}

function Bar({ report }: { report: DatasetReport | null }) {
  const { filter, search, selected, large } = useStore(dataStore)
  if (!report) return <MiddleBar>{null}</MiddleBar>
  const count = filterPairs(report, filter, search).length
  const pair = report.pairs.find((known) => keyOf(known) === selected)
  const title = pair ? shownName(pair) : ''
  return (
    <MiddleBar>
      {large && selected ? (
        <>
          <Button variant="quiet" icon={ArrowLeft} onPress={() => setLarge(false)}>
            All pairs
          </Button>
          <span className="bar-title" title={title}>
            {title}
          </span>
        </>
      ) : (
        <>
          <SearchField
            className="search"
            aria-label="Search names"
            value={search}
            onChange={(next) => dataStore.setState({ search: next })}
          >
            <Input className="field-box field-input" placeholder="Search names" />
          </SearchField>
          <span className="bar-note">{formatAmount(count, 'pair')}</span>
        </>
      )}
    </MiddleBar>
  )
}

/** What the model will learn from: every pair in sight, what is wrong with them and what to do about it. */
export function DataView() {
  const project = useStore(shellStore, (state) => state.project)
  const report = useStore(dataStore, (state) => state.report)
  const choosing = useStore(dataStore, (state) => state.choosing)
  const ready = report.status === 'ready' ? report.value : null
  const isLoading = report.status === 'loading' || report.status === 'idle'
  return (
    <Workspace
      title="Data"
      leftLabel="Which pairs"
      left={<DataFilters report={ready} isLoading={isLoading} />}
      rightLabel="Inspector"
      right={<DataInspector report={ready} isLoading={isLoading} />}
    >
      <Bar report={ready} />
      <div className="middle-content">
        {choosing ? <ChooseFolders canCancel reason={CHANGE} /> : null}
        {ready && !choosing ? <Pairs report={ready} /> : null}
        {report.status === 'failed' && !choosing ? (
          <div className="middle-note">
            <RefusalNote
              refusal={report.refusal}
              action={
                <Button onPress={() => void (project && scanData(project.folder))}>
                  Read the folders again
                </Button>
              }
            />
          </div>
        ) : null}
        {isLoading ? <GridSkeleton /> : null}
      </div>
    </Workspace>
  )
}

function GridSkeleton() {
  return (
    <div className="pair-skeletons" role="status" aria-label="Reading the folders">
      {Array.from({ length: 12 }, (_, index) => (
        <Skeleton key={index} />
      ))}
    </div>
  )
}
