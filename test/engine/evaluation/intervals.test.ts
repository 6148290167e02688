import { describe, expect, it } from 'vitest'
import { randomGaussian, randomUniform } from '../../../src/core/random.ts'
import {
  bootstrapInterval,
  jackknifeInterval,
  meanOf,
  wilsonInterval,
} from '../../../src/engine/evaluation/intervals.ts'
import type { Interval } from '../../../src/engine/evaluation/intervals.ts'

const covers = ({ low, high }: Interval, truth: number) =>
  (low as number) <= truth && truth <= (high as number)

/** The share of 200 repetitions whose interval holds the truth. */
function coverage(intervalOf: (repetition: number) => Interval, truth: number): number {
  return (
    Array.from({ length: 200 }, (_, repetition) => covers(intervalOf(repetition), truth)).filter(Boolean)
      .length / 200
  )
}

describe('intervals hold the truth about 95 times of 100', () => {
  it('bootstrap of a mean', () => {
    const share = coverage(
      (seed) => bootstrapInterval(Array.from({ length: 40 }, (_, index) => 3 + randomGaussian(seed, index))),
      3,
    )
    expect(share).toBeGreaterThan(0.89)
  })

  it('jackknife of a difference of squared means', () => {
    const share = coverage((seed) => {
      const draw = (side: number, mean: number) =>
        Array.from({ length: 60 }, (_, index) => mean + randomGaussian(seed, side, index))
      const [one, two] = [draw(1, 2), draw(2, 1)]
      const figure = (a: number[], b: number[]) => meanOf(a) ** 2 - meanOf(b) ** 2
      return jackknifeInterval(figure(one, two), [
        one.map((_, index) => figure(one.toSpliced(index, 1), two)),
        two.map((_, index) => figure(one, two.toSpliced(index, 1))),
      ])
    }, 3)
    expect(share).toBeGreaterThan(0.89)
    expect(share).toBeLessThan(1)
  })

  it("Wilson's of a share", () => {
    const share = coverage((seed) => {
      const hits = Array.from({ length: 50 }, (_, index) => randomUniform(seed, index)).filter(
        (draw) => draw < 0.9,
      )
      return wilsonInterval(hits.length, 50)
    }, 0.9)
    expect(share).toBeGreaterThan(0.89)
  })
})

it("gives Wilson's published values, and stays within 0 and 1", () => {
  const { low, high } = wilsonInterval(0, 10)
  expect([low, high]).toEqual([0, expect.closeTo(0.2775, 4)])
  expect(wilsonInterval(10, 10).high).toBeCloseTo(1, 12)
})

it('repeats itself, and tells nothing of a single value', () => {
  const values = [1, 5, 2, 8, 3]
  expect(bootstrapInterval(values)).toEqual(bootstrapInterval(values))
  expect(bootstrapInterval([4])).toEqual({ low: null, high: null })
  expect(jackknifeInterval(1, [[1]])).toEqual({ low: null, high: null })
  expect(wilsonInterval(0, 0)).toEqual({ low: null, high: null })
})
