import { describe, expect, it } from 'vitest'
import { smooth, thinIndices } from '../../src/renderer/smoothing.ts'

describe('smooth', () => {
  it('leaves a constant as it is, from its first value on', () => {
    for (const value of smooth(
      Array.from({ length: 50 }, () => 0.7),
      0.95,
    ))
      expect(value).toBeCloseTo(0.7, 10)
  })
  it('returns the values themselves without weight', () => {
    expect(smooth([1, 5, 2], 0)).toEqual([1, 5, 2])
  })
  it('stays between the least and the most, and moves less than the values do', () => {
    const values = Array.from({ length: 100 }, (_, index) => (index % 2 === 0 ? 1 : 3))
    const smoothed = smooth(values, 0.9).slice(20)
    for (const value of smoothed) {
      expect(value).toBeGreaterThan(1.8)
      expect(value).toBeLessThan(2.2)
    }
  })
  it('keeps gaps as gaps and is not moved by them', () => {
    const [first, gap, after] = smooth([2, null, 2], 0.9)
    expect([first, gap, after]).toEqual([2, null, expect.closeTo(2, 10)])
    expect(smooth([2, Infinity, 2], 0.9)[1]).toBeNull()
  })
})

describe('thinIndices', () => {
  it('keeps first and last, in order, without repeats', () => {
    const indices = thinIndices(12_345, 200)
    expect(indices).toHaveLength(200)
    expect([indices[0], indices.at(-1)]).toEqual([0, 12_344])
    expect(new Set(indices).size).toBe(200)
    expect(thinIndices(3, 200)).toEqual([0, 1, 2])
  })
})
