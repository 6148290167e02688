import { createHash } from 'node:crypto'
import type { Scores } from './metrics.ts'
import { type ChartPoint, drawChart } from './reportChart.ts'

export type ReportRow = { label: string; note: string; scores: Scores }
/** `before` is null for a picture that was made from noise; `real` and `scores` are for one without a true partner. */
export type ReportPicture = {
  name: string
  before: string | null
  made: string
  real: string | null
  scores: Scores | null
}
export type ReportContent = {
  project: string
  recipe: string
  facts: readonly { label: string; value: string }[]
  rows: readonly ReportRow[]
  /** Test pictures in all; `pictures` may be fewer. */
  total: number
  pictures: readonly ReportPicture[]
  losses: readonly { label: string; points: readonly ChartPoint[] }[]
}

const SCRIPT = `for (const slider of document.querySelectorAll('input[type=range]'))
  slider.addEventListener('input', () => slider.closest('.pair').style.setProperty('--cut', slider.value + '%'))`

const STYLE = `
:root { color-scheme: light dark; --surface: #f6f6f6; --card: #fff; --line: #d9d9d9; --text: #1c1c1c; --quiet: #5f5f5f; --accent: #2458c5 }
@media (prefers-color-scheme: dark) { :root { --surface: #1b1b1b; --card: #242424; --line: #3a3a3a; --text: #ededed; --quiet: #a6a6a6; --accent: #7fa7f5 } }
* { box-sizing: border-box }
body { margin: 0; background: var(--surface); color: var(--text); font: 13px/1.5 system-ui, sans-serif; font-variant-numeric: tabular-nums }
main { max-width: 1120px; margin: 0 auto; padding: 32px 24px }
h1 { font-size: 28px; font-weight: 600; margin: 0 0 4px } h2 { font-size: 20px; font-weight: 600; margin: 32px 0 12px }
p { margin: 0 0 12px; color: var(--quiet); max-width: 70ch }
dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(200px, 1fr)); gap: 12px; margin: 16px 0 0 }
dt { color: var(--quiet); font-size: 12px } dd { margin: 0; font-size: 15px; overflow-wrap: anywhere }
table { border-collapse: collapse; width: 100%; background: var(--card); border: 1px solid var(--line) }
th, td { text-align: right; padding: 8px 12px; border-bottom: 1px solid var(--line) } th:first-child, td:first-child { text-align: left }
td small { display: block; color: var(--quiet); font-weight: 400 } tr:first-of-type td { font-weight: 600 }
.pairs { display: grid; grid-template-columns: repeat(auto-fill, minmax(320px, 1fr)); gap: 24px 16px }
.pair { --cut: 50%; margin: 0 } .pair figcaption { display: flex; justify-content: space-between; gap: 12px; margin-top: 4px } .pair figcaption span { color: var(--quiet) }
.stack { position: relative; border-radius: 6px; overflow: hidden; background: var(--line) } .stack img { display: block; width: 100% }
.stack img + img { position: absolute; inset: 0; clip-path: inset(0 0 0 var(--cut)) }
input[type=range] { width: 100%; accent-color: var(--accent); margin: 8px 0 0; height: 28px }
.three { display: grid; grid-template-columns: repeat(3, 1fr); gap: 4px; margin-top: 4px } .three img { width: 100%; border-radius: 4px; display: block } .three span { font-size: 12px; color: var(--quiet) }
.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(320px, 1fr)); gap: 16px } .chart { margin: 0; background: var(--card); border: 1px solid var(--line); border-radius: 6px; padding: 12px }
.chart figcaption span { color: var(--quiet); font-size: 12px; float: right } .chart svg { width: 100%; display: block } polyline { fill: none; stroke: var(--accent); stroke-width: 1.5 } .raw { opacity: .25; stroke-width: 1 }`

export function escapeHtml(text: string): string {
  const named: Record<string, string> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  }
  return text.replace(/[&<>"']/g, (character) => named[character] ?? character)
}

function scoreCells({ l1, psnr, ssim }: Scores): string {
  return `<td>${l1.toFixed(4)}</td><td>${psnr.toFixed(2)}</td><td>${ssim.toFixed(4)}</td>`
}

function pictureFigure({ name, before, made, real, scores }: ReportPicture): string {
  const label = escapeHtml(name)
  const shown: [string | null, string][] = [
    [before, 'Before'],
    [made, 'Made'],
    [real, 'True'],
  ]
  const small = shown.flatMap(([source, title]) =>
    source === null ? [] : [`<div><img src="${source}" alt=""><span>${title}</span></div>`],
  )
  if (before === null)
    return `<figure class="pair"><div class="stack"><img src="${made}" alt="Made by the model, of the class of ${label}"></div></figure>`
  const figures = scores ? `<span>L1 ${scores.l1.toFixed(4)}, SSIM ${scores.ssim.toFixed(3)}</span>` : ''
  return `<figure class="pair"><div class="stack"><img src="${before}" alt="${label}, before"><img src="${made}" alt="${label}, made by the model"></div>
<input type="range" min="0" max="100" value="50" aria-label="Before and after of ${label}">
<div class="three">${small.join('')}</div>
<figcaption>${label}${figures}</figcaption></figure>`
}

function scoreTable(rows: readonly ReportRow[]): string {
  if (rows.length === 0)
    return '<p>No test picture has a true partner, so there is nothing to measure the made pictures against one by one.</p>'
  return `<h2>How close it comes to the true pictures</h2>
<table><thead><tr><th></th><th>L1 (lower is better)</th><th>PSNR in dB (higher)</th><th>SSIM (higher)</th></tr></thead><tbody>
${rows.map((row) => `<tr><td>${escapeHtml(row.label)}<small>${escapeHtml(row.note)}</small></td>${scoreCells(row.scores)}</tr>`).join('\n')}
</tbody></table>`
}

/** One self-contained page: no file beside it, no request to anywhere, one script named by its hash. */
export function renderReport(content: ReportContent): string {
  const hash = createHash('sha256').update(SCRIPT).digest('base64')
  const title = `${escapeHtml(content.project)}: before and after`
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-${hash}'">
<title>${title}</title><style>${STYLE}</style></head><body><main>
<h1>${title}</h1>
<p>${escapeHtml(content.recipe)}. Every picture below is of the test set: the model never saw it, and the saved state was chosen without it.</p>
<dl>${content.facts.map(({ label, value }) => `<div><dt>${escapeHtml(label)}</dt><dd>${escapeHtml(value)}</dd></div>`).join('')}</dl>
${scoreTable(content.rows)}
<h2>${content.pictures.some(({ before }) => before) ? 'Before and after' : 'What it makes'}</h2>${content.pictures.length < content.total ? `<p>The first ${content.pictures.length} of ${content.total} test pictures.</p>` : ''}<div class="pairs">${content.pictures.map(pictureFigure).join('\n')}</div>
<h2>How it learned</h2><div class="charts">${content.losses.map(({ label, points }) => drawChart(escapeHtml(label), points)).join('\n')}</div>
</main><script>${SCRIPT}</script></body></html>
`
}
