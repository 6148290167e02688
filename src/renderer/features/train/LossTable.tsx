import type { LossDeclaration } from '../../../core/recipes/declaration.ts'
import type { MetricPoint } from '../../../core/training/reducer.ts'
import { formatCount, formatScore } from '../../format.ts'
import { thinIndices } from '../../smoothing.ts'

const ROWS = 200

/** The same numbers for those who cannot see the chart: evenly thinned, newest first. */
export function LossTable({
  metrics,
  losses,
}: {
  metrics: readonly MetricPoint[]
  losses: readonly LossDeclaration[]
}) {
  const rows = thinIndices(metrics.length, ROWS).reverse()
  return (
    <div className="loss-table" tabIndex={0} role="region" aria-label="Losses as a table">
      <table>
        <thead>
          <tr>
            <th scope="col">Step</th>
            {losses.map(({ id, label }) => (
              <th key={id} scope="col" title={label}>
                {id}
              </th>
            ))}
            <th scope="col">Learning rate</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((index) => {
            const point = metrics[index]
            if (!point) return null
            return (
              <tr key={point.step}>
                <th scope="row">{formatCount(point.step)}</th>
                {losses.map(({ id }) => (
                  <td key={id}>{point.losses[id] === undefined ? '' : formatScore(point.losses[id])}</td>
                ))}
                <td>{point.learningRate.toExponential(1)}</td>
              </tr>
            )
          })}
        </tbody>
      </table>
    </div>
  )
}
