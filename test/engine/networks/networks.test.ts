import { beforeAll, describe, expect, it } from 'vitest'
import { openBackend } from '../../../src/engine/backends/index.ts'
import { tf } from '../../../src/engine/backends/tf.ts'
import type { Tensor4D } from '../../../src/engine/backends/tf.ts'
import { buildNetwork } from '../../../src/engine/networks/index.ts'
import { initialValues } from '../../../src/engine/nn/initialise.ts'
import type { ForwardMode, Network } from '../../../src/engine/nn/network.ts'
import { normal } from '../support/numbers.ts'

beforeAll(async () => {
  await openBackend({ threads: 2 })
})

const init = { kind: 'normal', gain: 0.2, seed: 3 } as const

function run(network: Network, side: number, mode: ForwardMode = { norm: 'batch' }) {
  return tf.tidy(() => {
    const tensors = new Map(
      [...network.parameters, ...network.statistics].map((one) => [
        one.name,
        tf.tensor(initialValues(one, 'net', init), [...one.shape]),
      ]),
    )
    const output = network.forward(
      normal([1, side, side, network.inputChannels], 1) as Tensor4D,
      (name) => tensors.get(name)!,
      mode,
    )
    return { shape: output.shape, values: Float32Array.from(output.dataSync()) }
  })
}

const generators = [
  ['unet_16', 16],
  ['unet_32', 32],
  ['unet_64', 64],
  ['resnet_1blocks', 16],
  ['resnet_3blocks', 20],
] as const

describe.each(generators)('%s', (architecture, side) => {
  it.each(['batch', 'instance', 'none'] as const)(
    'paints a picture of the same size with %s norm, up either way',
    (norm) => {
      for (const upsampling of ['transposed', 'resize'] as const) {
        const options = { inputChannels: 1, outputChannels: 5, ngf: 2, norm, upsampling }
        const { shape, values } = run(buildNetwork(architecture, options), side)
        expect(shape).toEqual([1, side, side, 5])
        expect(values.every((value) => value >= -1 && value <= 1)).toBe(true)
      }
    },
  )

  it('is rebuilt from its name and options', () => {
    const first = buildNetwork(architecture, { ngf: 2, norm: 'instance' })
    const again = buildNetwork(first.architecture, JSON.parse(JSON.stringify(first.options)))
    expect(again.parameters).toEqual(first.parameters)
    expect(run(again, side)).toEqual(run(first, side))
  })
})

it('drops out in training only, in the inner blocks', () => {
  const network = buildNetwork('unet_64', { ngf: 2 })
  const seeded = (step: number) =>
    run(network, 64, { norm: 'batch', dropoutSeed: tf.tensor1d([1, step], 'int32') }).values
  const without = run(network, 64).values
  expect(run(network, 64).values).toEqual(without)
  expect(seeded(1)).not.toEqual(without)
  expect(seeded(1)).toEqual(seeded(1))
  expect(seeded(2)).not.toEqual(seeded(1))
})

it('reports the statistics of every batch norm', () => {
  const network = buildNetwork('unet_32', { ngf: 2 })
  const seen: string[] = []
  run(network, 32, {
    norm: 'batch',
    onStatistics: (layer) => seen.push(`${layer}.mean`, `${layer}.variance`),
  })
  expect(seen.toSorted()).toEqual(network.statistics.map(({ name }) => name).toSorted())
})

it.each(['unet_100', 'unet_8', 'resnet_0blocks', 'patch_9layers', 'vgg', ''])(
  'refuses %j',
  (architecture) => {
    expect(() => buildNetwork(architecture, {})).toThrow('There is no network named')
  },
)

it('refuses an unknown option by name', () => {
  expect(() => buildNetwork('unet_32', { nfg: 2 })).toThrow('Did you mean ngf?')
})
