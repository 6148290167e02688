import type uPlot from 'uplot'

export type Markers = { checkpoints: readonly number[]; findings: readonly number[] }

/** Saved states as ticks at the foot, findings as marks at the top with a faint line through the chart. */
export function drawMarkers(
  chart: uPlot,
  markers: Markers,
  colours: { checkpoint: string; warning: string },
): void {
  const { ctx, bbox } = chart
  const ratio = window.devicePixelRatio
  const xOf = (step: number) => Math.round(chart.valToPos(step, 'x', true))
  const isInside = (x: number) => x >= bbox.left && x <= bbox.left + bbox.width
  ctx.save()
  ctx.fillStyle = colours.checkpoint
  for (const x of markers.checkpoints.map(xOf).filter(isInside))
    ctx.fillRect(x - ratio / 2, bbox.top + bbox.height - 8 * ratio, ratio, 8 * ratio)
  ctx.fillStyle = colours.warning
  for (const x of markers.findings.map(xOf).filter(isInside)) {
    ctx.beginPath()
    ctx.moveTo(x - 4 * ratio, bbox.top)
    ctx.lineTo(x + 4 * ratio, bbox.top)
    ctx.lineTo(x, bbox.top + 7 * ratio)
    ctx.fill()
    ctx.globalAlpha = 0.3
    ctx.fillRect(x - ratio / 2, bbox.top, ratio, bbox.height)
    ctx.globalAlpha = 1
  }
  ctx.restore()
}
