import { useVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useId, useRef } from 'react'
import type { KeyboardEvent, ReactNode } from 'react'
import { useSize } from './useSize.ts'

const GAP_PX = 12
const CAPTION_PX = 28

/** How a cell is shaped: the least width of it, and the height of its pictures as a share of its width. */
export type CellShape = { leastPx: number; heightShare: number }

/** Columns that fit, and the size of one cell: its pictures and a caption. */
export function layOutGrid(
  widthPx: number,
  { leastPx, heightShare }: CellShape,
): { columns: number; cellPx: number; rowPx: number } {
  const columns = Math.max(1, Math.floor((widthPx + GAP_PX) / (leastPx + GAP_PX)))
  const cellPx = (widthPx - GAP_PX * (columns - 1)) / columns
  return { columns, cellPx, rowPx: Math.round(cellPx * heightShare) + CAPTION_PX + GAP_PX }
}

/** Where an arrow key leads in a grid, staying inside it. */
export function moveInGrid(index: number, key: string, columns: number, length: number): number {
  const by = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns }[key] ?? 0
  if (key === 'Home') return 0
  if (key === 'End') return length - 1
  const next = Math.max(0, index) + by
  return next < 0 || next >= length ? index : index < 0 ? 0 : next
}

/** What a cell owes to a screen reader; the grid spreads the rest. */
export type Cell = { key: string; label: string; content: ReactNode }

type CellGridProps<T> = {
  label: string
  items: readonly T[]
  shape: CellShape
  /** Index of the selected item, -1 for none. */
  selected: number
  cellOf: (item: T) => Cell
  onSelect: (item: T) => void
  onOpen: () => void
}

/** Thousands of cells cost as much as those in sight. */
export function CellGrid<T>({ label, items, shape, selected, cellOf, onSelect, onOpen }: CellGridProps<T>) {
  const scroller = useRef<HTMLDivElement>(null)
  const size = useSize(scroller)
  const baseId = useId()
  const { columns, cellPx, rowPx } = layOutGrid(size?.widthPx ?? 720, shape)
  const rows = useVirtualizer({
    count: Math.ceil(items.length / columns),
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
    if (event.key === 'Enter' && selected >= 0) onOpen()
    else if (/^(Arrow|Home|End)/.test(event.key)) {
      const next = items[moveInGrid(selected, event.key, columns, items.length)]
      if (next) onSelect(next)
    } else return
    event.preventDefault()
  }
  const cell = (item: T, place: number) => {
    const { key, label: name, content } = cellOf(item)
    return (
      <div
        key={key}
        id={`${baseId}-${place}`}
        role="option"
        aria-selected={place === selected}
        aria-posinset={place + 1}
        aria-setsize={items.length}
        aria-label={name}
        className="cell"
        onClick={() => onSelect(item)}
        onDoubleClick={onOpen}
      >
        {content}
      </div>
    )
  }
  return (
    <div
      ref={scroller}
      className="cell-grid"
      role="listbox"
      tabIndex={0}
      aria-label={label}
      aria-activedescendant={selected >= 0 ? `${baseId}-${selected}` : undefined}
      onKeyDown={onKeyDown}
    >
      <div role="presentation" className="cell-grid-space" style={{ height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map((row) => (
          <div
            key={row.key}
            role="presentation"
            className="cell-row"
            style={{
              transform: `translateY(${row.start}px)`,
              gridTemplateColumns: `repeat(${columns}, ${cellPx}px)`,
            }}
          >
            {items
              .slice(row.index * columns, (row.index + 1) * columns)
              .map((item, column) => cell(item, row.index * columns + column))}
          </div>
        ))}
      </div>
    </div>
  )
}
