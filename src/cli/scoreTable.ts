import type { EvaluationRow, Measurement } from '../core/evaluation/events.ts'
import { figureInWords } from '../core/evaluation/figureInWords.ts'
import { metricIds, metrics, type MetricId } from '../core/evaluation/metrics.ts'
import { countInWords } from '../core/words.ts'

/** One line of a table: a saved state, or a folder. */
export type ScoredLine = { label: string; measurements: readonly Measurement[] }

const GAP = '  '

function find({ measurements }: ScoredLine, id: MetricId): Measurement | undefined {
  return measurements.find(({ metric }) => metric === id)
}

/** A dash where it could not be told. */
function cellOf(measurement: Measurement | undefined): string {
  if (!measurement || measurement.value === null) return '-'
  const { metric, value, low, high } = measurement
  return figureInWords(metric, { value, low, high })
}

/** The best value of a column; null where there is nothing to compare. */
function bestOf(lines: readonly ScoredLine[], id: MetricId): number | null {
  const values = lines.flatMap((line) => find(line, id)?.value ?? [])
  if (values.length < 2) return null
  return metrics[id].better === 'lower' ? Math.min(...values) : Math.max(...values)
}

function countOf(lines: readonly ScoredLine[], id: MetricId): string {
  const count = Math.max(0, ...lines.map((line) => find(line, id)?.count ?? 0))
  return countInWords(count, metrics[id].compares === 'pairs' ? 'pair' : 'picture')
}

/** A column: its heading in two lines, and a cell a line; the best is marked. */
function columnOf(lines: readonly ScoredLine[], id: MetricId): string[] {
  const { term, unit, better } = metrics[id]
  const best = bestOf(lines, id)
  const cells = lines.map((line) => {
    const found = find(line, id)
    const isBest = best !== null && found?.value === best
    return `${cellOf(found)}${isBest ? ' *' : ''}`
  })
  const about = [unit, better, countOf(lines, id)].filter(Boolean).join(', ')
  return [term, about, ...cells]
}

function padded(column: readonly string[]): string[] {
  const width = Math.max(...column.map((cell) => cell.length))
  return column.map((cell) => cell.padEnd(width))
}

/** Columns side by side, as many as fit; the others in further tables under the same labels. */
function arrange(labels: readonly string[], columns: readonly string[][], widthPx: number): string[] {
  const first = padded(['', '', ...labels])
  const blocks: string[][][] = []
  let room = 0
  for (const column of columns.map(padded)) {
    const width = GAP.length + (column[0]?.length ?? 0)
    const block = blocks.at(-1)
    if (block && width <= room) block.push(column)
    else blocks.push([column])
    room = (block && width <= room ? room : widthPx - (first[0]?.length ?? 0)) - width
  }
  return blocks.map((block) =>
    first
      .map((label, row) => [label, ...block.map((column) => column[row] ?? '')].join(GAP).trimEnd())
      .join('\n'),
  )
}

/** Why figures are missing or to be doubted, each sentence once, with the metrics that it is said of. */
function notesOf(lines: readonly ScoredLine[]): string[] {
  const said = new Map<string, Set<string>>()
  for (const { label, measurements } of lines)
    for (const { metric, note } of measurements) {
      if (note === null) continue
      const everywhere = lines.every((line) => find(line, metric)?.note === note)
      const where = `${metrics[metric].term}${everywhere || lines.length === 1 ? '' : ` at ${label}`}`
      said.set(note, (said.get(note) ?? new Set()).add(where))
    }
  return [...said].map(([note, where]) => `${[...where].join(', ')}: ${note}`)
}

/**
 * Scores as a table for a terminal: a line a state, a column a metric, the best of each column marked.
 * @param columns how many characters fit beside each other
 */
export function scoreTable(lines: readonly ScoredLine[], columns: number): string {
  const shown = metricIds.filter((id) => lines.some((line) => find(line, id)))
  const tables = arrange(
    lines.map(({ label }) => label),
    shown.map((id) => columnOf(lines, id)),
    columns,
  )
  const key = `In brackets: the interval that holds the true figure 19 times in 20.${lines.length > 1 ? ' * best of its column; where intervals overlap widely, the pictures decide.' : ''}`
  return [...tables, [key, ...notesOf(lines)].join('\n')].join('\n\n')
}

export function linesOf(rows: readonly EvaluationRow[], modelStep: number | null): ScoredLine[] {
  return rows.map(({ step, measurements }) => ({
    label: `step ${step}${step === modelStep ? ' (the model)' : ''}`,
    measurements,
  }))
}
