import { useVirtualizer } from '@tanstack/react-virtual'
import { TriangleAlert } from 'lucide-react'
import { useEffect, useId, useRef } from 'react'
import type { KeyboardEvent } from 'react'
import { Picture } from '../../components/Picture.tsx'
import { useSize } from '../../components/useSize.ts'
import { findingsOf, keyOf, selectPair, setLarge, shownName } from '../../stores/data.ts'
import type { DatasetReport, Pair } from '../../stores/data.ts'

const GAP_PX = 12
const LEAST_CELL_PX = 216
const CAPTION_PX = 28
const splitWords = { train: 'Training', val: 'Validation', test: 'Test' }

/** Columns that fit, and the size of one cell: two squares and a caption. */
export function layOutGrid(widthPx: number): { columns: number; cellPx: number; rowPx: number } {
  const columns = Math.max(1, Math.floor((widthPx + GAP_PX) / (LEAST_CELL_PX + GAP_PX)))
  const cellPx = (widthPx - GAP_PX * (columns - 1)) / columns
  return { columns, cellPx, rowPx: Math.round(cellPx / 2) + CAPTION_PX + GAP_PX }
}

/** Where an arrow key leads in a grid, staying inside it. */
export function moveInGrid(index: number, key: string, columns: number, length: number): number {
  const by = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns }[key] ?? 0
  if (key === 'Home') return 0
  if (key === 'End') return length - 1
  const next = Math.max(0, index) + by
  return next < 0 || next >= length ? index : index < 0 ? 0 : next
}

type CellProps = {
  pair: Pair
  id: string
  isSelected: boolean
  findings: number
  place: number
  total: number
}

function PairCell({ pair, id, isSelected, findings, place, total }: CellProps) {
  return (
    <div
      id={id}
      role="option"
      aria-selected={isSelected}
      aria-posinset={place + 1}
      aria-setsize={total}
      aria-label={`${shownName(pair)}, ${splitWords[pair.split]}${findings > 0 ? `, ${findings} findings` : ''}`}
      className="pair-cell"
      onClick={() => selectPair(keyOf(pair))}
      onDoubleClick={() => setLarge(true)}
    >
      <span className="pair-pictures">
        <Picture file={pair.a.file} region={pair.a.region} alt="" sidePx={320} />
        <Picture file={pair.b.file} region={pair.b.region} alt="" sidePx={320} />
      </span>
      <span className="pair-caption">
        <span className="pair-name" title={shownName(pair)}>
          {shownName(pair)}
        </span>
        {findings > 0 ? <TriangleAlert size={16} aria-hidden className="pair-flag" /> : null}
        <span className="pair-split">{splitWords[pair.split]}</span>
      </span>
    </div>
  )
}

type PairGridProps = { pairs: readonly Pair[]; report: DatasetReport; selected: number }

/** Thousands of pairs cost as much as those in sight. */
export function PairGrid({ pairs, report, selected }: PairGridProps) {
  const scroller = useRef<HTMLDivElement>(null)
  const size = useSize(scroller)
  const baseId = useId()
  const { columns, cellPx, rowPx } = layOutGrid(size?.widthPx ?? 720)
  const rows = useVirtualizer({
    count: Math.ceil(pairs.length / columns),
    getScrollElement: () => scroller.current,
    estimateSize: () => rowPx,
    overscan: 3,
    paddingStart: 12,
    paddingEnd: 12,
  })
  useEffect(() => rows.measure(), [rows, rowPx, columns])
  useEffect(() => {
    if (selected >= 0) rows.scrollToIndex(Math.floor(selected / columns), { align: 'auto' })
  }, [rows, selected, columns])
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && selected >= 0) setLarge(true)
    else if (/^(Arrow|Home|End)/.test(event.key)) {
      const next = pairs[moveInGrid(selected, event.key, columns, pairs.length)]
      if (next) selectPair(keyOf(next))
    } else return
    event.preventDefault()
  }
  return (
    <div
      ref={scroller}
      className="pair-grid"
      role="listbox"
      tabIndex={0}
      aria-label="Pairs"
      aria-activedescendant={selected >= 0 ? `${baseId}-${selected}` : undefined}
      onKeyDown={onKeyDown}
    >
      <div role="presentation" className="pair-grid-space" style={{ height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map((row) => (
          <div
            key={row.key}
            role="presentation"
            className="pair-row"
            style={{
              transform: `translateY(${row.start}px)`,
              gridTemplateColumns: `repeat(${columns}, ${cellPx}px)`,
            }}
          >
            {pairs.slice(row.index * columns, (row.index + 1) * columns).map((pair, column) => {
              const place = row.index * columns + column
              return (
                <PairCell
                  key={keyOf(pair)}
                  id={`${baseId}-${place}`}
                  pair={pair}
                  isSelected={place === selected}
                  findings={findingsOf(pair, report.findings).length}
                  place={place}
                  total={pairs.length}
                />
              )
            })}
          </div>
        ))}
      </div>
    </div>
  )
}
