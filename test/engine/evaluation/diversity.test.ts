import { describe, expect, it } from 'vitest'
import { randomUniform } from '../../../src/core/random.ts'
import { createDiversity } from '../../../src/engine/evaluation/diversity.ts'
import { meanAbsoluteError, type Plane } from '../../../src/engine/evaluation/metrics.ts'

const flat = (level: number, widthPx = 6, heightPx = 5): Plane => ({
  data: new Float32Array(widthPx * heightPx).fill(level),
  widthPx,
  heightPx,
  channels: 1,
})

const distance = (one: Plane, other: Plane) => Promise.resolve(meanAbsoluteError(one, other))

async function measure(pictures: Plane[]) {
  const diversity = createDiversity()
  for (const picture of pictures) diversity.add(picture)
  return diversity.measure(distance)
}

describe('diversity', () => {
  it('is the mean over all pairs of few pictures', async () => {
    const { value, low, high } = await measure([flat(0), flat(0.25), flat(1)])
    expect(value).toBeCloseTo((0.25 + 1 + 0.75) / 3, 6)
    expect(low as number).toBeLessThan(value)
    expect(high as number).toBeGreaterThan(value)
  })

  it('is zero where all look alike', async () => {
    expect(await measure(Array.from({ length: 60 }, () => flat(0.5)))).toEqual({ value: 0, low: 0, high: 0 })
  })

  it('of many pictures is close to that of all, the same each time, with an interval that holds it', async () => {
    const pictures = Array.from({ length: 500 }, (_, index) => flat(randomUniform(3, index)))
    const found = await measure(pictures)
    // Two uniform numbers are a third apart on average.
    expect(found.low as number).toBeLessThan(1 / 3)
    expect(found.high as number).toBeGreaterThan(1 / 3)
    expect((found.high as number) - (found.low as number)).toBeLessThan(0.25)
    expect(await measure(pictures)).toEqual(found)
  })

  it('compares pictures of different sizes at one size', async () => {
    const { value } = await measure([flat(0), flat(0.5, 9, 4), flat(1, 300, 280)])
    expect(value).toBeCloseTo(2 / 3, 5)
  })

  it('cannot be told of two pictures', async () => {
    expect((await measure([flat(0), flat(1)])).value).toBeNaN()
  })
})
