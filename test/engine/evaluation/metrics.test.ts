import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import {
  meanAbsoluteError,
  meanScores,
  peakSignalToNoise,
  type Plane,
  structuralSimilarity,
} from '../../../src/engine/evaluation/metrics.ts'

type Case = { height: number; width: number; channels: number; phase: number; ssim: number; psnr: number }
const reference = JSON.parse(readFileSync(new URL('../../reference/ssim.json', import.meta.url), 'utf8')) as {
  cases: Case[]
}

/** The formula of test/reference/make_ssim.py. */
function picture(height: number, width: number, channels: number, phase: number): Plane {
  const data = new Float32Array(height * width * channels)
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1)
      for (let c = 0; c < channels; c += 1)
        data[(y * width + x) * channels + c] =
          0.5 + 0.5 * Math.sin(0.37 * x + 0.23 * y * (c + 1) + phase + 0.001 * x * y)
  return { data, widthPx: width, heightPx: height, channels }
}

describe('SSIM and PSNR against scikit-image', () => {
  it.each(reference.cases)(
    '$width x $height x $channels',
    ({ height, width, channels, phase, ssim, psnr }) => {
      const a = picture(height, width, channels, 0)
      const b = picture(height, width, channels, phase)
      expect(Math.abs(structuralSimilarity(a, b) - ssim)).toBeLessThan(1e-6)
      expect(Math.abs(peakSignalToNoise(a, b) - psnr)).toBeLessThan(1e-4)
    },
  )
})

describe('scores', () => {
  it('are perfect for equal pictures and symmetric', () => {
    const a = picture(20, 20, 3, 0)
    const b = picture(20, 20, 3, 1)
    expect([meanAbsoluteError(a, a), peakSignalToNoise(a, a), structuralSimilarity(a, a)]).toEqual([
      0,
      Infinity,
      1,
    ])
    expect(structuralSimilarity(a, b)).toBeCloseTo(structuralSimilarity(b, a), 12)
  })

  it('refuse pictures of different shapes, and have no SSIM below the window', () => {
    expect(() => meanAbsoluteError(picture(8, 8, 3, 0), picture(8, 9, 3, 0))).toThrow('Cannot compare')
    expect(structuralSimilarity(picture(8, 20, 1, 0), picture(8, 20, 1, 1))).toBeNaN()
  })

  it('average one by one', () => {
    const mean = meanScores([
      { l1: 0, psnr: 20, ssim: 1 },
      { l1: 1, psnr: 30, ssim: 0 },
    ])
    expect(mean).toEqual({ l1: 0.5, psnr: 25, ssim: 0.5 })
  })
})
