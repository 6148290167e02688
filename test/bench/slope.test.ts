import { expect, it } from 'vitest'
import { slopeOf } from '../../bench/slope.ts'
import { randomGaussian } from '../../src/core/random.ts'

/** Memory that comes in blocks: each point keeps most of the noise of the one before. */
function series(seed: number, slope: number, echo: number): [number, number][] {
  let noise = 0
  return Array.from({ length: 90 }, (_, at) => {
    noise = echo * noise + randomGaussian(seed, at)
    return [200 + 20 * at, 1000 + slope * at * 20 + noise]
  })
}

it('finds the slope of a line', () => {
  const { slope, least, most } = slopeOf([0, 1, 2, 3, 4].map((at) => [at, 7 + 0.5 * at]))
  expect([slope, least, most]).toEqual([0.5, 0.5, 0.5])
})

it.each([0, 0.8])(
  'seldom calls level what grows, or growing what is level: neighbours alike by %d',
  (echo) => {
    const seeds = Array.from({ length: 200 }, (_, seed) => seed)
    const isGrowing = (slope: number) => (seed: number) => slopeOf(series(seed, slope, echo)).least > 0
    expect(seeds.filter(isGrowing(0)).length / seeds.length).toBeLessThan(0.08)
    expect(seeds.filter(isGrowing(0.01)).length / seeds.length).toBeGreaterThan(0.95)
  },
)
