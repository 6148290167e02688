import { describe, expect, it } from 'vitest'
import { randomUniform } from '../../../src/core/random.ts'
import { applyLinearMap, fitLinearMap } from '../../../src/engine/evaluation/linearMap.ts'
import { meanAbsoluteError, type Plane } from '../../../src/engine/evaluation/metrics.ts'

function noise(seed: number, channels: number, sidePx = 24): Plane {
  const data = Float32Array.from({ length: sidePx * sidePx * channels }, (_, index) =>
    randomUniform(seed, index),
  )
  return { data, widthPx: sidePx, heightPx: sidePx, channels }
}

const truth = {
  inputs: 3,
  outputs: 2,
  rows: [
    [0.3, 0.2, 0.1, 0.15],
    [-0.2, 0.5, 0.1, 0.3],
  ],
}

describe('the best per-pixel linear map', () => {
  it('finds the map that made the data', () => {
    const pairs = [1, 2, 3].map((seed) => ({ a: noise(seed, 3), b: applyLinearMap(truth, noise(seed, 3)) }))
    const map = fitLinearMap(pairs, 1)
    map.rows.forEach((row, output) =>
      row.forEach((value, column) => expect(value).toBeCloseTo(truth.rows[output]?.[column] ?? NaN, 4)),
    )
  })

  it('is not moved by a quarter of wild outliers, as least squares would be', () => {
    const a = noise(7, 3)
    const b = applyLinearMap(truth, a)
    for (let pixel = 0; pixel < 24 * 24; pixel += 4) b.data[pixel * 2] = 1
    const map = fitLinearMap([{ a, b }], 1, 60)
    expect(map.rows[0]?.[0]).toBeCloseTo(0.3, 2)
  })

  it('has an absolute error no nudge of a weight improves', () => {
    const a = noise(3, 3)
    const b = noise(4, 2)
    const map = fitLinearMap([{ a, b }], 1, 80)
    const best = meanAbsoluteError(applyLinearMap(map, a), b)
    for (const nudge of [-0.02, 0.02])
      for (let column = 0; column < 4; column += 1) {
        const rows = map.rows.map((row) => row.map((value, k) => (k === column ? value + nudge : value)))
        expect(meanAbsoluteError(applyLinearMap({ ...map, rows }, a), b)).toBeGreaterThan(best - 1e-4)
      }
  })
})
