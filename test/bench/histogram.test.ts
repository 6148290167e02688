import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { createMatcher } from '../../bench/histogram.ts'
import type { Plane } from '../../src/engine/evaluation/metrics.ts'

const reference = JSON.parse(
  readFileSync(new URL('../reference/histogram.json', import.meta.url), 'utf8'),
) as { heightPx: number; widthPx: number; channels: number; values: number[] }
const { heightPx, widthPx, channels } = reference

/** The formula of test/reference/make_histogram.py. */
function picture(phase: number, power: number): Plane {
  const data = Float32Array.from({ length: heightPx * widthPx * channels }, (_, index) => {
    const [x, y] = [Math.floor(index / channels) % widthPx, Math.floor(index / channels / widthPx)]
    const wave = 0.5 + 0.5 * Math.sin(0.7 * x + 0.41 * y * ((index % channels) + 1) + phase + 0.03 * x * y)
    return Math.floor(255 * wave ** power + 0.5) / 255
  })
  return { data, heightPx, widthPx, channels }
}

it('matches histograms as scikit-image does', () => {
  const matched = createMatcher([picture(1, 3)])(picture(0, 1))
  expect(matched.data).toHaveLength(reference.values.length)
  reference.values.forEach((value, index) => {
    expect(Math.abs(255 * (matched.data[index] ?? NaN) - value)).toBeLessThan(1e-3)
  })
})

it('leaves a picture alone that has the distribution already, and takes several references as one', () => {
  const own = picture(0, 1)
  const unchanged = createMatcher([own, own])(own)
  own.data.forEach((value, index) => {
    expect(unchanged.data[index]).toBeCloseTo(value, 6)
  })
})
