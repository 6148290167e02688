import { beforeAll, describe, expect, it } from 'vitest'
import { openBackend } from '../../../src/engine/backends/index.ts'
import { tf } from '../../../src/engine/backends/tf.ts'
import type { Scalar, Tensor4D } from '../../../src/engine/backends/tf.ts'
import { withPlanes } from '../../../src/engine/nn/planes.ts'
import { largest, normal } from '../support/numbers.ts'

beforeAll(async () => {
  await openBackend({ threads: 2 })
})

const picture = (side: number, count = 2) => normal([count, side, side, 3], 1) as Tensor4D

/** The gradient of a sum in which every place has a weight of its own. */
function gradientOf(values: Tensor4D, x: Tensor4D, planes = withPlanes): Tensor4D {
  const [count, height, width, channels] = x.shape
  const weight = normal([count, height, width, channels + values.shape[3]], 2)
  const loss = (code: Tensor4D): Scalar => tf.sum(tf.mul(weight, planes(x, code)))
  return tf.grad((code) => loss(code as Tensor4D))(values) as Tensor4D
}

/** The same by tfjs's own Tile. */
function tiled(x: Tensor4D, values: Tensor4D): Tensor4D {
  const [count, height, width] = x.shape
  return tf.concat([x, tf.tile(values, [count / values.shape[0], height, width, 1])], 3)
}

describe('planes of one value each', () => {
  it.each([1, 2])('have the gradient of Tile, for codes of %i pictures of two', (count) => {
    const values = normal([count, 1, 1, 4], 3) as Tensor4D
    const [ours, theirs] = [withPlanes, tiled].map((planes) => gradientOf(values, picture(5), planes))
    expect(ours?.shape).toEqual(values.shape)
    expect(largest(tf.sub(ours as Tensor4D, theirs as Tensor4D).dataSync())).toBeLessThan(1e-5)
  })

  it('come to as many ops in a large picture as in a small one', async () => {
    const values = normal([2, 1, 1, 4], 3) as Tensor4D
    const kernels = async (side: number) => {
      const x = picture(side)
      return (await tf.profile(() => gradientOf(values, x))).kernelNames.length
    }
    expect(await kernels(16)).toBe(await kernels(4))
  })
})
