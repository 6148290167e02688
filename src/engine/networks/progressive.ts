import { z } from 'zod'
import { refuse } from '../../core/errors.ts'
import { inFloat32 } from '../backends/precision.ts'
import { tf } from '../backends/tf.ts'
import type { Scalar, Tensor4D } from '../backends/tf.ts'
import { addBias, leakyRelu } from '../kernels/activations.ts'
import { at } from '../kernels/at.ts'
import { conv, doubleNearest } from '../nn/convolution.ts'
import { dense } from '../nn/dense.ts'
import type { Network, ParameterDeclaration, Weights } from '../nn/network.ts'
import { conditionOptions } from './condition.ts'

export const progressiveSchema = z.strictObject({
  latent: conditionOptions.latent,
  sizePx: z.number().int().min(4).max(1024).default(64),
  channels: z.number().int().min(1).max(64).default(3),
  ngf: z.number().int().min(1).max(256).default(32),
  /** How far the last doubling has been faded in: 0, its picture is the one before it doubled; 1, its own. */
  fade: z.number().min(0).max(1).default(1),
})
export type ProgressiveOptions = z.infer<typeof progressiveSchema>

const [FIRST_SIDE, SLOPE, EPSILON] = [4, 0.2, 1e-8]

/** Sides from 4 px to this one. @throws Refused `crop-size` */
export function sidesTo(sizePx: number): number[] {
  const stages = Math.log2(sizePx / FIRST_SIDE)
  if (Number.isInteger(stages) && stages >= 0)
    return Array.from({ length: stages + 1 }, (_, k) => FIRST_SIDE * 2 ** k)
  throw refuse(
    'crop-size',
    `Pictures of ${sizePx} px cannot be grown from ${FIRST_SIDE} px by doubling.`,
    'Choose a crop size that is a power of two: 32, 64, 128, 256.',
  )
}

/** Channels at a side: four times ngf up to 16 px, ngf from 64 px on. */
export const widthAt = (sidePx: number, ngf: number): number =>
  ngf * Math.min(4, Math.max(1, Math.round(64 / sidePx)))

/** A part of a growing network: what it learns, and what it makes of what it is given. */
export type Piece = { parameters: ParameterDeclaration[]; run: (x: Tensor4D, weights: Weights) => Tensor4D }

const declare = (name: string, kernel: readonly number[], biases: number): ParameterDeclaration[] => [
  { name: `${name}.weight`, shape: kernel, init: 'weight' },
  { name: `${name}.bias`, shape: [biases], init: 'bias' },
]

/**
 * Equalised learning rate (Karras et al. 2018, section 4.1): weights are drawn with spread 1 and scaled as He et al. 2015 would
 * have drawn them whenever they are used, so that all move at one pace.
 */
function scaled(name: string, weights: Weights, gain: number): Tensor4D {
  const kernel = weights(`${name}.weight`)
  const [height, width, inputs] = kernel.shape as [number, number, number, number]
  return tf.mul(kernel, gain / Math.sqrt(height * width * inputs)) as Tensor4D
}

function convolved(x: Tensor4D, name: string, weights: Weights, gain = Math.SQRT2): Tensor4D {
  const kernel = scaled(name, weights, gain)
  return conv(x, kernel, 1, (at(kernel.shape, 0) - 1) / 2)
}

/** Every pixel to mean square 1 over its channels (Karras et al. 2018, section 4.2). */
function pixelNorm(x: Tensor4D): Tensor4D {
  return tf.mul(x, tf.rsqrt(tf.add(tf.mean(tf.square(x), 3, true), EPSILON)))
}

/** A layer as both networks have them: convolution, bias, leaky ReLU. */
export function layered(x: Tensor4D, name: string, weights: Weights): Tensor4D {
  return addBias(convolved(x, name, weights), weights(`${name}.bias`), SLOPE)
}

/** The same before its ReLU. */
export function unbent(x: Tensor4D, name: string, weights: Weights, gain?: number): Tensor4D {
  return addBias(convolved(x, name, weights, gain), weights(`${name}.bias`))
}

const painted = (x: Tensor4D, name: string, weights: Weights): Tensor4D =>
  pixelNorm(layered(x, name, weights))

/** The generator's part that leads to a side: from noise [N,1,1,latent] to the first, from half the side to any other. */
export function growingBlock(
  sidePx: number,
  { latent, ngf }: Pick<ProgressiveOptions, 'latent' | 'ngf'>,
): Piece {
  const [name, width] = [`b${sidePx}`, widthAt(sidePx, ngf)]
  if (sidePx > FIRST_SIDE) {
    const before = widthAt(sidePx / 2, ngf)
    return {
      parameters: [
        ...declare(`${name}.conv1`, [3, 3, before, width], width),
        ...declare(`${name}.conv2`, [3, 3, width, width], width),
      ],
      run: (x, weights) =>
        painted(painted(doubleNearest(x), `${name}.conv1`, weights), `${name}.conv2`, weights),
    }
  }
  const area = FIRST_SIDE ** 2
  return {
    parameters: [
      ...declare(`${name}.dense`, [1, 1, latent, area * width], width),
      ...declare(`${name}.conv`, [3, 3, width, width], width),
    ],
    run(x, weights) {
      // A quarter of He's gain, as published, since pixels share what the noise gives.
      const kernel = scaled(`${name}.dense`, weights, Math.SQRT2 / 4)
      const square = tf.reshape(dense(pixelNorm(x), kernel), [at(x.shape, 0), FIRST_SIDE, FIRST_SIDE, width])
      const first = pixelNorm(addBias(square as Tensor4D, weights(`${name}.dense.bias`), SLOPE))
      return painted(first, `${name}.conv`, weights)
    },
  }
}

/** From the channels of a side to those of pictures; nothing squashes them. */
export function paintingLayer(
  sidePx: number,
  { channels, ngf }: Pick<ProgressiveOptions, 'channels' | 'ngf'>,
): Piece {
  const name = `rgb${sidePx}`
  return {
    parameters: declare(name, [1, 1, widthAt(sidePx, ngf), channels], channels),
    run: (x, weights) => inFloat32(() => unbent(x, name, weights, 1)),
  }
}

/** From a picture of a side to the judge's channels there. */
export function seeingLayer(
  sidePx: number,
  { channels, ngf }: Pick<ProgressiveOptions, 'channels' | 'ngf'>,
): Piece {
  const name = `from${sidePx}`
  const width = widthAt(sidePx, ngf)
  return {
    parameters: declare(name, [1, 1, channels, width], width),
    run: (x, weights) => layered(x, name, weights),
  }
}

/** The judge's part at a side: to half of it, or, at the first, to the logit [N,1,1,1]. */
export function judgingBlock(sidePx: number, { ngf }: Pick<ProgressiveOptions, 'ngf'>): Piece {
  const [name, width] = [`d${sidePx}`, widthAt(sidePx, ngf)]
  if (sidePx > FIRST_SIDE) {
    const after = widthAt(sidePx / 2, ngf)
    return {
      parameters: [
        ...declare(`${name}.conv1`, [3, 3, width, width], width),
        ...declare(`${name}.conv2`, [3, 3, width, after], after),
      ],
      run: (x, weights) => halveMean(layered(layered(x, `${name}.conv1`, weights), `${name}.conv2`, weights)),
    }
  }
  return {
    parameters: [
      ...declare(`${name}.conv`, [3, 3, width + 1, width], width),
      ...declare(`${name}.dense`, [1, 1, FIRST_SIDE ** 2 * width, width], width),
      ...declare(`${name}.verdict`, [1, 1, width, 1], 1),
    ],
    run(x, weights) {
      const h = layered(withSpread(x), `${name}.conv`, weights)
      const kernel = scaled(`${name}.dense`, weights, Math.SQRT2)
      const hidden = leakyRelu(tf.add(dense(h, kernel), weights(`${name}.dense.bias`)) as Tensor4D, SLOPE)
      return tf.add(dense(hidden, scaled(`${name}.verdict`, weights, 1)), weights(`${name}.verdict.bias`))
    },
  }
}

/**
 * One more channel, the same everywhere: how much the pictures of the batch differ, on average over places and channels (minibatch
 * standard deviation, Karras et al. 2018, section 3). A judge that sees it catches a generator that always paints the same.
 */
export function withSpread(x: Tensor4D): Tensor4D {
  const [count, height, width] = x.shape
  const variance = tf.mean(tf.square(tf.sub(x, tf.mean(x, 0, true))), 0, true)
  const spread = tf.mean(tf.sqrt(tf.add(variance, EPSILON)))
  const plane = tf.mul(tf.ones([count, height, width, 1]), spread) as Tensor4D
  return tf.concat([x, plane], 3)
}

/** Means of 2 x 2 pixels: [N,h,w,C] to [N,h/2,w/2,C]. */
export function halveMean(x: Tensor4D): Tensor4D {
  const [count, height, width, channels] = x.shape
  const rows = tf.mean(tf.reshape(x, [count, height / 2, 2, width * channels]), 2)
  const pairs = tf.reshape(rows, [count * (height / 2), width / 2, 2, channels])
  return tf.reshape(tf.mean(pairs, 2), [count, height / 2, width / 2, channels])
}

/** Between the picture of half the side, doubled, and that of the side itself: `fade` 0 to 1. */
export function fadeIn(before: Tensor4D, now: Tensor4D, fade: Scalar | number): Tensor4D {
  return tf.add(tf.mul(before, tf.sub(1, fade)), tf.mul(now, fade)) as Tensor4D
}

/**
 * The growing generator (Karras, Aila, Laine, Lehtinen 2018): [N,1,1,latent] to [N,S,S,channels], about [-1,1].
 * @param fade tells how far the last doubling is in; left out: the network's own
 */
export function paintProgressively(
  x: Tensor4D,
  options: ProgressiveOptions,
  weights: Weights,
  fade: Scalar | number = options.fade,
): Tensor4D {
  const [before, last] = growTo(x, options, weights)
  const now = paintingLayer(options.sizePx, options).run(last, weights)
  if (options.sizePx === FIRST_SIDE || fade === 1) return now
  const coarse = paintingLayer(options.sizePx / 2, options).run(before, weights)
  return inFloat32(() => fadeIn(doubleNearest(coarse), now, fade))
}

/** What the generator has made of [N,1,1,latent] when its last block begins, [N,S/2,S/2,C], and when it ends, [N,S,S,C]. */
export function growTo(
  x: Tensor4D,
  options: Pick<ProgressiveOptions, 'latent' | 'ngf' | 'sizePx'>,
  weights: Weights,
): [before: Tensor4D, last: Tensor4D] {
  let [before, last] = [x, x]
  for (const side of sidesTo(options.sizePx))
    [before, last] = [last, growingBlock(side, options).run(last, weights)]
  return [before, last]
}

/** The judge as it has grown to a side: [N,S,S,channels] to [N,1,1,1]. */
export function judgeProgressively(
  x: Tensor4D,
  { sizePx, channels, ngf }: Pick<ProgressiveOptions, 'sizePx' | 'channels' | 'ngf'>,
  weights: Weights,
  fade: Scalar | number,
): Tensor4D {
  const given = { channels, ngf }
  let h = seeingLayer(sizePx, given).run(x, weights)
  for (const side of sidesTo(sizePx).toReversed()) {
    h = judgingBlock(side, given).run(h, weights)
    if (side === sizePx && side > FIRST_SIDE && fade !== 1)
      h = fadeIn(seeingLayer(side / 2, given).run(halveMean(x), weights), h, fade)
  }
  return h
}

export function createProgressive(architecture: string, options: ProgressiveOptions): Network {
  const { latent, sizePx, channels, fade } = options
  const sides = sidesTo(sizePx)
  const pieces = [
    ...sides.map((side) => growingBlock(side, options)),
    ...(sides.length > 1 && fade < 1 ? [paintingLayer(sizePx / 2, options)] : []),
    paintingLayer(sizePx, options),
  ]
  return {
    architecture,
    options,
    parameters: pieces.flatMap(({ parameters }) => parameters),
    statistics: [],
    inputChannels: latent,
    outputChannels: channels,
    scale: sizePx,
    multipleOf: 1,
    context: 0,
    forward: (x, weights) => paintProgressively(x, options, weights),
  }
}
