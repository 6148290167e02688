import { beforeAll, describe, expect, it } from 'vitest'
import { openBackend } from '../../../src/engine/backends/index.ts'
import { tf } from '../../../src/engine/backends/tf.ts'
import type { Tensor, Tensor4D } from '../../../src/engine/backends/tf.ts'
import { enlargeBicubic } from '../../../src/engine/kernels/bicubic.ts'
import { pixelShuffle } from '../../../src/engine/kernels/pixelShuffle.ts'
import { pick, readFixtures, toTensor } from '../support/fixtures.ts'
import { differenceOf, expectTrueGradient, largest, normal, onBoth } from '../support/numbers.ts'

beforeAll(async () => {
  await openBackend({ threads: 2 })
})

describe.each([2, 3, 4])('pixel shuffle x%i', (scale) => {
  const shuffle = (x: Tensor) => pixelShuffle(x as Tensor4D, scale)
  const input = () => normal([2, 3, 4, 2 * scale ** 2], scale)

  it('puts channel (i * scale + j) * C + c at pixel (i, j), as depth-to-space does, on both backends', async () => {
    const [native, fallback] = await onBoth(() => [Float32Array.from(shuffle(input()).dataSync())])
    const expected = tf.tidy(() => tf.depthToSpace(input() as Tensor4D, scale, 'NHWC').dataSync())
    expect(native[0]).toEqual(Float32Array.from(expected))
    expect(fallback[0]).toEqual(native[0])
    const numbered = tf.tidy(() => shuffle(tf.range(0, 2 * scale ** 2).reshape([1, 1, 1, -1])).arraySync())
    const pixels = numbered as unknown as number[][][][]
    for (let i = 0; i < scale; i += 1)
      for (let j = 0; j < scale; j += 1)
        expect(pixels[0]![i]![j]).toEqual([2 * (i * scale + j), 2 * (i * scale + j) + 1])
  })

  it('has the gradient that finite differences see, on both backends', async () => {
    await onBoth(() => {
      expectTrueGradient((x) => shuffle(x!), [input()])
      return []
    })
  })
})

describe('bicubic enlarging', () => {
  const all = readFixtures('restore.safetensors')

  it.each([2, 3, 4])('is what torch computes for x%i, borders included', async (scale) => {
    const [native, fallback] = await onBoth(() => {
      const x = toTensor(pick(all, 'bicubic/input')) as Tensor4D
      return [Float32Array.from(enlargeBicubic(x, scale).dataSync())]
    })
    const expected = pick(all, `bicubic/x${scale}`).data
    for (const made of [native[0]!, fallback[0]!])
      expect(largest(differenceOf(made, expected))).toBeLessThan(1e-5)
  })

  it('leaves a plain picture plain, down to one pixel, and keeps a ramp where it is', () => {
    tf.tidy(() => {
      expect([...enlargeBicubic(tf.fill([1, 1, 1, 1], 0.25), 3).dataSync()]).toEqual(
        Array.from({ length: 9 }, () => expect.closeTo(0.25, 6) as number),
      )
      const ramp = tf.reshape(tf.range(0, 12), [1, 1, 12, 1]) as Tensor4D
      const row = enlargeBicubic(ramp, 2).dataSync()
      for (let x = 6; x < 18; x += 1) expect(row[x]).toBeCloseTo((x + 0.5) / 2 - 0.5, 5)
    })
  })

  it('has the gradient that finite differences see', () => {
    expectTrueGradient((x) => enlargeBicubic(x as Tensor4D, 2), [normal([1, 4, 5, 2], 1)])
  })
})
