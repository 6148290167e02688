import { describe, expect, it } from 'vitest'
import { bilateralFilter, medianFilter } from '../../bench/filters.ts'
import { randomGaussian } from '../../src/core/random.ts'
import type { Plane } from '../../src/engine/evaluation/metrics.ts'

/** Two shades side by side, with noise. */
function step(widthPx: number, heightPx: number, noise: number): Plane {
  const data = Float32Array.from(
    { length: widthPx * heightPx * 3 },
    (_, index) =>
      (Math.floor(index / 3) % widthPx < widthPx / 2 ? 0.3 : 0.7) + noise * randomGaussian(1, index),
  )
  return { data, widthPx, heightPx, channels: 3 }
}

function deviation(one: Plane, other: Plane): number {
  const sum = one.data.reduce((total, value, at) => total + (value - (other.data[at] ?? NaN)) ** 2, 0)
  return Math.sqrt(sum / one.data.length)
}

describe('filters', () => {
  const clean = step(24, 16, 0)
  const noisy = step(24, 16, 0.05)

  it('take noise away and keep the edge', () => {
    for (const filtered of [medianFilter(noisy, 1), bilateralFilter(noisy, 2, 0.15)]) {
      expect(deviation(filtered, clean)).toBeLessThan(0.6 * deviation(noisy, clean))
      // A blur as wide would leave half of the step there.
      const [left, right] = [11, 12].map((x) => filtered.data[(8 * 24 + x) * 3] ?? NaN)
      expect((right ?? NaN) - (left ?? NaN)).toBeGreaterThan(0.3)
    }
  })

  it('median: a lone speck vanishes, and the middle of nine values is right', () => {
    const speck: Plane = {
      ...clean,
      data: clean.data.map((value, at) => (at === (8 * 24 + 4) * 3 ? 1 : value)),
    }
    expect(medianFilter(speck, 1).data).toEqual(medianFilter(clean, 1).data)
    const nine: Plane = {
      data: Float32Array.from([5, 1, 9, 3, 7, 2, 8, 4, 6]),
      widthPx: 3,
      heightPx: 3,
      channels: 1,
    }
    expect(medianFilter(nine, 1).data[4]).toBe(5)
  })

  it('bilateral: with no care for colour it is a Gaussian mean, with all care it is the picture', () => {
    expect(deviation(bilateralFilter(noisy, 1, 1e-4), noisy)).toBeLessThan(1e-6)
    const point: Plane = { data: new Float32Array(81), widthPx: 9, heightPx: 9, channels: 1 }
    point.data[40] = 1
    const { data } = bilateralFilter(point, 1, 1e6)
    expect((data[41] ?? NaN) / (data[40] ?? NaN)).toBeCloseTo(Math.exp(-0.5), 6)
    expect((data[50] ?? NaN) / (data[40] ?? NaN)).toBeCloseTo(Math.exp(-1), 6)
  })
})
