import { describe, expect, it } from 'vitest'
import {
  countAttributeStepGflop,
  countBicycleStepGflop,
  countForwardGflop,
  countNoiseStepGflop,
  countProgressiveStepGflop,
  countResnetForwardGflop,
  countStepGflop,
} from '../../bench/floor.ts'
import { compareRounds, median, runRounds } from '../../bench/rounds.ts'
import type { Timing } from '../../bench/rounds.ts'

function timing(medianMs: number, otherCores = 0): Timing {
  return { medianMs, otherCores, matmulGflops: 100, versions: {} }
}

describe('the rounds of a benchmark', () => {
  it('measures a disturbed round again, and starts each round with another contender', async () => {
    const order: string[] = []
    const noise = [0, 0.5, 0, 0, 0, 0]
    const kept: boolean[] = []
    const rounds = await runRounds({
      contenders: ['ours', 'theirs'],
      rivals: ['theirs'],
      hopeless: 1.5,
      rounds: 2,
      maxOtherCores: 0.1,
      maxDiscarded: 1,
      measure: async (name) => {
        order.push(name)
        return timing(order.length, noise[order.length - 1])
      },
      onRound: (isKept) => kept.push(isKept),
    })
    expect(kept).toEqual([false, true, true])
    expect(order).toEqual(['ours', 'theirs', 'theirs', 'ours', 'ours', 'theirs'])
    expect(rounds.map((round) => round.ours?.medianMs)).toEqual([4, 5])
  })

  it('measures nobody again who was far behind the best other in the first quiet round', async () => {
    const asked: string[] = []
    const times: Record<string, number> = { ours: 1, quick: 2, near: 2.9, slow: 3.1, tfjs: 9 }
    const rounds = await runRounds({
      contenders: Object.keys(times),
      rivals: ['quick', 'near', 'slow'],
      hopeless: 1.5,
      rounds: 3,
      maxOtherCores: 0.1,
      maxDiscarded: 0,
      // Who falls behind later stays.
      measure: async (name) => {
        asked.push(name)
        const isLater = asked.filter((one) => one === name).length > 1
        return timing(name === 'near' && isLater ? 9 : (times[name] ?? NaN))
      },
      onRound: () => undefined,
    })
    expect(rounds.map((round) => Object.keys(round).toSorted())).toEqual([
      ['near', 'ours', 'quick', 'slow', 'tfjs'],
      ['near', 'ours', 'quick', 'tfjs'],
      ['near', 'ours', 'quick', 'tfjs'],
    ])
    const { best, ratio } = compareRounds(rounds, 'ours', ['quick', 'near', 'slow'])
    expect([best, ratio.median]).toEqual(['quick', 2])
  })

  it('gives up on a busy machine and says so', async () => {
    const run = runRounds({
      contenders: ['ours'],
      rivals: [],
      hopeless: 1.5,
      rounds: 1,
      maxOtherCores: 0.1,
      maxDiscarded: 2,
      measure: async () => timing(1, 1),
      onRound: () => undefined,
    })
    await expect(run).rejects.toThrow('3 rounds were disturbed')
  })

  it('compares with the other that was best over all rounds, round by round', () => {
    const rounds = [
      { ours: timing(10), plain: timing(5), turned: timing(8) },
      { ours: timing(12), plain: timing(40), turned: timing(6) },
      { ours: timing(18), plain: timing(50), turned: timing(6) },
    ]
    const { best, ratio } = compareRounds(rounds, 'ours', ['plain', 'turned'])
    expect(best).toBe('turned')
    expect(ratio).toEqual({ median: 0.5, least: 6 / 18, most: 0.8 })
  })

  it('takes the middle, or the mean of the two in the middle', () => {
    expect(median([3, 1, 2])).toBe(2)
    expect(median([4, 1, 3, 2])).toBe(2.5)
    expect(() => median([])).toThrow()
  })
})

describe('the counted floor', () => {
  it('counts the convolutions of the published step', () => {
    expect(countStepGflop(256, 64, 64)).toBeCloseTo(86.94, 2)
    expect(countForwardGflop(256, 64)).toBeCloseTo(12.1, 1)
    expect(countForwardGflop(512, 64, 8)).toBeCloseTo(4 * countForwardGflop(256, 64), 6)
    expect(countResnetForwardGflop(256, 64, 9)).toBeCloseTo(2 * 49.6, 0)
  })

  it('counts what steps from noise come to in PyTorch, but for its gradients of zeros', () => {
    // torch.utils.flop_counter over the steps of bench/torch_noise.py: 89.303 and 156.755. Behind a penalty PyTorch sends zeros back
    // through the convolutions of the critic, by the weights and by the input.
    const wgan = countNoiseStepGflop(32, 64, 100, { pictures: 64, rounds: 5, hasPenalty: false })
    const withPenalty = countNoiseStepGflop(32, 64, 100, { pictures: 64, rounds: 5, hasPenalty: true })
    expect(wgan).toBeCloseTo(89.303, 3)
    const forward = (withPenalty - wgan) / (5 * 64 * 4)
    expect(withPenalty + 5 * 64 * 2 * forward).toBeCloseTo(156.755, 1)
  })

  it('counts what a step of BicycleGAN comes to in PyTorch, within a hundredth', () => {
    // torch.utils.flop_counter over the step of bench/torch_bicyclegan.py; PyTorch also asks how the pictures would have to change.
    const [large, small] = [
      { ngf: 64, ndf: 64, nef: 64, latent: 8 },
      { ngf: 24, ndf: 16, nef: 16, latent: 8 },
    ]
    expect(Math.abs(countBicycleStepGflop(256, large) / 191.294644 - 1)).toBeLessThan(0.01)
    expect(Math.abs(countBicycleStepGflop(64, small) / 1.153346 - 1)).toBeLessThan(0.01)
  })

  it('counts a step of progressive growing and of StarGAN: in proportion to their pictures', () => {
    expect(countProgressiveStepGflop(64, 32, 100, 16)).toBeCloseTo(
      16 * countProgressiveStepGflop(64, 32, 100, 1),
      6,
    )
    // Two paintings learned from and five made, six residual blocks of 2 x 0.3 GFLOP each and what is around them.
    const forward = countResnetForwardGflop(64, 64, 6)
    const pictures = countAttributeStepGflop(64, 64, 6, 3, 4) / 4
    expect(pictures).toBeGreaterThan((5 + 2 * 3) * forward)
    expect(pictures).toBeLessThan((5 + 2 * 3) * forward * 1.35)
  })
})
