import { useEffect, useMemo, useRef } from 'react'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { useStore } from 'zustand'
import type { LossDeclaration } from '../../../core/recipes/declaration.ts'
import { useSize } from '../../components/useSize.ts'
import { formatCount } from '../../format.ts'
import type { Progress } from '../../stores/runs.ts'
import { shellStore } from '../../stores/shell.ts'
import { chartData } from './chartData.ts'
import { drawMarkers } from './chartMarkers.ts'
import type { Markers } from './chartMarkers.ts'
import type { Readout } from './Losses.tsx'

/** As many colours as tokens.css has; more losses begin again with the first. */
export const SERIES_COLOURS = 8

type LossChartProps = {
  progress: Progress
  losses: readonly LossDeclaration[]
  hidden: ReadonlySet<string>
  weight: number
  /** Counts how often the whole was asked for. */
  zooms: number
  onReadout: (readout: Readout) => void
}

function colours(element: Element, count: number) {
  const style = getComputedStyle(element)
  const token = (name: string) => style.getPropertyValue(name).trim()
  return {
    series: Array.from({ length: count }, (_, index) => token(`--series-${index % SERIES_COLOURS}`)),
    text: token('--text-3'),
    line: token('--line'),
    warning: token('--warning'),
    checkpoint: token('--text-3'),
  }
}

function seriesOf(losses: readonly LossDeclaration[], palette: readonly string[]): uPlot.Series[] {
  const line = (index: number, isRaw: boolean): uPlot.Series => ({
    stroke: palette[index] ?? 'grey',
    width: isRaw ? 1 : 1.75,
    alpha: isRaw ? 0.22 : 1,
    points: { show: false },
    spanGaps: false,
  })
  return [{}, ...losses.map((_, index) => line(index, true)), ...losses.map((_, index) => line(index, false))]
}

/** Steps are whole: 1, 2, 5, 10, ... */
const stepIncrements = [0, 1, 2, 3, 4, 5, 6].flatMap((power) => [1, 2, 5].map((digit) => digit * 10 ** power))

/** A logarithmic scale has nine lines a decade: one is enough to read by. */
function onlyPowersOfTen(_: uPlot, splits: number[]): (number | null)[] {
  return splits.map((value) => (Number.isInteger(Math.log10(value)) ? value : null))
}

function makeChart(
  host: HTMLElement,
  losses: readonly LossDeclaration[],
  markers: () => Markers,
  tell: (readout: Readout) => void,
): uPlot {
  const palette = colours(host, losses.length)
  const axis = {
    stroke: palette.text,
    font: '12px Inter, system-ui, sans-serif',
    grid: { stroke: palette.line, width: 1 },
    ticks: { show: false },
  }
  return new uPlot(
    {
      width: host.clientWidth,
      height: host.clientHeight,
      legend: { show: false },
      padding: [8, 12, 0, 0],
      scales: { x: { time: false }, y: { distr: 3 } },
      axes: [
        {
          ...axis,
          size: 28,
          space: 80,
          incrs: stepIncrements,
          values: (_, splits) => splits.map(formatCount),
        },
        {
          ...axis,
          grid: { ...axis.grid, filter: onlyPowersOfTen },
          size: 48,
          values: (_, splits) =>
            splits.map((value) => (value === null ? '' : String(Number(value.toPrecision(2))))),
        },
      ],
      cursor: { y: false, points: { size: 6 }, drag: { x: true, y: false } },
      series: seriesOf(losses, palette.series),
      hooks: {
        drawClear: [(chart) => drawMarkers(chart, markers(), palette)],
        setCursor: [(chart) => tell(readAt(chart, losses.length))],
      },
    },
    [[], ...losses.flatMap(() => [[], []])],
    host,
  )
}

/** The smoothed values under the crosshair. */
function readAt(chart: uPlot, count: number): Readout {
  const index = chart.cursor.idx
  const step = index === null || index === undefined ? undefined : chart.data[0][index]
  if (step === undefined || index === null || index === undefined) return null
  return {
    step,
    values: Array.from({ length: count }, (_, loss) => chart.data[1 + count + loss]?.[index] ?? null),
  }
}

/** Steps across, losses up on a logarithmic scale, saved states and findings as marks. Drag to zoom, double-click for all. */
export function LossChart({ progress, losses, hidden, weight, zooms, onReadout }: LossChartProps) {
  const host = useRef<HTMLDivElement>(null)
  const chart = useRef<uPlot | null>(null)
  const size = useSize(host)
  const theme = useStore(shellStore, ({ shownTheme }) => shownTheme)
  const markers = useRef<Markers>({ checkpoints: [], findings: [] })
  const tell = useRef(onReadout)
  const ids = useMemo(() => losses.map(({ id }) => id), [losses])
  const data = useMemo(() => chartData(progress.metrics, ids, weight), [progress.metrics, ids, weight])
  useEffect(() => {
    tell.current = onReadout
    markers.current = {
      checkpoints: progress.checkpoints.map(({ step }) => step),
      findings: progress.findings.map(({ step }) => step),
    }
  })
  useEffect(() => {
    if (!host.current) return undefined
    const made = makeChart(
      host.current,
      losses,
      () => markers.current,
      (readout) => tell.current(readout),
    )
    chart.current = made
    return () => made.destroy()
  }, [losses, theme])
  useEffect(() => {
    const isZoomed = chart.current ? zoomedIn(chart.current) : false
    chart.current?.setData(data, !isZoomed)
    if (isZoomed) chart.current?.redraw()
  }, [data, theme])
  useEffect(() => {
    if (size && size.widthPx > 0) chart.current?.setSize({ width: size.widthPx, height: size.heightPx })
  }, [size, theme])
  useEffect(() => {
    for (const [index, id] of ids.entries())
      for (const series of [1 + index, 1 + ids.length + index])
        chart.current?.setSeries(series, { show: !hidden.has(id) })
  }, [hidden, ids, theme])
  useEffect(() => {
    const known = chart.current
    if (zooms > 0 && known) known.setData(known.data, true)
  }, [zooms])
  return (
    <div className="loss-chart">
      <div
        ref={host}
        className="loss-chart-host"
        role="img"
        aria-label="Losses over steps. The same numbers can be shown as a table."
      />
      {progress.metrics.length === 0 ? (
        <p className="loss-chart-empty">The first losses come with the first steps.</p>
      ) : null}
    </div>
  )
}

function zoomedIn(chart: uPlot): boolean {
  const steps = chart.data[0]
  const { min, max } = chart.scales['x'] ?? {}
  const first = steps[0]
  const last = steps.at(-1)
  if (first === undefined || last === undefined || min === undefined || max === undefined) return false
  return min > first || max < last
}
