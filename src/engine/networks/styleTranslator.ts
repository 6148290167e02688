import { z } from 'zod'
import { inFloat32 } from '../backends/precision.ts'
import { tf } from '../backends/tf.ts'
import type { Tensor4D } from '../backends/tf.ts'
import { addBias } from '../kernels/activations.ts'
import { at, lastOf } from '../kernels/at.ts'
import { convolveTransposed } from '../kernels/convolve.ts'
import { conv, convDepthwise } from '../nn/convolution.ts'
import type { Init, Network, ParameterDeclaration, Weights } from '../nn/network.ts'

export const styleTranslatorSchema = z.strictObject({
  inputChannels: z.number().int().min(1).max(64).default(3),
  outputChannels: z.number().int().min(1).max(64).default(3),
  /** Channels at the picture's size, then after each halving, up to seven of them: `128-256`. */
  widths: z.string().regex(/^[1-9]\d{0,3}(-[1-9]\d{0,3}){0,7}$/),
})
export type StyleTranslatorOptions = z.infer<typeof styleTranslatorSchema>

/** `stylegan2_6blocks` to 6; undefined for names of other families. Half of the blocks come after the middle. */
export function styleBlocksOf(architecture: string): number | undefined {
  const blocks = Number(/^stylegan2_(\d{1,2})blocks$/.exec(architecture)?.[1] ?? 0)
  return blocks >= 2 && blocks <= 32 && blocks % 2 === 0 ? blocks : undefined
}

const [SLOPE, EPSILON] = [0.2, 1e-8]
/** Blurs by [1 3 3 1] both ways. */
const BLUR = [1, 3, 3, 1].flatMap((x) => [1, 3, 3, 1].map((y) => (x * y) / 64))

const widthsOf = ({ widths }: Pick<StyleTranslatorOptions, 'widths'>): number[] =>
  widths.split('-').map(Number)

const declare = (name: string, kernel: readonly number[]): ParameterDeclaration[] => [
  { name: `${name}.weight`, shape: kernel, init: 'weight' },
  { name: `${name}.bias`, shape: [at(kernel, 3)], init: 'bias' },
]
const one = (name: string, shape: readonly number[], init: Init): ParameterDeclaration => ({
  name,
  shape,
  init,
})

function declareAll(blocks: number, options: StyleTranslatorOptions): ParameterDeclaration[] {
  const { inputChannels, outputChannels } = options
  const widths = widthsOf(options)
  const [first, middle] = [at(widths, 0), lastOf(widths)]
  return [
    ...declare('stem', [1, 1, inputChannels, first]),
    ...widths.slice(1).flatMap((to, level) => {
      const [name, from] = [`down${level + 1}`, at(widths, level)]
      return [
        ...declare(`${name}.conv1`, [3, 3, from, from]),
        ...declare(`${name}.conv2`, [3, 3, from, to]),
        one(`${name}.skip.weight`, [1, 1, from, to], 'weight'),
      ]
    }),
    ...Array.from({ length: blocks }, (_, index) =>
      ['conv1', 'conv2'].flatMap((conv) => declare(`block${index + 1}.${conv}`, [3, 3, middle, middle])),
    ).flat(),
    ...widths
      .slice(1)
      .toReversed()
      .flatMap((from, index) => {
        const name = `up${index + 1}`
        const to = at(widths, widths.length - 2 - index)
        return [...declare(name, [3, 3, from, to]), one(`${name}.noise`, [1], 'zero')]
      }),
    ...declare('head', [1, 1, first, outputChannels]),
  ]
}

/** What a weight is multiplied by when it is used: all are kept at spread 1 (Karras et al. 2018, section 4.1). */
function scaled(name: string, weights: Weights): Tensor4D {
  const kernel = weights(`${name}.weight`)
  const [height, width, inputs] = kernel.shape as [number, number, number, number]
  return tf.mul(kernel, 1 / Math.sqrt(height * width * inputs)) as Tensor4D
}

/** A bias, leaky ReLU, and the factor that keeps the spread. */
function activated(x: Tensor4D, name: string, weights: Weights): Tensor4D {
  return tf.mul(addBias(x, weights(`${name}.bias`), SLOPE), Math.SQRT2)
}

function convolved(x: Tensor4D, name: string, weights: Weights): Tensor4D {
  const kernel = scaled(name, weights)
  return activated(conv(x, kernel, 1, (at(kernel.shape, 0) - 1) / 2), name, weights)
}

/** x [N,H,W,C] blurred, with `padding` zeros at every side: sides grow by 2 padding - 3, then every `stride`th pixel stays. */
function blurred(x: Tensor4D, padding: number, stride: 1 | 2, gain = 1): Tensor4D {
  const kernel = tf.tensor4d(
    BLUR.map((value) => value * gain),
    [4, 4, 1, 1],
  )
  return convDepthwise(x, tf.tile(kernel, [1, 1, x.shape[3], 1]), stride, padding)
}

/** The sum of two of the same spread, at that spread. */
function joined(a: Tensor4D, b: Tensor4D): Tensor4D {
  return tf.mul(tf.add(a, b), Math.SQRT1_2)
}

function throughBlock(x: Tensor4D, name: string, weights: Weights): Tensor4D {
  return joined(convolved(convolved(x, `${name}.conv1`, weights), `${name}.conv2`, weights), x)
}

function halved(x: Tensor4D, name: string, weights: Weights): Tensor4D {
  const [second, skip] = [`${name}.conv2`, scaled(`${name}.skip`, weights)]
  const inner = blurred(convolved(x, `${name}.conv1`, weights), 2, 1)
  const made = activated(conv(inner, scaled(second, weights), 2, 0), second, weights)
  return joined(made, conv(blurred(x, 1, 2), skip, 1, 0))
}

/** Weight demodulation (Karras et al. 2020, section 2.2): what makes one channel has length 1. [3,3,in,out] to [3,3,out,in]. */
function demodulated(name: string, weights: Weights): Tensor4D {
  const kernel = scaled(name, weights)
  const squares = tf.sum(tf.square(kernel), [0, 1, 2], true)
  return tf.transpose(tf.mul(kernel, tf.rsqrt(tf.add(squares, EPSILON))), [0, 1, 3, 2]) as Tensor4D
}

function doubled(x: Tensor4D, name: string, weights: Weights): Tensor4D {
  const [pictures, height, width] = x.shape
  const kernel = demodulated(name, weights)
  const shape: Tensor4D['shape'] = [pictures, 2 * height + 1, 2 * width + 1, kernel.shape[2]]
  return activated(blurred(convolveTransposed(x, kernel, shape, 2, 'valid'), 1, 1, 4), name, weights)
}

function forward(x: Tensor4D, blocks: number, halvings: number, weights: Weights): Tensor4D {
  let h = convolved(x, 'stem', weights)
  for (let k = 1; k <= halvings; k += 1) h = halved(h, `down${k}`, weights)
  for (let k = 1; k <= blocks; k += 1) h = throughBlock(h, `block${k}`, weights)
  for (let k = 1; k <= halvings; k += 1) h = doubled(h, `up${k}`, weights)
  return inFloat32(() => convolved(h, 'head', weights))
}

/**
 * The translator that CUT makes of StyleGAN2's parts (Karras et al. 2020; CUT's --netG stylegan2 with 6 blocks, smallstylegan2 with
 * 2, sinCUT): equalised weights, residual blocks, halvings and doublings under a blur. StyleGAN2 grains its pictures at random
 * on the way up; here they have none, which is their mean, so that a picture always becomes the same: the strengths of the grain,
 * `up{k}.noise`, are kept for PyTorch alone. [N,H,W,inputChannels] in [-1,1] to [N,H,W,outputChannels]; nothing squashes it.
 */
export function createStyleTranslator(
  architecture: string,
  blocks: number,
  options: StyleTranslatorOptions,
): Network {
  const halvings = widthsOf(options).length - 1
  const multipleOf = 2 ** halvings
  return {
    architecture,
    options,
    parameters: declareAll(blocks, options),
    statistics: [],
    inputChannels: options.inputChannels,
    outputChannels: options.outputChannels,
    scale: 1,
    multipleOf,
    // The exact reach, as tests measure it: two pixels of the smallest size a block, and six of its own a size above.
    context: 2 * blocks * multipleOf + 6 * (multipleOf - 1),
    forward: (x, weights) => forward(x, blocks, halvings, weights),
  }
}
