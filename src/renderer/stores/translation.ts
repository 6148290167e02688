import type { WindowEvent, WindowRequest } from '../../core/contract/index.ts'
import type { Refusal } from '../../core/errors.ts'
import type { FileHandle } from '../../core/files.ts'

export type TranslationEvent = Extract<WindowEvent, { kind: 'translate' }>['event']

export type Variant = { file: FileHandle; number: number; styleSeed: number }

/** One picture of a batch. */
export type Item = {
  input: FileHandle
  state: 'waiting' | 'working' | 'done' | 'skipped' | 'failed'
  /** Of its tiles, while working. */
  share: number
  /** What is shown and handed out; of several variants the one that was picked. */
  output: FileHandle | null
  /** All answers to it that are there, where it gets several. */
  variants: readonly Variant[]
  sizePx: { widthPx: number; heightPx: number } | null
  reason: string
  refusal: Refusal | null
}

export function newItem(input: FileHandle): Item {
  return {
    ...{ input, state: 'waiting', share: 0, output: null, variants: [] },
    ...{ sizePx: null, reason: '', refusal: null },
  }
}

type Ended = Extract<TranslationEvent, { type: 'translated' | 'item-skipped' | 'item-failed' }>

/** Its place among the pictures; results are told picture by picture. */
function pictureOf({ index, variant }: Ended | Extract<TranslationEvent, { type: 'tile' }>): number {
  return Math.floor(index / (variant?.of ?? 1))
}

/** The batch lists its pictures itself: its word on which file one is goes before ours. */
function placeItem(items: readonly Item[], event: Ended, change: Partial<Item>): Item[] {
  const byFile = items.findIndex((item) => item.input.id === event.input.id)
  const at = byFile >= 0 ? byFile : pictureOf(event)
  const next = [...items]
  while (next.length <= at) next.push(newItem(event.input))
  next[at] = { ...newItem(event.input), ...change, ...amongVariants(next[at], event) }
  return next
}

/** A picture that gets several variants is done with the last of them; the first stays picked until another is. */
function amongVariants(before: Item | undefined, event: Ended): Partial<Item> {
  const { variant } = event
  if (!variant || !before) return {}
  const { number, of, styleSeed } = variant
  const isOver = number >= of
  const known = before.variants.filter((one) => one.number !== number)
  const refusal = event.type === 'item-failed' ? event.refusal : before.refusal
  const variants =
    event.type === 'item-failed' ? before.variants : [...known, { file: event.output, number, styleSeed }]
  return {
    variants,
    output: before.output ?? variants[0]?.file ?? null,
    refusal,
    share: number / of,
    ...(!isOver && { state: 'working' }),
    ...(isOver && refusal && { state: 'failed' }),
  }
}

/** Of all that a picture gets. */
function shareOf({ tile, tiles, variant }: Extract<TranslationEvent, { type: 'tile' }>): number {
  const share = tile / Math.max(1, tiles)
  return variant ? (variant.number - 1 + share) / variant.of : share
}

/** Another variant of a picture is picked: it is the one that is shown and handed out. */
export function pickVariant(items: readonly Item[], at: number, { file }: Variant): Item[] {
  return items.map((item, index) => (index === at ? { ...item, output: file } : item))
}

type ExportItem = WindowRequest<'export:write'>['items'][number]

/** What is handed out: the picked result of each picture, or all of its variants. */
export function exportItemsOf(items: readonly Item[], isAll: boolean): ExportItem[] {
  return items.flatMap(({ input, output, variants }): ExportItem[] => {
    if (isAll && variants.length > 0)
      return variants.map(({ file, ...variant }) => ({ before: input, after: file, variant }))
    return output ? [{ before: input, after: output }] : []
  })
}

/** The next state of a batch's pictures: a pure function of its events. */
export function reduceItems(items: readonly Item[], event: TranslationEvent): readonly Item[] {
  switch (event.type) {
    case 'translate-started':
      return items.map((item) => newItem(item.input))
    case 'tile':
      return items.map((item, index) =>
        index === pictureOf(event) ? { ...item, state: 'working', share: shareOf(event) } : item,
      )
    case 'translated':
      return placeItem(items, event, {
        state: 'done',
        share: 1,
        output: event.output,
        sizePx: { widthPx: event.widthPx, heightPx: event.heightPx },
      })
    case 'item-skipped':
      return placeItem(items, event, {
        state: 'skipped',
        output: event.output,
        reason: event.reason,
      })
    case 'item-failed':
      return placeItem(items, event, { state: 'failed', refusal: event.refusal })
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
