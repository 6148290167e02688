import { describe, expect, it } from 'vitest'
import {
  counterOf,
  randomGaussian,
  randomInteger,
  randomPermutation,
  randomSample,
  randomUniform,
} from '../../src/core/random.ts'

const draws = Array.from({ length: 20_000 }, (_, index) => randomUniform(5, 1, index))

describe('counter-based randomness', () => {
  it('draws the same for the same seed and counters, and differs in each of them', () => {
    expect(randomUniform(1, 2, 3)).toBe(randomUniform(1, 2, 3))
    const others = [
      randomUniform(2, 2, 3),
      randomUniform(1, 3, 3),
      randomUniform(1, 2, 4),
      randomUniform(1, 2),
      randomUniform(1, 2, 3, 0),
    ]
    expect(new Set([randomUniform(1, 2, 3), ...others]).size).toBe(6)
  })

  it('is uniform: mean, variance and every tenth within four standard errors', () => {
    const mean = draws.reduce((sum, value) => sum + value, 0) / draws.length
    const variance = draws.reduce((sum, value) => sum + (value - mean) ** 2, 0) / draws.length
    expect(Math.abs(mean - 0.5)).toBeLessThan(4 * Math.sqrt(1 / 12 / draws.length))
    expect(Math.abs(variance - 1 / 12)).toBeLessThan(4 * Math.sqrt(1 / 180 / draws.length))
    for (let tenth = 0; tenth < 10; tenth += 1) {
      const inside = draws.filter((value) => Math.floor(value * 10) === tenth).length
      expect(Math.abs(inside - 2000)).toBeLessThan(4 * Math.sqrt(20_000 * 0.09))
    }
  })

  it('has uncorrelated neighbours', () => {
    let sum = 0
    for (let index = 1; index < draws.length; index += 1)
      sum += ((draws[index] ?? 0) - 0.5) * ((draws[index - 1] ?? 0) - 0.5)
    expect(Math.abs((sum / draws.length) * 12)).toBeLessThan(4 / Math.sqrt(draws.length))
  })

  it('permutes: every index once, another order in another epoch', () => {
    const order = randomPermutation(100, 9, 0)
    expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, index) => index))
    expect(randomPermutation(100, 9, 1)).not.toEqual(order)
    expect(randomPermutation(0, 9)).toEqual([])
  })

  it('samples: different integers, each as often as any other, the same every time', () => {
    const counts = new Array<number>(40).fill(0)
    for (let draw = 0; draw < 4000; draw += 1) {
      const sample = randomSample(10, 40, 9, draw)
      expect(new Set(sample).size).toBe(10)
      for (const index of sample) counts[index] = (counts[index] ?? 0) + 1
    }
    // 4000 draws of a quarter: 1000 each, with a deviation of 27.
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(4.5 * Math.sqrt(750))
    expect(randomSample(10, 40, 9, 3)).toEqual(randomSample(10, 40, 9, 3))
    expect(randomSample(50, 40, 9).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 40 }, (_, index) => index),
    )
    expect(randomSample(3, 70_000, 9)).toEqual(randomSample(300, 70_000, 9).slice(0, 3))
  })

  it('keeps integers below their bound and Gaussians standard', () => {
    const integers = Array.from({ length: 1000 }, (_, index) => randomInteger(7, 3, index))
    expect(new Set(integers)).toEqual(new Set([0, 1, 2, 3, 4, 5, 6]))
    const gaussians = Array.from({ length: 20_000 }, (_, index) => randomGaussian(3, index))
    const variance = gaussians.reduce((sum, value) => sum + value ** 2, 0) / gaussians.length
    expect(Math.abs(variance - 1)).toBeLessThan(0.04)
    expect(counterOf('netG')).not.toBe(counterOf('netD'))
  })
})
