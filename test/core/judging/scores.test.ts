import { describe, expect, it } from 'vitest'
import {
  accuracyOf,
  areaUnderCurve,
  distributionOf,
  positionOf,
  rangeOf,
  scoreOfLogit,
  scoreOfMap,
  thresholdOf,
  verdictInWords,
} from '../../../src/core/judging/scores.ts'
import { randomUniform } from '../../../src/core/random.ts'

const draw = (count: number, seed: number, shift = 0) =>
  Array.from({ length: count }, (_, index) => Math.round(20 * (randomUniform(seed, index) + shift)) / 20)

describe('a score', () => {
  it('is the chance that a logit stands for, and 0.5 at a logit of 0', () => {
    expect(scoreOfLogit('vanilla', 0)).toBe(0.5)
    expect(scoreOfLogit('hinge', Math.log(3))).toBeCloseTo(0.75, 12)
    expect(scoreOfLogit('vanilla', -1000)).toBe(0)
  })

  it('of least squares is the mean of what it gives, kept within its targets', () => {
    expect(scoreOfMap('lsgan', [0.25, 0.75, 2, 0])).toBe(0.75)
    expect(scoreOfMap('lsgan', [3, 0])).toBe(1)
    expect(scoreOfMap('lsgan', [-3, 0])).toBe(0)
  })

  it('of a critic is what it gives, without a threshold', () => {
    expect(scoreOfMap('wgan', [scoreOfLogit('wgan', -7), 3])).toBe(-2)
    expect(thresholdOf('wgan')).toBeNull()
    expect(positionOf(-2, { made: -4, real: 4 })).toBe(0.25)
    expect(positionOf(1, { made: 1, real: 1 })).toBeNull()
  })
})

describe('a distribution', () => {
  it('counts every score once, at its ends too', () => {
    const scores = [0, 0.049, 0.5, 0.51, 1]
    const found = distributionOf(scores, 0.5, rangeOf('vanilla', scores))!
    expect(found.histogram.map((count, bin) => [bin, count]).filter(([, count]) => count! > 0)).toEqual([
      [0, 2],
      [10, 2],
      [19, 1],
    ])
    expect(found.shareOver).toBe(0.6)
    expect(found.mean).toBeCloseTo(2.059 / 5, 12)
  })

  it('has the deciles of an even row, and a range of its own where the judge is a critic', () => {
    const scores = Array.from({ length: 101 }, (_, index) => index - 50).reverse()
    const found = distributionOf(scores, null, rangeOf('wgan', scores))!
    expect(found.deciles).toEqual([-40, -30, -20, -10, 0, 10, 20, 30, 40])
    expect(found.histogram.reduce((sum, count) => sum + count)).toBe(101)
    expect(found.shareOver).toBeNull()
  })

  it('of equal scores is one bin, and of none is nothing', () => {
    const range = rangeOf('wgan', [2, 2])
    expect(distributionOf([2, 2], null, range)!.histogram[0]).toBe(2)
    expect(distributionOf([], 0.5, { low: 0, high: 1 })).toBeNull()
  })
})

describe('how well a judge tells', () => {
  it('is the share of couples in which the real one is above, a tie counting half', () => {
    const [real, made] = [draw(60, 1, 0.2), draw(45, 2)]
    let couples = 0
    for (const one of real) for (const other of made) couples += one > other ? 1 : one === other ? 0.5 : 0
    expect(couples % 1).toBe(0.5)
    expect(areaUnderCurve(real, made)).toBeCloseTo(couples / (60 * 45), 12)
    expect(areaUnderCurve([], made)).toBeNull()
  })

  it('counts real and made ones alike, however many there are', () => {
    const of = (scores: number[]) => distributionOf(scores, 0.5, { low: 0, high: 1 })
    expect(accuracyOf(of([0.9, 0.9, 0.9, 0.1]), of([0.2]))).toBe(0.875)
    expect(accuracyOf(of([0.9]), null)).toBeNull()
  })

  it('is told in words, of a critic against both means', () => {
    expect(verdictInWords({ score: 0.6, position: null, verdict: 'real' })).toBe('looks real')
    expect(verdictInWords({ score: -2, position: 0.25, verdict: null })).toContain('25% of the way')
    expect(verdictInWords({ score: 9, position: 1.4, verdict: null })).toContain('beyond')
    expect(verdictInWords({ score: 9, position: -0.1, verdict: null })).toContain('below')
  })
})
