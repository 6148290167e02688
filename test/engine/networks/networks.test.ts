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
      const ways = ['transposed', 'resize', ...(architecture.startsWith('resnet') ? ['antialiased'] : [])]
      for (const upsampling of ways) {
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

/** How far apart a pixel made in the middle and what it was made of are at most, in rows. */
function reachAt(network: Network, phase: number): number {
  const [side, middle] = [80, 40]
  return tf.tidy(() => {
    // With weights above zero nothing is cut off or cancelled, so that every pixel in reach counts.
    const weights = (name: string) =>
      tf.abs(tf.mul(normal(network.parameters.find((one) => one.name === name)!.shape, 5), 0.01))
    const pixel = (x: Tensor4D) =>
      tf.slice(network.forward(x, weights, { norm: 'batch' }), [0, middle + phase, middle, 0], [1, 1, 1, 1])
    const gradient = tf.grad((x) => tf.sum(pixel(x as Tensor4D)))(tf.ones([1, side, side, 1]))
    const rows = [...tf.max(tf.abs(gradient), [0, 2, 3]).dataSync()]
    return Math.max(...rows.flatMap((value, row) => (value > 0 ? [Math.abs(row - middle - phase)] : [])))
  })
}

describe.each([
  ['resnet_cat_1blocks', { ngf: 2 }, 20],
  ['stylegan2_2blocks', { widths: '3-5-4' }, 20],
  ['stylegan2_4blocks', { widths: '3' }, 7],
] as const)('%s of %j', (architecture, sizes, side) => {
  const options = { inputChannels: 1, outputChannels: 5, ...sizes }

  it('paints a picture of the same size, and the same again from its name and options', () => {
    const first = buildNetwork(architecture, options)
    const again = buildNetwork(first.architecture, JSON.parse(JSON.stringify(first.options)))
    const made = run(first, side)
    expect(made.shape).toEqual([1, side, side, 5])
    expect(new Set(made.values).size).toBeGreaterThan(side)
    expect(run(again, side)).toEqual(made)
  })

  it('leaves no tensors behind', () => {
    run(buildNetwork(architecture, options), side)
    const before = tf.memory().numTensors
    run(buildNetwork(architecture, options), side)
    expect(tf.memory().numTensors).toBe(before)
  })
})

it.each(['3', '3-5', '3-5-4'])('a StyleGAN2 of %s sees as far as it says, and no further', (widths) => {
  const network = buildNetwork('stylegan2_2blocks', { inputChannels: 1, outputChannels: 1, widths })
  expect(Math.max(...[0, 1, 2, 3].map((phase) => reachAt(network, phase)))).toBe(network.context)
})

it.each(['', '0-4', '4-', '-4', '4,6', '4-6-4-6-4-6-4-6-4', '99999'])(
  'there is no StyleGAN2 of %j',
  (widths) => {
    expect(() => buildNetwork('stylegan2_2blocks', { widths })).toThrow('The option widths cannot take')
  },
)

describe.each(['strided', 'antialiased'] as const)('a ResNet whose halvings are %s', (downsampling) => {
  const upsamplings = ['transposed', 'resize', 'antialiased'] as const

  it.each(upsamplings)('sees as far as it says, and no further (up %s)', (upsampling) => {
    const options = { ngf: 2, inputChannels: 1, outputChannels: 1, norm: 'none', downsampling, upsampling }
    const network = buildNetwork('resnet_1blocks', options)
    const reach = [0, 1, 2, 3].map((phase) => reachAt(network, phase))
    expect(Math.max(...reach)).toBe(network.context)
  })

  it('names features that have the channels and sides that it declares', () => {
    const network = buildNetwork('resnet_6blocks', {
      ngf: 2,
      inputChannels: 5,
      norm: 'instance',
      downsampling,
    })
    const { features, encode, decode } = network.encoder!
    expect(features.map(({ name }) => name)).toEqual(['picture', 'down1', 'down2', 'block1', 'block5'])
    tf.tidy(() => {
      const tensors = new Map(
        network.parameters.map((one) => [
          one.name,
          tf.tensor(initialValues(one, 'net', init), [...one.shape]),
        ]),
      )
      const weights = (name: string) => tensors.get(name)!
      const x = normal([2, 32, 32, 5], 1) as Tensor4D
      const encoded = encode(x, weights, { norm: 'batch' })
      expect(encoded.map(({ shape }) => shape)).toEqual(
        features.map(({ channels, sideOf }) => [2, sideOf(32), sideOf(32), channels]),
      )
      const made = decode(encoded.at(-1)!, weights, { norm: 'batch' }).dataSync()
      expect(made).toEqual(network.forward(x, weights, { norm: 'batch' }).dataSync())
    })
  })
})

it('takes the last block for the fifth where there are fewer', () => {
  const names = (blocks: number) =>
    buildNetwork(`resnet_${blocks}blocks`, {}).encoder?.features.map(({ name }) => name)
  expect(names(3)).toEqual(['picture', 'down1', 'down2', 'block1', 'block3'])
  expect(names(1)).toEqual(['picture', 'down1', 'down2', 'block1'])
})

it.each([64, 65, 70])('judges as many patches of %i px antialiased as strided', (side) => {
  const judge = (downsampling: string) =>
    run(buildNetwork('patch_3layers', { inputChannels: 3, ndf: 2, norm: 'instance', downsampling }), side)
  expect(judge('antialiased').shape).toEqual(judge('strided').shape)
  expect(judge('antialiased').values).not.toEqual(judge('strided').values)
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
