import { beforeAll, describe, expect, it } from 'vitest'
import { openBackend } from '../../../src/engine/backends/index.ts'
import { twiceDifferentiable } from '../../../src/engine/backends/binding.ts'
import { tf } from '../../../src/engine/backends/tf.ts'
import type { Tensor, Tensor4D } from '../../../src/engine/backends/tf.ts'
import { changeColours, changePlaces, drawAugment } from '../../../src/engine/kernels/diffAugment.ts'
import { halveBlurred } from '../../../src/engine/kernels/antialias.ts'
import { foolingLoss, ganLoss, ganLosses } from '../../../src/engine/losses/gan.ts'
import { buildNetwork } from '../../../src/engine/networks/index.ts'
import { dense } from '../../../src/engine/nn/dense.ts'
import type { Network } from '../../../src/engine/nn/network.ts'
import { leakyRelu } from '../../../src/engine/kernels/activations.ts'
import { batchNorm, instanceNorm } from '../../../src/engine/kernels/normalise.ts'
import { slopeOn, type View } from '../../../src/engine/recipes/judging.ts'
import { slopePenalty, steepnessPenalty } from '../../../src/engine/recipes/steepness.ts'
import { createTrainee, type Trainee } from '../../../src/engine/recipes/trainee.ts'
import { differenceOf, expectTrueGradient, largest, normal } from '../support/numbers.ts'

beforeAll(async () => {
  await openBackend({ threads: 2 })
})

const slopeAt = (trainee: Trainee, { shown, ...beside }: View, weights: readonly Tensor[]): Tensor4D =>
  slopeOn(trainee, beside, weights, undefined)(shown)

const SIDE = 16

/** Few units, so that a small step crosses no kink of an activation. */
const smallDense: Network = {
  ...buildNetwork('patch_1layers', { inputChannels: 1, ndf: 1, norm: 'none' }),
  parameters: [
    { name: 'one.weight', shape: [1, 1, SIDE * SIDE, 4], init: 'weight' },
    { name: 'two.weight', shape: [1, 1, 4, 1], init: 'weight' },
  ],
  forward: (x, weights) => dense(leakyRelu(dense(x, weights('one.weight')), 0.2), weights('two.weight')),
}

const judges: Record<string, { network: Network; labels?: number }> = {
  'dense layers': { network: smallDense },
  convolutions: { network: buildNetwork('dcgan_judge', { sizePx: SIDE, channels: 3, ndf: 2, norm: 'none' }) },
  'convolutions with labels': {
    network: buildNetwork('dcgan_judge', { sizePx: SIDE, channels: 3, ndf: 2, norm: 'none', labels: 2 }),
    labels: 2,
  },
  'patches, antialiased': {
    network: buildNetwork('patch_2layers', {
      inputChannels: 3,
      ndf: 2,
      norm: 'none',
      downsampling: 'antialiased',
    }),
  },
}

describe.each(Object.entries(judges))('a penalty on the slope of %s', (_, { network, labels = 0 }) => {
  const channels = network.inputChannels - labels
  const shown = () => normal([2, SIDE, SIDE, channels], 3) as Tensor4D
  const view = () => ({
    shown: shown(),
    ...(labels > 0 && {
      labels: tf.concat([tf.ones([2, SIDE, SIDE, 1]), tf.zeros([2, SIDE, SIDE, labels - 1])], 3) as Tensor4D,
    }),
  })
  const trainee = createTrainee('netD', network, { kind: 'normal', gain: 0.06, seed: 3 })
  // Where an activation bends, a slope jumps and has no derivative: biases keep its inputs away from there, on either side.
  const weightsOf = () =>
    trainee.read().map((weight, index) =>
      /bias$/.test(network.parameters[index]!.name)
        ? tf.tensor(
            Float32Array.from({ length: weight.size }, (_, at) => (at % 2 === 0 ? 6 : -6)),
            weight.shape,
          )
        : weight,
    )

  it('measures the true slope: the difference quotient of the verdict by the picture', () => {
    tf.tidy(() => {
      const weights = weightsOf()
      const slope = slopeAt(trainee, view(), weights)
      const direction = normal(slope.shape, 8)
      const verdict = (by: number) => {
        const moved = tf.add(shown(), tf.mul(direction, by)) as Tensor4D
        const beside = view().labels
        const x = beside ? tf.concat([moved, beside], 3) : moved
        return tf.sum(trainee.forward(x, weights, { norm: 'batch' })).dataSync()[0]!
      }
      const quotient = (verdict(5e-4) - verdict(-5e-4)) / 1e-3
      const along = tf.sum(tf.mul(slope, direction)).dataSync()[0]!
      expect(Math.abs(along - quotient)).toBeLessThan(2e-2 * Math.abs(quotient) + 1e-2)
    })
  })

  it('has the gradient by the weights that its difference quotient says: a second one', () => {
    tf.tidy(() => {
      // What has no part in the slope has no gradient: biases of the last layer, of instance norms.
      const names = network.parameters.map(({ name }) => name)
      const given = weightsOf()
      const learned = names.flatMap((name, index) => (/weight$/.test(name) ? [index] : []))
      const penalty = (...some: Tensor[]): Tensor => {
        const all = given.map((one, index) => some[learned.indexOf(index)] ?? one)
        return tf.add(
          slopePenalty(slopeAt(trainee, view(), all)),
          steepnessPenalty(2, slopeAt(trainee, view(), all)),
        )
      }
      expectTrueGradient(
        penalty,
        learned.map((index) => given[index]!),
        5e-4,
      )
    })
  })
})

it('a penalty costs each convolution one gradient by its kernel: no zeros go back through the bends of activations', async () => {
  const { network } = judges['convolutions']!
  const trainee = createTrainee('netD', network, { kind: 'normal', gain: 0.06, seed: 3 })
  const { kernels } = await tf.profile(() =>
    tf.tidy(() => {
      const shown = normal([2, SIDE, SIDE, 3], 3) as Tensor4D
      const penalty = (...weights: Tensor[]) => slopePenalty(slopeAt(trainee, { shown }, weights))
      // Biases move the bends alone: by them it has no gradient.
      const learned = network.parameters.flatMap(({ name }, index) => (/weight$/.test(name) ? [index] : []))
      const given = trainee.read()
      const of = (...some: Tensor[]) =>
        penalty(...given.map((one, index) => some[learned.indexOf(index)] ?? one))
      tf.dispose(tf.grads(of)(learned.map((index) => given[index]!)))
      return tf.scalar(0)
    }),
  )
  const convolutions = network.parameters.filter(({ name }) => /^layer\d+\.weight$/.test(name)).length
  const count = (wanted: string) => kernels.filter(({ name }) => name === wanted).length
  expect(count('Conv2DBackpropFilter')).toBe(convolutions)
  expect(count('Conv2DBackpropInput')).toBe(convolutions)
})

describe.each(['instance', 'batch'] as const)('the slope of %s norm', (kind) => {
  it('has a true gradient in its turn', () => {
    tf.tidy(() => {
      const probe = normal([2, 5, 5, 3], 7)
      const normed = (x: Tensor) =>
        kind === 'instance'
          ? instanceNorm(x as Tensor4D)
          : batchNorm(x as Tensor4D, tf.tensor1d([1, 0.5, 2]), tf.zeros([3])).y
      const steepness = (x: Tensor) =>
        twiceDifferentiable(() => tf.sum(tf.square(tf.grad((y) => tf.sum(tf.mul(normed(y), probe)))(x))))
      expectTrueGradient(steepness, [normal([2, 5, 5, 3], 2)], 1e-3)
    })
  })
})

it('is the mean of (|slope| - 1) squared', () => {
  tf.tidy(() => {
    const slope = tf.tensor4d([3, 4, 0, 0, 0, 2, 0, 0], [2, 2, 2, 1])
    expect(slopePenalty(slope).dataSync()[0]).toBeCloseTo(((5 - 1) ** 2 + (2 - 1) ** 2) / 2, 5)
  })
})

it('the blur made of slices is the blur made of a convolution', () => {
  tf.tidy(() => {
    for (const [height, width] of [
      [8, 8],
      [9, 6],
      [5, 7],
    ] as const)
      for (const padding of [1, 2] as const) {
        const x = normal([2, height, width, 3], 5) as Tensor4D
        const composed = twiceDifferentiable(() => halveBlurred(x, padding))
        const fused = halveBlurred(x, padding)
        expect(composed.shape).toEqual(fused.shape)
        expect(largest(differenceOf(composed.dataSync(), fused.dataSync()))).toBeLessThan(1e-5)
      }
  })
})

describe('adversarial losses', () => {
  const logits = () => tf.tensor1d([-2, -0.5, 0.3, 1.7])
  const expected = {
    vanilla: { real: (x: number) => Math.log1p(Math.exp(-x)), fake: (x: number) => Math.log1p(Math.exp(x)) },
    lsgan: { real: (x: number) => (x - 1) ** 2, fake: (x: number) => x ** 2 },
    hinge: { real: (x: number) => Math.max(0, 1 - x), fake: (x: number) => Math.max(0, 1 + x) },
    wgan: { real: (x: number) => -x, fake: (x: number) => x },
  }
  it.each(ganLosses)('%s is what the paper says', (kind) => {
    tf.tidy(() => {
      const values = [...logits().dataSync()]
      const mean = (f: (x: number) => number) => values.reduce((sum, x) => sum + f(x), 0) / values.length
      for (const verdict of ['real', 'fake'] as const)
        expect(ganLoss(kind, logits(), verdict).dataSync()[0]).toBeCloseTo(mean(expected[kind][verdict]), 5)
      const wanted = kind === 'hinge' ? expected.wgan.real : expected[kind].real
      expect(foolingLoss(kind, logits()).dataSync()[0]).toBeCloseTo(mean(wanted), 5)
    })
  })
})

describe('DiffAugment', () => {
  it('draws the same for the same seed and step, other pictures otherwise', () => {
    tf.tidy(() => {
      const values = (seed: number, step: number) =>
        Object.values(drawAugment(2, 8, seed, step)).map((one) => [...one.dataSync()])
      expect(values(1, 5)).toEqual(values(1, 5))
      expect(values(1, 6)).not.toEqual(values(1, 5))
      expect(values(2, 5)).not.toEqual(values(1, 5))
    })
  })

  it('shifts by whole pixels, covers a part with 0, and leaves all else as it was', () => {
    tf.tidy(() => {
      const x = tf.add(tf.abs(normal([16, 8, 8, 2], 4)), 1) as Tensor4D
      const before = x.arraySync()
      const after = changePlaces(x, drawAugment(16, 8, 3, 1)).arraySync()
      for (const [index, picture] of after.entries()) {
        const shifts = [-1, 0, 1].flatMap((dy) => [-1, 0, 1].map((dx) => [dy, dx] as const))
        const fits = shifts.filter(([dy, dx]) =>
          picture.every((row, y) =>
            row.every(
              ([value], x0) =>
                value === 0 || Math.abs(value! - (before[index]![y - dy]?.[x0 - dx]?.[0] ?? NaN)) < 1e-5,
            ),
          ),
        )
        expect(fits.length, `picture ${index}`).toBeGreaterThan(0)
        expect(picture.flat(2).filter((value) => value === 0).length).toBeGreaterThan(0)
      }
    })
  })

  it('changes colours about their means, and has a true gradient', () => {
    tf.tidy(() => {
      const feeds = drawAugment(2, 6, 9, 2)
      expectTrueGradient(
        (x) => changePlaces(changeColours(x as Tensor4D, feeds), feeds),
        [normal([2, 6, 6, 3], 5)],
      )
    })
  })
})
