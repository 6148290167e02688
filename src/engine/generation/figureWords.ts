import type { Measurement } from '../../core/evaluation/events.ts'
import { figureInWords } from '../../core/evaluation/figureInWords.ts'
import { metrics } from '../../core/evaluation/metrics.ts'
import { sharesInWords, worthInWords, type SetFigures, type SetWorth } from '../../core/generation/figures.ts'
import { countInWords } from '../../core/words.ts'
import { markdownRow } from './table.ts'

const splitWords = {
  test: 'kept back for the test',
  val: 'kept back for validation',
  train: 'that the model may have learned from, since none were kept back',
} as const

/** The figure, or why there is none. */
function measured({ metric, value, low, high, note }: Measurement): string {
  return value === null ? (note ?? 'not told') : figureInWords(metric, { value, low, high })
}

function tableOf(heads: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  return [heads, heads.map(() => '---'), ...rows].map(markdownRow).join('\n')
}

function looksOf({ scores, byClass }: SetFigures): string {
  const rows = scores.map((one) => {
    const { label, term, better } = metrics[one.metric]
    return [
      `${label} (${term}, ${better} is better)`,
      measured(one),
      one.count,
      one.value === null ? '' : (one.note ?? ''),
    ]
  })
  const all = tableOf(['figure', 'value, 95% interval', 'pictures', 'note'], rows)
  if (byClass.length === 0) return all
  const classes = byClass.map((one) => [one.label, ...one.scores.map(measured), one.scores[0]?.count ?? 0])
  return `${all}\n\n${tableOf(['class', 'precision', 'recall', 'pictures'], classes)}`
}

function balanceOf({ balance }: SetFigures): string {
  if (balance.length === 0) return ''
  const rows = balance.map(({ label, real, made }) => [label, real, made, real + made])
  return `\n### Balance\n\n${tableOf(['class', 'real', 'made', 'both'], rows)}\n`
}

function worthOf({ worth, worthNote }: SetFigures): string {
  if (worth === null) return `Not told: ${worthNote ?? ''}`
  const { classes, lessons } = worth
  const rows = lessons.map(({ from, pictures, accuracy }) => [from, pictures, sharesInWords(accuracy)])
  const recalls = classes.map((name, label) => [
    name,
    ...lessons.map(({ recall }) => sharesInWords(recall[label] ?? [])),
  ])
  return `${worthInWords(worth)}

${tableOf(['learned from', 'pictures', 'accuracy'], rows)}

Recall, class by class:

${tableOf(['class', ...lessons.map(({ from }) => from)], recalls)}

${howOf(worth)}`
}

function howOf({ steps, seeds, sidePx, scored }: SetWorth): string {
  return `Two convolutions and two dense layers on squares of ${sidePx} px; ${steps} steps of up to 64 pictures for each, seeds ${seeds.join(', ')}; mean (least to most) over the seeds; scored on ${countInWords(scored, 'real picture')} that neither learned from.`
}

/** The part of the card that tells the figures. */
export function figuresSection(figures: SetFigures): string {
  const { real, nearest } = figures
  const whose = real.origin === 'run' ? 'of the run that trained the model' : 'of the folder that was named'
  return `## Figures

Beside real pictures ${whose}: ${countInWords(real.compared, 'picture')} ${splitWords[real.split]}. How each figure is made stands in Diptych's docs/metrics.md.

${looksOf(figures)}
${balanceOf(figures)}
### Nearest training pictures

Of ${countInWords(real.train, 'real picture')} the nearest to each made one is named in labels.csv. Its mean difference of brightness, of 1, is ${nearest.least.toFixed(4)} at least and ${nearest.median.toFixed(4)} in the median. The closest are shown in closest.png, the made one on the left: look whether any is a copy.

### What it is worth for training

${worthOf(figures)}`
}
