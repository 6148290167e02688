import { useVirtualizer } from '@tanstack/react-virtual'
import { Images } from 'lucide-react'
import { useEffect, useRef } from 'react'
import type { CSSProperties } from 'react'
import { Button as AriaButton } from 'react-aria-components'
import type { RunState } from '../../../core/project/project.ts'
import type { VisualDeclaration } from '../../../core/recipes/declaration.ts'
import { CellGrid, type Cell } from '../../components/CellGrid.tsx'
import { Picture } from '../../components/Picture.tsx'
import { EmptyState, Skeleton } from '../../components/States.tsx'
import { useSize } from '../../components/useSize.ts'
import type { Progress } from '../../stores/runs.ts'
import { inLines, layOutGallery, makesFromNothing } from './galleryLayout.ts'

type Items = Progress['samples'][number]['items']

type GalleryProps = {
  items: Items
  visuals: readonly VisualDeclaration[]
  isWaiting: boolean
  state: RunState
  onOpen: (index: number) => void
}

type LinesProps = {
  visuals: readonly VisualDeclaration[]
  columns: number
  /** null: nothing has come yet. */
  item: Items[number] | null
}

/** The pictures of one held-out picture, four beside each other; captioned where they go on below. */
function Lines({ visuals, columns, item }: LinesProps) {
  const lines = inLines(visuals, columns)
  const style = { gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))` }
  return lines.map((line) => (
    <span key={line[0]?.id} className="gallery-line" style={style}>
      {line.map(({ id, label }) => {
        const file = item?.visuals[id]
        return (
          <span key={id} className="gallery-cell">
            {file ? (
              <Picture file={file} alt={`${label}, ${item?.name ?? ''}`} sidePx={512} />
            ) : (
              <Skeleton className="gallery-skeleton-cell" />
            )}
            {lines.length > 1 ? (
              <span className="gallery-caption" title={label}>
                {label}
              </span>
            ) : null}
          </span>
        )
      })}
    </span>
  ))
}

function Rows({ items, visuals, onOpen }: Pick<GalleryProps, 'items' | 'visuals' | 'onOpen'>) {
  const list = useRef<HTMLDivElement>(null)
  const size = useSize(list)
  const { columns, rowPx } = layOutGallery(size?.widthPx ?? 640, visuals.length)
  const rows = useVirtualizer({
    count: items.length,
    getScrollElement: () => list.current?.parentElement ?? null,
    estimateSize: () => rowPx,
    overscan: 2,
  })
  useEffect(() => rows.measure(), [rows, rowPx])
  return (
    <div ref={list} className="gallery-space" style={{ height: rows.getTotalSize() }}>
      {rows.getVirtualItems().map(({ index, start }) => {
        const item = items[index]
        const style: CSSProperties = { transform: `translateY(${start}px)` }
        return item ? (
          <AriaButton
            key={item.name}
            className="gallery-row"
            style={style}
            aria-label={`Compare ${item.name}`}
            onPress={() => onOpen(index)}
          >
            <Lines visuals={visuals} columns={columns} item={item} />
          </AriaButton>
        ) : null
      })}
    </div>
  )
}

const heapShape = { leastPx: 112, heightShare: 1 }

function heapCell(item: Items[number], made: VisualDeclaration): Cell {
  const file = item.visuals[made.id]
  // A class is the folder that a picture lies in.
  const folder = item.name.split('/').at(-2) ?? ''
  return {
    key: item.name,
    label: `${made.label}, ${item.name}`,
    content: (
      <>
        <span className="cell-pictures">
          {file ? (
            <Picture file={file} alt="" sidePx={320} />
          ) : (
            <Skeleton className="gallery-skeleton-cell" />
          )}
        </span>
        <span className="cell-caption">
          <span className="cell-name">{folder}</span>
        </span>
      </>
    ),
  }
}

/** What a recipe makes from nothing, with its class where it has one; a click compares it with a real picture. */
function Heap({ items, made, onOpen }: Pick<GalleryProps, 'items' | 'onOpen'> & { made: VisualDeclaration }) {
  return (
    <CellGrid
      label="Made by the model"
      items={items}
      shape={heapShape}
      selected={-1}
      cellOf={(item) => heapCell(item, made)}
      onSelect={(item) => onOpen(items.indexOf(item))}
      onOpen={() => onOpen(0)}
    />
  )
}

/** Rows are held-out pictures, columns what the recipe shows of them. Only those in sight cost anything. */
export function Gallery({ items, visuals, isWaiting, state, onOpen }: GalleryProps) {
  const { columns, lines } = layOutGallery(640, visuals.length)
  if (isWaiting && state !== 'new' && state !== 'running')
    return (
      <EmptyState icon={Images} title="No pictures yet">
        This run stopped before its first held-out pictures were rendered. Resume it to see them.
      </EmptyState>
    )
  const [made] = visuals
  if (made && !isWaiting && makesFromNothing(visuals))
    return <Heap items={items} made={made} onOpen={onOpen} />
  return (
    <div className="gallery" tabIndex={0} role="region" aria-label="Held-out pictures">
      {lines === 1 ? (
        <div
          className="gallery-head"
          style={{ gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))` }}
          aria-hidden
        >
          {visuals.map(({ id, label }) => (
            <span key={id}>{label}</span>
          ))}
        </div>
      ) : null}
      {isWaiting ? (
        <div className="gallery-space">
          {[0, 1, 2].map((row) => (
            <div key={row} className="gallery-waiting">
              <Lines visuals={visuals} columns={columns} item={null} />
            </div>
          ))}
        </div>
      ) : (
        <Rows items={items} visuals={visuals} onOpen={onOpen} />
      )}
    </div>
  )
}
