import { describe, expect, it } from 'vitest'
import { learningRateAt, totalSteps } from '../../../src/core/training/schedule.ts'

const published = { steps: 200, learningRate: 2e-4, decayShare: 0.5 }

describe('linear decay', () => {
  it('equals the published rule when a step is an epoch', () => {
    for (let epoch = 0; epoch < 200; epoch += 1) {
      const rule = 1 - Math.max(0, epoch + 1 - 100) / 101
      expect(learningRateAt(epoch + 1, published)).toBeCloseTo(2e-4 * rule, 12)
    }
  })

  it('is constant without decay, never zero, and halved by a scale', () => {
    expect(learningRateAt(200, { ...published, decayShare: 0 })).toBe(2e-4)
    expect(learningRateAt(200, { ...published, decayShare: 1 })).toBeGreaterThan(0)
    expect(learningRateAt(7, { ...published, scale: 0.5 })).toBe(1e-4)
  })

  it('counts steps from epochs unless told otherwise', () => {
    expect(totalSteps({ steps: null, epochs: 3, batchSize: 4 }, 10)).toBe(9)
    expect(totalSteps({ steps: 12, epochs: 3, batchSize: 4 }, 10)).toBe(12)
  })
})
