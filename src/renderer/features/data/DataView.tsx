import { ArrowLeft, SearchX } from 'lucide-react'
import { SearchField, Input } from 'react-aria-components'
import { useStore } from 'zustand'
import { Button } from '../../components/Button.tsx'
import { EmptyState, RefusalNote, Skeleton } from '../../components/States.tsx'
import { MiddleBar, Workspace } from '../../components/Workspace.tsx'
import { formatAmount } from '../../format.ts'
import {
  countShown,
  dataStore,
  entryWord,
  filterPairs,
  findSingle,
  isEmpty,
  keyOf,
  scanData,
  setLarge,
  shownName,
} from '../../stores/data.ts'
import type { DatasetReport } from '../../stores/data.ts'
import { shellStore } from '../../stores/shell.ts'
import { ChooseFolders } from './ChooseFolders.tsx'
import { DataFilters } from './DataFilters.tsx'
import { DataInspector } from './DataInspector.tsx'
import { LargePair, LargeSingle } from './LargeEntry.tsx'
import { PairGrid } from './PairGrid.tsx'
import { UnpairedColumns } from './UnpairedColumns.tsx'

const CHANGE = 'Runs that were trained on the present pictures stay as they are.'
const EMPTY = 'A project learns from pictures: pairs, two heaps of any pictures, or one folder of good ones.'

/** What is selected, as the title above it. */
function useSelected(report: DatasetReport | null) {
  const selected = useStore(dataStore, (state) => state.selected)
  const single = report ? findSingle(report, selected) : undefined
  const pair = single ? undefined : report?.pairs.find((known) => keyOf(known) === selected)
  return { selected, pair, single }
}

function Entries({ report }: { report: DatasetReport }) {
  const { filter, search, label, large } = useStore(dataStore)
  const { selected, pair, single } = useSelected(report)
  const word = entryWord(report)
  if (isEmpty(report))
    return <ChooseFolders canCancel={false} reason={report.findings[0]?.message ?? EMPTY} />
  if (countShown(report, { filter, search, label }) === 0)
    return (
      <EmptyState
        icon={SearchX}
        title={`No ${word} matches`}
        action={
          <Button onPress={() => dataStore.setState({ filter: 'all', search: '', label: null })}>
            Show all {word}s
          </Button>
        }
      >
        {search ? `No name contains "${search}" here.` : 'There is none of this kind.'}
      </EmptyState>
    )
  if (large && single && selected) return <LargeSingle report={report} selected={selected} />
  if (large && pair) return <LargePair report={report} pair={pair} />
  if (report.unpaired) return <UnpairedColumns report={report} />
  const pairs = filterPairs(report, filter, search)
  const index = pairs.findIndex((known) => keyOf(known) === selected)
  return <PairGrid pairs={pairs} report={report} selected={index} />
}

function Bar({ report }: { report: DatasetReport | null }) {
  const { filter, search, label, large } = useStore(dataStore)
  const { pair, single } = useSelected(report)
  const chosen = pair ?? single
  if (!report) return <MiddleBar>{null}</MiddleBar>
  const word = entryWord(report)
  const title = chosen ? shownName(chosen) : ''
  return (
    <MiddleBar>
      {large && chosen ? (
        <>
          <Button variant="quiet" icon={ArrowLeft} onPress={() => setLarge(false)}>
            All {word}s
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
          <span className="bar-note">
            {formatAmount(countShown(report, { filter, search, label }), word)}
          </span>
        </>
      )}
    </MiddleBar>
  )
}

/** What the model will learn from: every picture in sight, what is wrong with them and what to do about it. */
export function DataView() {
  const project = useStore(shellStore, (state) => state.project)
  const report = useStore(dataStore, (state) => state.report)
  const choosing = useStore(dataStore, (state) => state.choosing)
  const ready = report.status === 'ready' ? report.value : null
  const isLoading = report.status === 'loading' || report.status === 'idle'
  return (
    <Workspace
      title="Data"
      leftLabel="Which pictures"
      left={<DataFilters report={ready} isLoading={isLoading} />}
      rightLabel="Inspector"
      right={<DataInspector report={ready} isLoading={isLoading} />}
    >
      <Bar report={ready} />
      <div className="middle-content">
        {choosing ? <ChooseFolders canCancel reason={CHANGE} /> : null}
        {ready && !choosing ? <Entries report={ready} /> : null}
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
