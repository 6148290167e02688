import { useVirtualizer } from '@tanstack/react-virtual'
import { ArrowDown, ArrowUp, Check, Star } from 'lucide-react'
import { useMemo, useRef } from 'react'
import { useStore } from 'zustand'
import { metrics } from '../../../core/evaluation/metrics.ts'
import type { MetricId } from '../../../core/evaluation/metrics.ts'
import { formatBytes, formatCount, formatScore } from '../../format.ts'
import { columnsOf, markedBest, nextSort, sortRows, statesStore } from '../../stores/states.ts'
import type { SortKey, StateRow } from '../../stores/states.ts'
import { betterWords, figureWords, sureWords } from './measureWords.ts'

const ROW_PX = 44

type HeadProps = { by: SortKey; title: string; help: string; children: string; note: string }

function SortHead({ by, title, help, children, note }: HeadProps) {
  const sort = useStore(statesStore, (state) => state.sort)
  const isSorted = sort.by === by
  const Arrow = sort.descending ? ArrowDown : ArrowUp
  return (
    <th scope="col" aria-sort={isSorted ? (sort.descending ? 'descending' : 'ascending') : 'none'}>
      <button
        type="button"
        className="state-head"
        title={help}
        aria-label={`Sort by ${title}`}
        onClick={() => statesStore.setState({ sort: nextSort(sort, by) })}
      >
        <span className="state-head-name">
          {isSorted ? <Arrow size={12} aria-hidden /> : null}
          {children}
        </span>
        <span className="state-head-note">{note}</span>
      </button>
    </th>
  )
}

function MetricHead({ metric }: { metric: MetricId }) {
  const { label, term, better, help } = metrics[metric]
  return (
    <SortHead by={metric} title={`${label}, ${betterWords[better]}`} help={`${label}. ${help}`} note={term}>
      {`${label} ${better === 'lower' ? '↓' : '↑'}`}
    </SortHead>
  )
}

function Figure({ row, metric, isBest }: { row: StateRow; metric: MetricId; isBest: boolean }) {
  const measured = row.measurements[metric]
  if (!measured || measured.value === null)
    return (
      <td className="state-untold" title={measured?.note ?? 'Not scored yet'}>
        <span aria-hidden>–</span>
        <span className="visually-hidden">{measured?.note ?? 'Not scored yet'}</span>
      </td>
    )
  return (
    <td className={isBest ? 'state-best' : ''}>
      <span className="state-value">
        {isBest ? (
          <>
            <Star size={12} aria-hidden />
            <span className="visually-hidden">Best: </span>
          </>
        ) : null}
        {figureWords(metric, measured.value)}
      </span>
      <span className="state-sure">{sureWords(measured)}</span>
    </td>
  )
}

type SideProps = { side: 'left' | 'right'; step: number; isChosen: boolean }

function SideChoice({ side, step, isChosen }: SideProps) {
  return (
    <td className="state-side">
      <label>
        <input
          type="radio"
          name={`state-${side}`}
          aria-label={`Step ${formatCount(step)} on the ${side}`}
          checked={isChosen}
          onChange={() =>
            statesStore.setState(side === 'left' ? { left: step, against: 'state' } : { right: step })
          }
        />
      </label>
    </td>
  )
}

function stateNote({ isSaved, whole, bytes }: StateRow): string {
  if (!isSaved) return 'no longer saved'
  return `${formatBytes(bytes)}${whole ? '' : ', generator only'}`
}

type StateTableProps = {
  rows: readonly StateRow[]
  modelStep: number | null
  left: number | null
  right: number | null
}

function useColumns(rows: readonly StateRow[]) {
  return useMemo(() => {
    const columns = columnsOf(rows)
    const best = Object.fromEntries(columns.map((metric) => [metric, markedBest(rows, metric)]))
    const showsTraining = !columns.includes('l1') && rows.some(({ validationL1 }) => validationL1 !== null)
    return { columns, best, showsTraining }
  }, [rows])
}

/** Saved states by figures, all on the same pictures that none of them has learned from. */
export function StateTable({ rows, modelStep, left, right }: StateTableProps) {
  const scroller = useRef<HTMLDivElement>(null)
  const sort = useStore(statesStore, (state) => state.sort)
  const sorted = useMemo(() => sortRows(rows, sort), [rows, sort])
  const { columns, best, showsTraining } = useColumns(rows)
  const virtual = useVirtualizer({
    count: sorted.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 6,
  })
  const shown = virtual.getVirtualItems()
  const above = shown[0]?.start ?? 0
  const below = virtual.getTotalSize() - (shown.at(-1)?.end ?? 0)
  return (
    <div
      ref={scroller}
      className="state-table"
      tabIndex={0}
      role="region"
      aria-label="Saved states and scores"
    >
      <table aria-rowcount={sorted.length + 1}>
        <thead>
          <tr>
            <th scope="col">Left</th>
            <th scope="col">Right</th>
            <SortHead by="step" title="step" help="How far the training was" note="size on disk">
              Saved state
            </SortHead>
            {showsTraining ? (
              <th scope="col" title="Measured on a few validation pictures while it trained">
                <span className="state-head-name">Difference ↓</span>
                <span className="state-head-note">L1 while training</span>
              </th>
            ) : null}
            {columns.map((metric) => (
              <MetricHead key={metric} metric={metric} />
            ))}
          </tr>
        </thead>
        <tbody>
          {above > 0 ? <tr aria-hidden style={{ height: above }} /> : null}
          {shown.map(({ index, key }) => {
            const row = sorted[index]
            if (!row) return null
            return (
              <tr key={key} aria-rowindex={index + 2} className={row.step === right ? 'state-shown' : ''}>
                <SideChoice side="left" step={row.step} isChosen={row.step === left} />
                <SideChoice side="right" step={row.step} isChosen={row.step === right} />
                <th scope="row">
                  <span className="state-value">
                    Step {formatCount(row.step)}
                    {row.step === modelStep ? (
                      <span className="picked-badge">
                        <Check size={12} aria-hidden /> In use
                      </span>
                    ) : null}
                  </span>
                  <span className="state-sure">{stateNote(row)}</span>
                </th>
                {showsTraining ? (
                  <td>{row.validationL1 === null ? '–' : formatScore(row.validationL1)}</td>
                ) : null}
                {columns.map((metric) => (
                  <Figure key={metric} row={row} metric={metric} isBest={best[metric] === row.step} />
                ))}
              </tr>
            )
          })}
          {below > 0 ? <tr aria-hidden style={{ height: below }} /> : null}
        </tbody>
      </table>
    </div>
  )
}
