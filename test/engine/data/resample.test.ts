import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { blur, kernels, resample } from '../../../src/engine/data/derive/resample.ts'
import type { Plane } from '../../../src/engine/evaluation/metrics.ts'

const reference = z
  .object({
    heightPx: z.number(),
    widthPx: z.number(),
    cases: z.array(
      z.object({
        kernel: z.enum(['bicubic', 'bilinear', 'area']),
        heightPx: z.number(),
        widthPx: z.number(),
        values: z.array(z.number()),
      }),
    ),
  })
  .parse(JSON.parse(readFileSync(new URL('../../reference/resample.json', import.meta.url), 'utf8')))

/** The formula of test/reference/make_resample.py, in every channel another phase. */
function picture(widthPx: number, heightPx: number, channels: number): Plane {
  const data = new Float32Array(heightPx * widthPx * channels)
  for (let index = 0; index < data.length; index += 1) {
    const [x, y] = [Math.floor(index / channels) % widthPx, Math.floor(index / channels / widthPx)]
    data[index] = 0.5 + 0.5 * Math.sin(0.37 * x + 0.23 * y + 0.02 * x * y + (index % channels))
  }
  return { data, widthPx, heightPx, channels }
}

describe('resampling', () => {
  it.each(reference.cases)(
    'is PyTorch (antialias) and Pillow: $kernel to $widthPx x $heightPx',
    ({ kernel, widthPx, heightPx, values }) => {
      const made = resample(
        picture(reference.widthPx, reference.heightPx, 1),
        widthPx,
        heightPx,
        kernels[kernel],
      )
      expect(made.data).toHaveLength(widthPx * heightPx)
      values.forEach((value, index) => {
        expect(Math.abs((made.data[index] ?? NaN) - value)).toBeLessThan(2e-6)
      })
    },
  )

  it('treats every channel alike', () => {
    const many = resample(picture(36, 24, 5), 12, 8, kernels.bicubic)
    const one = resample(picture(36, 24, 1), 12, 8, kernels.bicubic)
    expect(many.data.filter((_, index) => index % 5 === 0)).toEqual(one.data)
  })

  it('blurs by the width that was asked for, and keeps the sum', () => {
    const point: Plane = { data: new Float32Array(121 * 121), widthPx: 121, heightPx: 121, channels: 1 }
    point.data[60 * 121 + 60] = 1
    for (const sigma of [0.7, 2, 6]) {
      const { data } = blur(point, sigma)
      let [sum, spread] = [0, 0]
      data.forEach((value, index) => {
        sum += value
        spread += value * ((index % 121) - 60) ** 2
      })
      expect(sum).toBeCloseTo(1, 4)
      // Cut off at three sigmas, a Gaussian has 0.9866 of its width.
      expect(Math.abs(Math.sqrt(spread) / sigma - 0.987)).toBeLessThan(0.03)
    }
  })
})
