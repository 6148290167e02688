import { beforeAll, expect, it } from 'vitest'
import { openBackend } from '../../../src/engine/backends/index.ts'
import { tf, type Tensor4D } from '../../../src/engine/backends/tf.ts'
import { randomUniform } from '../../../src/core/random.ts'
import { createModel, type ModelTensors } from '../../../src/engine/inference/model.ts'
import { buildNetwork } from '../../../src/engine/networks/index.ts'
import { differenceOf, largest } from '../support/numbers.ts'
import { headerFor, weightsFor } from './models.ts'

beforeAll(async () => {
  await openBackend({ threads: 2 })
})

/** As `weightsFor`, with running statistics that are neither 0 nor 1. */
function learnedWeights(header: Parameters<typeof weightsFor>[0]): ModelTensors {
  const spread = (name: string, at: number) => randomUniform(name.length, at)
  return new Map(
    [...weightsFor(header)].map(([name, { shape, data }]) => {
      if (name.endsWith('.norm.variance'))
        return [name, { shape, data: data.map((_, at) => 0.5 + spread(name, at)) }]
      if (name.endsWith('.norm.mean'))
        return [name, { shape, data: data.map((_, at) => spread(name, at) - 0.5) }]
      return [name, { shape, data }]
    }),
  )
}

it.each([
  ['unet_32', { norm: 'batch', ngf: 4 }],
  ['unet_32', { norm: 'batch', ngf: 4, upsampling: 'resize' }],
  ['resnet_2blocks', { norm: 'batch', ngf: 4 }],
  ['resnet_2blocks', { norm: 'batch', ngf: 4, upsampling: 'resize' }],
  ['unet_32', { norm: 'instance', ngf: 4 }],
] as const)('%s %j gives what it gives with its norms apart', async (architecture, options) => {
  const header = headerFor(architecture, options)
  const tensors = learnedWeights(header)
  const network = buildNetwork(architecture, options)
  const samples = Float32Array.from({ length: 32 * 32 * 3 }, (_, at) => 2 * randomUniform(3, at) - 1)
  const model = createModel(header, tensors, 'test model')
  for (const norm of ['running', 'batch'] as const) {
    const expected = tf.tidy(() => {
      const weights = (name: string) => {
        const { shape, data } = tensors.get(name)!
        return tf.tensor(data, [...shape])
      }
      const x = tf.tensor4d(samples, [1, 32, 32, 3]) as Tensor4D
      return network.forward(x, weights, { norm }).dataSync<'float32'>()
    })
    const made = await model.run(samples, 32, 32, norm)
    expect(largest(differenceOf(made, expected)), norm).toBeLessThan(1e-5)
  }
  model.dispose()
})
