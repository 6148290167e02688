import { useVirtualizer } from '@tanstack/react-virtual'
import {
  CircleAlert,
  CircleCheck,
  CircleDashed,
  FolderOpen,
  ImagePlus,
  SkipForward,
  Trash2,
} from 'lucide-react'
import { useEffect, useId, useRef } from 'react'
import type { KeyboardEvent } from 'react'
import { useStore } from 'zustand'
import { IconButton } from '../../components/Button.tsx'
import { Picture } from '../../components/Picture.tsx'
import { Progress, SkeletonLines } from '../../components/States.tsx'
import { formatAmount } from '../../format.ts'
import { isLive, jobsStore } from '../../stores/jobs.ts'
import { chooseInputFolder, choosePictures, setInputs, translateStore } from '../../stores/translate.ts'
import type { Item } from '../../stores/translation.ts'

const ROW_PX = 48
const icons = {
  waiting: CircleDashed,
  working: CircleDashed,
  done: CircleCheck,
  skipped: SkipForward,
  failed: CircleAlert,
}

function itemWords(item: Item): string {
  if (item.state === 'failed') return 'Failed'
  if (item.state === 'skipped') return item.reason || 'Skipped'
  return { waiting: 'Waiting', working: 'Working', done: 'Done' }[item.state]
}

type RowProps = { item: Item; id: string; isSelected: boolean; topPx: number; onSelect: () => void }

function Row({ item, id, isSelected, topPx, onSelect }: RowProps) {
  const Icon = icons[item.state]
  return (
    <div
      id={id}
      role="option"
      aria-selected={isSelected}
      className={`item-row item-${item.state}`}
      style={{ transform: `translateY(${topPx}px)` }}
      onClick={onSelect}
    >
      <span className="item-thumb">
        <Picture file={item.input} alt="" sidePx={96} />
      </span>
      <span className="pick-words">
        <span className="pick-label" title={item.input.name}>
          {item.input.name}
        </span>
        {item.state === 'working' ? (
          <Progress label={`Progress of ${item.input.name}`} done={item.share} total={1} />
        ) : (
          <span className="pick-detail" title={itemWords(item)}>
            {itemWords(item)}
          </span>
        )}
      </span>
      <Icon size={16} aria-hidden className="item-icon" />
    </div>
  )
}

function Rows({ items, selected }: { items: readonly Item[]; selected: number }) {
  const scroller = useRef<HTMLDivElement>(null)
  const baseId = useId()
  const rows = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 8,
  })
  useEffect(() => rows.scrollToIndex(selected, { align: 'auto' }), [rows, selected])
  const select = (index: number) => translateStore.setState({ selected: index })
  const onKeyDown = (event: KeyboardEvent) => {
    const by = { ArrowDown: 1, ArrowUp: -1, ArrowRight: 1, ArrowLeft: -1 }[event.key]
    if (by === undefined) return
    event.preventDefault()
    select(Math.min(items.length - 1, Math.max(0, selected + by)))
  }
  return (
    <div
      ref={scroller}
      className="item-list"
      role="listbox"
      tabIndex={0}
      aria-label="Pictures"
      aria-activedescendant={`${baseId}-${selected}`}
      onKeyDown={onKeyDown}
    >
      <div role="presentation" className="item-space" style={{ height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map(({ index, start }) => {
          const item = items[index]
          return item ? (
            <Row
              key={`${item.input.id} ${index}`}
              id={`${baseId}-${index}`}
              item={item}
              isSelected={index === selected}
              topPx={start}
              onSelect={() => select(index)}
            />
          ) : null
        })}
      </div>
    </div>
  )
}

/** Every picture of the batch with what became of it. */
export function ItemList() {
  const { items, selected, listing, job } = useStore(translateStore)
  const isBusy = useStore(jobsStore, ({ jobs }) => {
    const known = job === null ? undefined : jobs[job]
    return known !== undefined && isLive(known)
  })
  return (
    <>
      <div className="panel-head list-head">
        <h2>{items.length === 0 ? 'Pictures' : formatAmount(items.length, 'picture')}</h2>
        <span className="list-tools">
          <IconButton
            label="Add pictures"
            icon={ImagePlus}
            onPress={() => void choosePictures()}
            isDisabled={isBusy}
          />
          <IconButton
            label="Add a folder"
            icon={FolderOpen}
            onPress={() => void chooseInputFolder()}
            isDisabled={isBusy}
          />
          <IconButton
            label="Clear the list"
            icon={Trash2}
            onPress={() => void setInputs([])}
            isDisabled={isBusy || items.length === 0}
          />
        </span>
      </div>
      {listing && items.length === 0 ? <SkeletonLines count={6} /> : null}
      {items.length > 0 ? <Rows items={items} selected={selected} /> : null}
      {items.length === 0 && !listing ? (
        <p className="panel-words">What you drop or choose is listed here.</p>
      ) : null}
    </>
  )
}
