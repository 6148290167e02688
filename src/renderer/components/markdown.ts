/** What the guide is written in: a small, safe part of Markdown. It becomes data, never HTML. */
export type Inline = { kind: 'text' | 'strong' | 'emphasis' | 'code' | 'link'; text: string }
export type Block =
  | { kind: 'heading'; level: number; inlines: Inline[] }
  | { kind: 'paragraph'; inlines: Inline[] }
  | { kind: 'list'; ordered: boolean; items: Inline[][] }
  | { kind: 'code'; text: string }
  | { kind: 'table'; head: Inline[][]; rows: Inline[][][] }

const INLINE = /(`[^`]+`|\*\*[^*]+\*\*|\*[^*]+\*|_[^_]+_|\[[^\]]+\]\([^)]*\))/

export function parseInlines(text: string): Inline[] {
  return text
    .split(INLINE)
    .filter((part) => part !== '')
    .map((part): Inline => {
      if (part.startsWith('`') && part.length > 2) return { kind: 'code', text: part.slice(1, -1) }
      if (part.startsWith('**') && part.length > 4) return { kind: 'strong', text: part.slice(2, -2) }
      if (/^(\*.+\*|_.+_)$/.test(part)) return { kind: 'emphasis', text: part.slice(1, -1) }
      const link = /^\[([^\]]+)\]\([^)]*\)$/.exec(part)
      return link?.[1] ? { kind: 'link', text: link[1] } : { kind: 'text', text: part }
    })
}

const cells = (line: string) =>
  line
    .trim()
    .replace(/^\||\|$/g, '')
    .split('|')
    .map((cell) => parseInlines(cell.trim()))

function takeWhile(lines: readonly string[], from: number, test: (line: string) => boolean): string[] {
  let to = from
  while (to < lines.length && test(lines[to] ?? '')) to += 1
  return lines.slice(from, to)
}

const BULLET = /^\s*[-*] +/
const NUMBER = /^\s*\d+\. +/

/** One block beginning at a line, and how many lines it took. */
function parseBlock(lines: readonly string[], at: number): { block: Block; taken: number } {
  const line = lines[at] ?? ''
  if (line.startsWith('```')) {
    const inside = takeWhile(lines, at + 1, (next) => !next.startsWith('```'))
    return { block: { kind: 'code', text: inside.join('\n') }, taken: inside.length + 2 }
  }
  const heading = /^(#{1,4}) +(.*)$/.exec(line)
  if (heading)
    return {
      block: { kind: 'heading', level: heading[1]?.length ?? 1, inlines: parseInlines(heading[2] ?? '') },
      taken: 1,
    }
  if (line.trimStart().startsWith('|')) {
    const rows = takeWhile(lines, at, (next) => next.trimStart().startsWith('|'))
    const body = rows.slice(1).filter((row) => !/^[\s|:-]+$/.test(row))
    return { block: { kind: 'table', head: cells(rows[0] ?? ''), rows: body.map(cells) }, taken: rows.length }
  }
  if (BULLET.test(line) || NUMBER.test(line)) return parseList(lines, at)
  const words = takeWhile(
    lines,
    at,
    (next) => next.trim() !== '' && !/^(#|```|\|)/.test(next) && !BULLET.test(next),
  )
  return {
    block: { kind: 'paragraph', inlines: parseInlines(words.join(' ')) },
    taken: Math.max(1, words.length),
  }
}

function parseList(lines: readonly string[], at: number): { block: Block; taken: number } {
  const ordered = NUMBER.test(lines[at] ?? '')
  const marker = ordered ? NUMBER : BULLET
  const rows = takeWhile(
    lines,
    at,
    (next) => marker.test(next) || (/^\s+\S/.test(next) && next.trim() !== ''),
  )
  const items: string[] = []
  for (const row of rows) {
    if (marker.test(row)) items.push(row.replace(marker, ''))
    else items[items.length - 1] += ` ${row.trim()}`
  }
  return { block: { kind: 'list', ordered, items: items.map(parseInlines) }, taken: rows.length }
}

export function parseMarkdown(markdown: string): Block[] {
  const lines = markdown.replace(/<!--[\s\S]*?-->/g, '').split(/\r?\n/)
  const blocks: Block[] = []
  let at = 0
  while (at < lines.length) {
    if ((lines[at] ?? '').trim() === '') {
      at += 1
      continue
    }
    const { block, taken } = parseBlock(lines, at)
    blocks.push(block)
    at += taken
  }
  return blocks
}
