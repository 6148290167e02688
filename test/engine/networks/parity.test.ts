import { beforeAll, describe, expect, it } from 'vitest'
import { openBackend } from '../../../src/engine/backends/index.ts'
import { tf } from '../../../src/engine/backends/tf.ts'
import type { Tensor, Tensor4D } from '../../../src/engine/backends/tf.ts'
import { buildNetwork, countParameters } from '../../../src/engine/networks/index.ts'
import type { ForwardMode, Network } from '../../../src/engine/nn/network.ts'
import { below, manifest, pick, readFixtures, toTensor } from '../support/fixtures.ts'
import { differenceOf, largest, norm } from '../support/numbers.ts'

beforeAll(async () => {
  await openBackend({ threads: 2 })
})

type Case = (typeof manifest.forward)[number]

function networkOf({ network, inputNc, outputNc, width, norm: kind }: Case): Network {
  return network.startsWith('patch') || network === 'pixel'
    ? buildNetwork(network, { inputChannels: inputNc, ndf: width, norm: kind })
    : buildNetwork(network, { inputChannels: inputNc, outputChannels: outputNc, ngf: width, norm: kind })
}

describe.each(manifest.forward)('$name', (one) => {
  const fixtures = readFixtures(one.file)
  const saved = below(fixtures, 'net')
  const network = networkOf(one)
  const weights = (name: string) => toTensor(pick(saved, name))
  const input = () => toTensor(pick(fixtures, 'input')) as Tensor4D
  const forward = (mode: ForwardMode) => tf.tidy(() => network.forward(input(), weights, mode).dataSync())

  it('declares exactly the tensors of the published network', () => {
    const declared = [...network.parameters, ...network.statistics]
    expect(new Map(declared.map(({ name, shape }) => [name, [...shape]]))).toEqual(
      new Map([...saved].map(([name, { shape }]) => [name, shape])),
    )
  })

  it('gives the output of PyTorch with statistics of the batch', () => {
    const output = pick(fixtures, 'output')
    expect(largest(differenceOf(forward({ norm: 'batch' }), output.data))).toBeLessThan(1e-4)
  })

  it('gives the output of PyTorch with running statistics, which only batch norm has', () => {
    const output = pick(fixtures, one.norm === 'batch' ? 'outputRunning' : 'output')
    expect(largest(differenceOf(forward({ norm: 'running' }), output.data))).toBeLessThan(1e-4)
  })

  it('has the gradients of PyTorch', () => {
    const expected = below(fixtures, 'gradient')
    const loss = (...given: Tensor[]) => {
      const byName = new Map(network.parameters.map(({ name }, index) => [name, given[index]]))
      const output = network.forward(input(), (name) => byName.get(name) ?? weights(name), { norm: 'batch' })
      return tf.sum(tf.mul(output, toTensor(pick(fixtures, 'probe'))))
    }
    tf.tidy(() => {
      const gradients = tf.grads(loss)(network.parameters.map(({ name }) => weights(name)))
      for (const [index, { name }] of network.parameters.entries()) {
        if (one.cancelled.includes(name)) continue
        const { data } = pick(expected, name)
        const error = norm(differenceOf(gradients[index]!.dataSync(), data))
        expect(error / norm(data), name).toBeLessThan(1e-3)
      }
    })
  })
})

it('counts the parameters of the published networks', () => {
  expect(countParameters(buildNetwork('unet_256', {}))).toBe(54_413_955)
  expect(countParameters(buildNetwork('resnet_9blocks', { norm: 'instance' }))).toBe(11_378_179)
  expect(countParameters(buildNetwork('patch_3layers', { inputChannels: 6 }))).toBe(2_768_705)
  expect(countParameters(buildNetwork('pixel', { inputChannels: 6 }))).toBe(
    6 * 64 + 64 + 64 * 128 + 2 * 128 + 128,
  )
})
