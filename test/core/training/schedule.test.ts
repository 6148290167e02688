import { describe, expect, it } from 'vitest'
import { newHealth } from '../../../src/core/training/healthState.ts'
import { decays, isPlateau, learningRateAt, totalSteps } from '../../../src/core/training/schedule.ts'

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

describe('other ways to fall', () => {
  const at = (decay: (typeof decays)[number], step: number) =>
    learningRateAt(step, { steps: 100, learningRate: 1, decayShare: 0.5, decay })

  it.each(decays)('%s holds the rate first, never rises, and ends low where it goes by time', (decay) => {
    const rates = Array.from({ length: 100 }, (_, index) => at(decay, index + 1))
    expect(rates.slice(0, 50).every((rate) => rate === 1)).toBe(true)
    expect(rates.every((rate, index) => index === 0 || rate <= rates[index - 1]!)).toBe(true)
    expect(rates.at(-1)!).toBeLessThan(decay === 'plateau' ? 1.1 : 0.03)
  })

  it('are what they are called', () => {
    expect(at('cosine', 75)).toBeCloseTo(0.5, 1)
    expect([at('step', 51), at('step', 75), at('step', 76), at('step', 100)]).toEqual([0.1, 0.1, 0.01, 0.01])
  })

  it('a plateau is three saved states without a gain, counted anew after each halving', () => {
    const healthOf = (errors: readonly number[]) => ({
      ...newHealth,
      validations: errors.map((l1, index) => ({ step: index + 1, l1 })),
    })
    expect(isPlateau(healthOf([0.3, 0.2, 0.1]), 0)).toBe(false)
    expect(isPlateau(healthOf([0.1, 0.1, 0.1, 0.0999]), 0)).toBe(true)
    expect(isPlateau(healthOf([0.1, 0.1, 0.1, 0.09]), 0)).toBe(false)
    expect(isPlateau(healthOf([0.1, 0.1, 0.1, 0.1, 0.1]), 4)).toBe(false)
  })
})
