import { beforeAll, describe, expect, it } from 'vitest'
import { binding, kernels, setKernels } from '../../../src/engine/backends/binding.ts'
import { openBackend } from '../../../src/engine/backends/index.ts'
import { tf } from '../../../src/engine/backends/tf.ts'
import type { Tensor, Tensor1D, Tensor4D } from '../../../src/engine/backends/tf.ts'
import { addBias, leakyRelu, relu, tanh } from '../../../src/engine/kernels/activations.ts'
import { doubleBlurred, halveBlurred } from '../../../src/engine/kernels/antialias.ts'
import { dropout } from '../../../src/engine/kernels/dropout.ts'
import { frame } from '../../../src/engine/kernels/frame.ts'
import { doubledConv, mirroredConv } from '../../../src/engine/kernels/lastLayer.ts'
import { batchNorm, batchNormWith, instanceNorm } from '../../../src/engine/kernels/normalise.ts'
import { reflectionPad } from '../../../src/engine/kernels/reflectionPad.ts'
import { ganLoss } from '../../../src/engine/losses/gan.ts'
import { l1Loss } from '../../../src/engine/losses/l1.ts'
import { conv, convTransposed, doubleNearest } from '../../../src/engine/nn/convolution.ts'
import { differenceOf, expectTrueGradient, largest, normal, onBoth } from '../support/numbers.ts'

type Law = { name: string; f: (...inputs: Tensor[]) => Tensor; inputs: () => Tensor[] }

const as4D = (x: Tensor): Tensor4D => x as Tensor4D
const picture = (seed: number, size = 6, channels = 3, pictures = 2) =>
  normal([pictures, size, size, channels], seed)
/** Values at least 0.1 from zero, where an activation has its kink. */
const offZero = () => tf.add(picture(1), tf.mul(tf.sign(picture(1)), 0.1))
/** Values around 1 and -1: what a norm makes of them keeps away from the kink of an activation. */
const twoLevels = (at: number, size = 6, channels = 3, pictures = 2) => {
  const x = picture(at, size, channels, pictures)
  return tf.add(tf.sign(x), tf.mul(x, 0.1))
}
const seed = () => tf.tensor1d([7, 3], 'int32')

/** The same with TensorFlow's kernels instead of ours, as on a graphics card. */
const withoutOurs =
  (f: Law['f']): Law['f'] =>
  (...inputs) => {
    setKernels(kernels.filter((kernel) => !kernel.startsWith('own')))
    try {
      return f(...inputs)
    } finally {
      setKernels(kernels)
    }
  }

/** What our own kernels compute: held to the same laws as what stands in for them. */
const ours: Law[] = [
  {
    name: 'batch norm',
    f: (x, scale, offset) => batchNorm(as4D(x!), scale!, offset!).y,
    inputs: () => [picture(5), normal([3], 6), normal([3], 7)],
  },
  {
    name: 'batch norm and leaky ReLU',
    f: (x, scale, offset) => batchNorm(as4D(x!), scale!, offset!, 0.2).y,
    inputs: () => [twoLevels(50), tf.tensor1d([1, -1.2, 0.9]), tf.tensor1d([0.1, 0, -0.1])],
  },
  {
    name: 'instance norm of one picture',
    f: (x) => instanceNorm(as4D(x!)),
    inputs: () => [picture(8, 6, 3, 1)],
  },
  {
    name: 'instance norm of three pictures',
    f: (x) => instanceNorm(as4D(x!)),
    inputs: () => [picture(9, 6, 3, 3)],
  },
  {
    name: 'instance norm and ReLU, on several cores',
    f: (x) => instanceNorm(as4D(x!), 0),
    inputs: () => [twoLevels(51, 64, 7, 2)],
  },
  {
    name: 'instance norm with something added',
    f: (x, added) => instanceNorm(as4D(x!), 1, as4D(added!)),
    inputs: () => [picture(52), picture(53)],
  },
  { name: 'reflection pad by 1', f: (x) => reflectionPad(as4D(x!), 1), inputs: () => [picture(10)] },
  { name: 'reflection pad by 3', f: (x) => reflectionPad(as4D(x!), 3), inputs: () => [picture(11)] },
  {
    name: 'reflection pad by all but one',
    f: (x) => reflectionPad(as4D(x!), 4),
    inputs: () => [picture(54, 5, 2, 3)],
  },
  {
    name: 'reflection pad on several cores',
    f: (x) => reflectionPad(as4D(x!), 1),
    inputs: () => [picture(55, 64, 9, 1)],
  },
  { name: 'leaky ReLU', f: (x) => leakyRelu(x!, 0.2), inputs: () => [offZero()] },
  { name: 'ReLU', f: (x) => relu(x!), inputs: () => [offZero()] },
  { name: 'bias', f: (x, b) => addBias(as4D(x!), b!), inputs: () => [picture(3), normal([3], 4)] },
  ...[0, 0.2].map((slope) => ({
    name: `bias and activation of slope ${slope}`,
    f: (x: Tensor | undefined, b: Tensor | undefined) => addBias(as4D(x!), b!, slope),
    inputs: () => [twoLevels(56), tf.tensor1d([0.1, 0, -0.1])],
  })),
  {
    name: 'bias and activation on several cores',
    f: (x, b) => addBias(as4D(x!), b!, 0.2),
    inputs: () => [twoLevels(57, 72, 7), tf.zeros([7])],
  },
  ...[
    { top: 1, left: 1, bottom: 1, right: 1 },
    { top: -1, left: -1, bottom: 0, right: 0 },
    { top: 2, left: -3, bottom: -4, right: 1 },
    { top: 0, left: 7, bottom: 0, right: -6 },
  ].map((sides) => ({
    name: `frame ${Object.values(sides).join(' ')}`,
    f: (x: Tensor | undefined) => frame(as4D(x!), sides),
    inputs: () => [picture(58)],
  })),
  {
    name: 'frame on several cores',
    f: (x) => frame(as4D(x!), { top: 1, left: 0, bottom: -2, right: 3 }),
    inputs: () => [picture(59, 64, 9)],
  },
  ...[
    { size: 7, padding: 3, side: 6, channels: 5, outputs: 3 },
    { size: 3, padding: 1, side: 5, channels: 16, outputs: 1 },
    { size: 3, padding: 0, side: 5, channels: 19, outputs: 2 },
    { size: 5, padding: 1, side: 9, channels: 3, outputs: 4 },
    { size: 3, padding: 1, side: 44, channels: 9, outputs: 3 },
  ].map(({ size, padding, side, channels, outputs }) => ({
    name: `last layer ${size}x${size} over ${channels} channels, side ${side}`,
    f: (x: Tensor | undefined, w: Tensor | undefined, b: Tensor | undefined) =>
      mirroredConv(as4D(x!), as4D(w!), b!, padding),
    inputs: () => [
      picture(60, side, channels),
      normal([size, size, channels, outputs], 61),
      normal([outputs], 62),
    ],
  })),
  ...[
    { side: 5, channels: 20, outputs: 3 },
    { side: 7, channels: 16, outputs: 1 },
    { side: 44, channels: 9, outputs: 3 },
  ].map(({ side, channels, outputs }) => ({
    name: `last layer that doubles, over ${channels} channels, side ${side}`,
    f: (x: Tensor | undefined, w: Tensor | undefined, b: Tensor | undefined) =>
      doubledConv(as4D(x!), as4D(w!), b!),
    inputs: () => [picture(63, side, channels), normal([4, 4, outputs, channels], 64), normal([outputs], 65)],
  })),
]

const laws: Law[] = [
  { name: 'tanh', f: (x) => tanh(x!), inputs: () => [picture(2)] },
  ...ours,
  ...ours.map(({ name, f, inputs }) => ({
    name: `${name}, by TensorFlow's kernels`,
    f: withoutOurs(f),
    inputs,
  })),
  { name: 'nearest doubling', f: (x) => doubleNearest(as4D(x!)), inputs: () => [picture(13)] },
  { name: 'blurred halving', f: (x) => halveBlurred(as4D(x!)), inputs: () => [picture(26)] },
  { name: 'blurred halving of odd sides', f: (x) => halveBlurred(as4D(x!)), inputs: () => [picture(27, 7)] },
  { name: 'blurred doubling', f: (x) => doubleBlurred(as4D(x!)), inputs: () => [picture(28, 5)] },
  ...([1, 2] as const).flatMap((stride) =>
    [3, 4].flatMap((size) =>
      [5, 6].map((side) => ({
        name: `convolution ${size}x${size}, stride ${stride}, side ${side}`,
        f: (x: Tensor | undefined, w: Tensor | undefined) => conv(as4D(x!), w!, stride, 1),
        inputs: () => [picture(14, side), normal([size, size, 3, 2], 15)],
      })),
    ),
  ),
  ...[3, 4].map((size) => ({
    name: `transposed convolution ${size}x${size}`,
    f: (x: Tensor | undefined, w: Tensor | undefined) => convTransposed(as4D(x!), w!),
    inputs: () => [picture(16, 5), normal([size, size, 2, 3], 17)],
  })),
  ...[2, 4].flatMap((side) => [
    {
      name: `convolution of few pixels and many channels, side ${side}`,
      f: (x: Tensor | undefined, w: Tensor | undefined) => conv(as4D(x!), w!, 2, 1),
      inputs: () => [picture(30, side, 24), normal([4, 4, 24, 20], 31)],
    },
    {
      name: `transposed convolution of few pixels and many channels, side ${side}`,
      f: (x: Tensor | undefined, w: Tensor | undefined) => convTransposed(as4D(x!), w!),
      inputs: () => [picture(32, side / 2, 24), normal([4, 4, 20, 24], 33)],
    },
  ]),
  {
    name: 'convolution 7x7 to three channels',
    f: (x, w) => conv(as4D(x!), w!, 1, 0),
    inputs: () => [picture(36, 9, 4), normal([7, 7, 4, 3], 37)],
  },
  {
    name: 'reflection pad of many channels',
    f: (x) => reflectionPad(as4D(x!), 3),
    inputs: () => [picture(38, 5, 130, 1)],
  },
  {
    name: 'convolution of one large picture',
    f: (x, w) => conv(as4D(x!), w!, 1, 1),
    inputs: () => [picture(34, 16, 3, 1), normal([3, 3, 3, 2], 35)],
  },
  ...(['vanilla', 'lsgan'] as const).flatMap((kind) =>
    (['real', 'fake'] as const).map((verdict) => ({
      name: `${kind} loss, ${verdict}`,
      f: (x: Tensor | undefined) => ganLoss(kind, x!, verdict),
      inputs: () => [picture(18)],
    })),
  ),
  { name: 'L1 loss', f: (a, b) => l1Loss(a!, b!), inputs: () => [offZero(), tf.zeros([2, 6, 6, 3])] },
]

beforeAll(async () => {
  const { kind, fellBackBecause } = await openBackend({ threads: 2 })
  expect(kind, fellBackBecause ?? '').toBe('tensorflow')
})

describe.each(laws)('$name', ({ f, inputs }) => {
  it('has the gradient that finite differences see', () => {
    tf.tidy(() => expectTrueGradient(f, inputs()))
  })

  it('gives the same values and gradients without TensorFlow', async () => {
    const [native, fallback] = await onBoth(() => {
      const given = inputs()
      const y = f(...given)
      const probe = normal(y.shape, 50)
      const gradients = tf.grads((...at: Tensor[]) => tf.sum(tf.mul(f(...at), probe)))(given)
      return [y, ...gradients].map((tensor) => Float32Array.from(tensor.dataSync()))
    })
    for (const [index, values] of native.entries())
      expect(largest(differenceOf(values, fallback[index]!)) / Math.max(1, largest(values))).toBeLessThan(
        1e-5,
      )
  })
})

it('has our own kernels, which the addon brings along', () => {
  expect(binding().hasOwnKernels?.()).toBe(true)
})

describe('batch norm', () => {
  it('returns the mean and the unbiased variance of the batch, on both backends', async () => {
    const both = await onBoth(() => {
      const { mean, variance } = batchNorm(as4D(picture(20)), tf.ones([3]), tf.zeros([3]))
      return [mean, variance].map((tensor) => Float32Array.from(tensor.dataSync()))
    })
    const values = tf.tidy(() =>
      tf.unstack(tf.reshape(picture(20), [-1, 3]), 1).map((channel) => [...channel.dataSync()]),
    )
    for (const [mean, variance] of both)
      for (const [channel, list] of values.entries()) {
        const expected = list.reduce((sum, value) => sum + value, 0) / list.length
        const spread = list.reduce((sum, value) => sum + (value - expected) ** 2, 0) / (list.length - 1)
        expect(mean![channel]).toBeCloseTo(expected, 5)
        expect(variance![channel]).toBeCloseTo(spread, 5)
      }
  })

  it('uses given statistics for inference, the same on both backends', async () => {
    const [native, fallback] = await onBoth(() => [
      Float32Array.from(
        batchNormWith(
          as4D(picture(21)),
          normal([3], 22),
          normal([3], 23),
          normal([3], 24),
          tf.ones([3]),
        ).dataSync(),
      ),
    ])
    expect(largest(differenceOf(native[0]!, fallback[0]!))).toBeLessThan(1e-5)
  })
})

describe('dropout', () => {
  it.each(['tensorflow', 'cpu'])(
    'drops half, scales the rest by two, and repeats for the same seed (%s)',
    async (backend) => {
      await tf.setBackend(backend)
      try {
        const draw = (from: () => Tensor1D, layer: number) =>
          tf.tidy(() => dropout(tf.ones([1, 32, 32, 8]), 0.5, from(), layer).dataSync())
        const first = draw(seed, 1)
        expect(new Set(first)).toEqual(new Set([0, 2]))
        expect(first.filter((value) => value === 0).length / first.length).toBeCloseTo(0.5, 1)
        expect(draw(seed, 1)).toEqual(first)
        expect(draw(seed, 2)).not.toEqual(first)
        expect(draw(() => tf.tensor1d([7, 4], 'int32'), 1)).not.toEqual(first)
      } finally {
        await tf.setBackend('tensorflow')
      }
    },
  )

  it('has the gradient that finite differences see', () => {
    tf.tidy(() => expectTrueGradient((x) => dropout(as4D(x!), 0.5, seed(), 1), [picture(30)]))
  })
})

it('refuses to mirror more pixels than there are', () => {
  expect(() => tf.tidy(() => reflectionPad(tf.ones([1, 3, 3, 1]), 3))).toThrow('Cannot mirror 3 pixels')
})

it('keeps the cross-entropy finite for extreme logits', () => {
  const losses = tf.tidy(() =>
    (['real', 'fake'] as const).map(
      (verdict) => ganLoss('vanilla', tf.tensor1d([1e4, -1e4]), verdict).dataSync()[0],
    ),
  )
  expect(losses).toEqual([5000, 5000])
})
