import type { Distribution, JudgingSummary } from '../../../core/judging/events.ts'
import { formatScore } from '../../format.ts'

type VerdictHistogramProps = { summary: JudgingSummary; real: Distribution; made: Distribution }

/** Of the drawing, in its own units. */
const [WIDTH, HEIGHT] = [240, 72]

/** An end of the axis, without digits that say nothing: 0, 1, -3.2. */
const endWords = (value: number): string => String(Number(value.toPrecision(2)))

/** Bars of both heaps side by side in each bin, as shares of their heap, and the threshold where there is one. */
export function VerdictHistogram({ summary, real, made }: VerdictHistogramProps) {
  const { range, threshold } = summary
  const bins = real.histogram.length
  const sharesOf = ({ histogram, count }: Distribution) => histogram.map((one) => one / count)
  const heaps = [
    { name: 'real', shares: sharesOf(real) },
    { name: 'made', shares: sharesOf(made) },
  ] as const
  const most = Math.max(...heaps.flatMap(({ shares }) => shares))
  const step = WIDTH / bins
  const at = threshold === null ? null : ((threshold - range.low) / (range.high - range.low)) * WIDTH
  const words = `How scores lie from ${formatScore(range.low)} to ${formatScore(range.high)}: real pictures ${formatScore(real.mean)} on average, made ones ${formatScore(made.mean)}`
  return (
    <figure className="verdict-histogram">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={words}>
        {heaps.map(({ name, shares }, heap) =>
          shares.map((share, bin) => (
            <rect
              key={`${name} ${bin}`}
              className={`verdict-${name}`}
              x={bin * step + (heap * step) / 2}
              width={step / 2 - 0.5}
              y={HEIGHT - (share / most) * HEIGHT}
              height={(share / most) * HEIGHT}
            />
          )),
        )}
        {at === null ? null : <line className="verdict-threshold" x1={at} x2={at} y1={0} y2={HEIGHT} />}
      </svg>
      <figcaption>
        <span>{endWords(range.low)}</span>
        <span className="verdict-key">
          <span className="verdict-mark verdict-mark-real" aria-hidden /> real
          <span className="verdict-mark verdict-mark-made" aria-hidden /> made
          {threshold === null ? null : (
            <>
              <span className="verdict-mark-threshold" aria-hidden /> threshold {threshold}
            </>
          )}
        </span>
        <span>{endWords(range.high)}</span>
      </figcaption>
    </figure>
  )
}
