/** How many pictures stand beside each other before a row goes on below. */
export const MOST_COLUMNS = 4
const GAP_PX = 4
const CAPTION_PX = 20
const ROW_GAP_PX = 12
const MOST_WIDTH_PX = 900

/** Pictures that a recipe makes from nothing have no partner to stand beside: they are shown as a heap. */
export const makesFromNothing = (visuals: readonly { side: 'a' | 'b' }[]) =>
  visuals.every(({ side }) => side === 'b')

export function inLines<T>(entries: readonly T[], columns: number): T[][] {
  return Array.from({ length: Math.ceil(entries.length / columns) }, (_, line) =>
    entries.slice(line * columns, (line + 1) * columns),
  )
}

/** Square pictures in lines; with more than one line each picture needs a caption of its own. */
export function layOutGallery(
  widthPx: number,
  visuals: number,
): { columns: number; lines: number; rowPx: number } {
  const columns = Math.max(1, Math.min(MOST_COLUMNS, visuals))
  const lines = Math.max(1, Math.ceil(visuals / columns))
  const cellPx = (Math.min(widthPx, MOST_WIDTH_PX) - GAP_PX * (columns - 1)) / columns
  const linePx = cellPx + (lines > 1 ? CAPTION_PX : 0)
  return { columns, lines, rowPx: Math.round(lines * linePx + GAP_PX * (lines - 1) + ROW_GAP_PX) }
}
