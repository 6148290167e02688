import { beforeAll, describe, expect, it } from 'vitest'
import { openBackend } from '../../../src/engine/backends/index.ts'
import { tf } from '../../../src/engine/backends/tf.ts'
import type { Tensor, Tensor4D } from '../../../src/engine/backends/tf.ts'
import { enlargeBicubic } from '../../../src/engine/kernels/bicubic.ts'
import { buildNetwork } from '../../../src/engine/networks/index.ts'
import type { Network } from '../../../src/engine/nn/network.ts'
import { initialValues } from '../../../src/engine/nn/initialise.ts'
import { below, pick, readFixtures, toTensor } from '../support/fixtures.ts'
import { differenceOf, largest, norm, normal } from '../support/numbers.ts'

beforeAll(async () => {
  await openBackend({ threads: 2 })
})

const all = readFixtures('restore.safetensors')
const cases = [
  { blocks: 2, inputChannels: 3, outputChannels: 3, scale: 1 },
  { blocks: 1, inputChannels: 3, outputChannels: 3, scale: 2 },
  { blocks: 1, inputChannels: 3, outputChannels: 3, scale: 3 },
  { blocks: 1, inputChannels: 1, outputChannels: 3, scale: 2 },
  { blocks: 2, inputChannels: 1, outputChannels: 2, scale: 1 },
]

describe.each(cases)('PyTorch, on the same weights: %j', ({ blocks, ...options }) => {
  const name = `residual-${blocks}-${options.inputChannels}to${options.outputChannels}-x${options.scale}`
  const fixtures = below(all, name)
  const saved = below(fixtures, 'net')
  const network = buildNetwork(`residual_${blocks}blocks`, { ...options, ngf: 5 })
  const input = () => toTensor(pick(fixtures, 'input')) as Tensor4D

  it('has the same tensors', () => {
    expect(new Map(network.parameters.map(({ name: key, shape }) => [key, [...shape]]))).toEqual(
      new Map([...saved].map(([key, { shape }]) => [key, shape])),
    )
  })

  it('gives the same output, borders included', () => {
    const made = tf.tidy(() =>
      network.forward(input(), (key) => toTensor(pick(saved, key)), { norm: 'batch' }).dataSync(),
    )
    expect(largest(differenceOf(made, pick(fixtures, 'output').data))).toBeLessThan(1e-4)
  })

  it('has the same gradients', () => {
    const keys = network.parameters.map(({ name: key }) => key)
    const loss = (...given: Tensor[]) => {
      const output = network.forward(input(), (key) => given[keys.indexOf(key)]!, { norm: 'batch' })
      return tf.sum(tf.mul(output, toTensor(pick(fixtures, 'probe'))))
    }
    tf.tidy(() => {
      const gradients = tf.grads(loss)(keys.map((key) => toTensor(pick(saved, key))))
      for (const [index, key] of keys.entries()) {
        const { data } = pick(fixtures, `gradient/${key}`)
        expect(norm(differenceOf(gradients[index]!.dataSync(), data)) / norm(data), key).toBeLessThan(1e-3)
      }
    })
  })
})

function begin(network: Network) {
  const init = { kind: 'kaiming', gain: 1, seed: 3 } as const
  return (name: string) => {
    const one = network.parameters.find((parameter) => parameter.name === name)!
    return tf.tensor(initialValues(one, 'netG', init), [...one.shape])
  }
}

describe('a new network', () => {
  it.each([1, 2, 3, 4])('gives its input, enlarged bicubically %i times, to the bit', (scale) => {
    const network = buildNetwork('residual_2blocks', { ngf: 4, scale })
    tf.tidy(() => {
      const x = normal([1, 6, 7, 3], 1) as Tensor4D
      const made = network.forward(x, begin(network), { norm: 'batch' })
      expect(made.shape).toEqual([1, 6 * scale, 7 * scale, 3])
      expect(made.dataSync()).toEqual(enlargeBicubic(x, scale).dataSync())
    })
  })

  it('gives grey for colour, and nothing for chroma', () => {
    tf.tidy(() => {
      const x = normal([1, 5, 5, 1], 1) as Tensor4D
      const colour = buildNetwork('residual_1blocks', { ngf: 4, inputChannels: 1, scale: 1 })
      const [r, , b] = tf.split(colour.forward(x, begin(colour), { norm: 'batch' }), 3, 3)
      expect(r!.dataSync()).toEqual(x.dataSync())
      expect(b!.dataSync()).toEqual(x.dataSync())
      const chroma = buildNetwork('residual_1blocks', { ngf: 4, inputChannels: 1, outputChannels: 2 })
      expect(largest(chroma.forward(x, begin(chroma), { norm: 'batch' }).dataSync())).toBe(0)
    })
  })
})

it('sees exactly as far as its context', () => {
  const network = buildNetwork('residual_2blocks', { ngf: 4, scale: 2 })
  const { context } = network
  const random = (name: string) => {
    const index = network.parameters.findIndex((parameter) => parameter.name === name)
    return normal(network.parameters[index]!.shape, 20 + index)
  }
  tf.tidy(() => {
    const side = 2 * context + 9
    const middle = context + 4
    const whole = normal([1, side, side, 3], 7)
    const responseTo = (distance: number) => {
      const touched = tf.buffer([1, side, side, 3])
      touched.set(1, 0, middle, middle + distance, 0)
      const run = (x: Tensor) => network.forward(x as Tensor4D, random, { norm: 'batch' })
      const difference = tf.sub(run(tf.add(whole, touched.toTensor())), run(whole))
      return largest(tf.slice(difference, [0, 2 * middle, 2 * middle, 0], [1, 2, 2, 3]).dataSync())
    }
    expect(responseTo(context)).toBeGreaterThan(0)
    expect(responseTo(context + 1)).toBe(0)
  })
})
