import type { WindowEvent } from '../../core/contract/index.ts'
import type { Refusal } from '../../core/errors.ts'
import type { FileHandle } from '../../core/files.ts'

export type TranslationEvent = Extract<WindowEvent, { kind: 'translate' }>['event']

/** One picture of a batch. */
export type Item = {
  input: FileHandle
  state: 'waiting' | 'working' | 'done' | 'skipped' | 'failed'
  /** Of its tiles, while working. */
  share: number
  output: FileHandle | null
  sizePx: { widthPx: number; heightPx: number } | null
  reason: string
  refusal: Refusal | null
}

export function newItem(input: FileHandle): Item {
  return { input, state: 'waiting', share: 0, output: null, sizePx: null, reason: '', refusal: null }
}

/** The batch lists its pictures itself: its word on which file an index is goes before ours. */
function placeItem(items: readonly Item[], index: number, input: FileHandle, change: Partial<Item>): Item[] {
  const byFile = items.findIndex((item) => item.input.id === input.id)
  const at = byFile >= 0 ? byFile : index
  const next = [...items]
  while (next.length <= at) next.push(newItem(input))
  next[at] = { ...newItem(input), ...change }
  return next
}

/** The next state of a batch's pictures: a pure function of its events. */
export function reduceItems(items: readonly Item[], event: TranslationEvent): readonly Item[] {
  switch (event.type) {
    case 'translate-started':
      return items.map((item) => newItem(item.input))
    case 'tile':
      return items.map((item, index) =>
        index === event.index
          ? { ...item, state: 'working', share: event.tile / Math.max(1, event.tiles) }
          : item,
      )
    case 'translated':
      return placeItem(items, event.index, event.input, {
        state: 'done',
        share: 1,
        output: event.output,
        sizePx: { widthPx: event.widthPx, heightPx: event.heightPx },
      })
    case 'item-skipped':
      return placeItem(items, event.index, event.input, {
        state: 'skipped',
        output: event.output,
        reason: event.reason,
      })
    case 'item-failed':
      return placeItem(items, event.index, event.input, { state: 'failed', refusal: event.refusal })
    case 'translate-done':
    case 'translate-failed':
      return items.map((item) => (item.state === 'working' ? { ...item, state: 'waiting', share: 0 } : item))
  }
}

export function countItems(items: readonly Item[]): Record<Item['state'], number> {
  const counts = { waiting: 0, working: 0, done: 0, skipped: 0, failed: 0 }
  for (const item of items) counts[item.state] += 1
  return counts
}
