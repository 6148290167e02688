/** The losses of a run as one small inline SVG a loss: a faint raw line under a smoothed one. */
export type ChartPoint = { step: number; value: number }

const WIDTH = 360
const HEIGHT = 120
const SMOOTHING = 0.95

function smooth(points: readonly ChartPoint[]): ChartPoint[] {
  let mean = 0
  let weight = 0
  return points.map(({ step, value }) => {
    mean = SMOOTHING * mean + (1 - SMOOTHING) * value
    weight = SMOOTHING * weight + (1 - SMOOTHING)
    return { step, value: mean / weight }
  })
}

function lineOf(points: readonly ChartPoint[], lastStep: number, highest: number): string {
  return points
    .map(({ step, value }) => {
      const x = (step / lastStep) * WIDTH
      const y = HEIGHT - (Math.min(value, highest) / highest) * (HEIGHT - 4)
      return `${x.toFixed(1)},${y.toFixed(1)}`
    })
    .join(' ')
}

/** @param points in order of their steps; the top of the chart is the 98th percentile, so that one spike hides nothing */
export function drawChart(title: string, points: readonly ChartPoint[]): string {
  if (points.length === 0) return ''
  const sorted = points.map((point) => point.value).sort((a, b) => a - b)
  const highest = (sorted[Math.floor(sorted.length * 0.98)] ?? 1) || 1
  const lastStep = points.at(-1)?.step ?? 1
  return `<figure class="chart"><figcaption>${title} <span>0 to ${highest.toPrecision(3)}, step ${lastStep.toLocaleString('en-GB')}</span></figcaption>
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${title}"><polyline class="raw" points="${lineOf(points, lastStep, highest)}"/><polyline class="smooth" points="${lineOf(smooth(points), lastStep, highest)}"/></svg></figure>`
}
