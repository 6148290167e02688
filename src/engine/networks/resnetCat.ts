import { z } from 'zod'
import { inFloat32 } from '../backends/precision.ts'
import { tf } from '../backends/tf.ts'
import type { Tensor4D } from '../backends/tf.ts'
import { addBias, relu, tanh } from '../kernels/activations.ts'
import { mirroredConv } from '../kernels/lastLayer.ts'
import { NORM_EPSILON } from '../kernels/normalise.ts'
import { reflectionPad } from '../kernels/reflectionPad.ts'
import { conv, doubleNearest } from '../nn/convolution.ts'
import { declareLayer, finishLayer, RELU } from '../nn/layer.ts'
import type { Ending, Layer } from '../nn/layer.ts'
import type { ForwardMode, Network, ParameterDeclaration, Weights } from '../nn/network.ts'

export const resnetCatSchema = z.strictObject({
  inputChannels: z.number().int().min(1).max(1024).default(3),
  outputChannels: z.number().int().min(1).max(1024).default(3),
  ngf: z.number().int().min(1).max(1024).default(64),
})
export type ResnetCatOptions = z.infer<typeof resnetCatSchema>

/** `resnet_cat_4blocks` to 4, as many on either side of the middle; undefined for names of other families. */
export function catBlocksOf(architecture: string): number | undefined {
  const blocks = Number(/^resnet_cat_(\d{1,2})blocks$/.exec(architecture)?.[1] ?? 0)
  return blocks >= 1 && blocks <= 32 ? blocks : undefined
}

type Block = { conv1: Layer; conv2: Layer }
/** `down` and `up` are the layers that change the sides; those of `up` are followed by a norm over all of a picture. */
type Parts = { stem: Layer; down: Layer[]; blocks: Block[]; up: Layer[]; head: Layer }

function declareParts(blocks: number, { inputChannels, outputChannels, ngf }: ResnetCatOptions): Parts {
  const layer = (name: string, size: number, inputs: number, outputs: number): Layer =>
    declareLayer(name, [size, size, inputs, outputs], outputs, 'instance')
  const plain = (name: string, size: number, inputs: number, outputs: number): Layer =>
    declareLayer(name, [size, size, inputs, outputs], outputs, 'none')
  const middle = 4 * ngf
  return {
    stem: layer('stem', 7, inputChannels, ngf),
    down: [layer('down1', 4, ngf, 2 * ngf), layer('down2', 4, 2 * ngf, middle)],
    blocks: Array.from({ length: 2 * blocks }, (_, index) => ({
      conv1: layer(`block${index + 1}.conv1`, 3, middle, middle),
      conv2: layer(`block${index + 1}.conv2`, 3, middle, middle),
    })),
    up: [plain('up1', 5, middle, 2 * ngf), plain('up2', 5, 2 * ngf, ngf)],
    head: plain('head', 7, ngf, outputChannels),
  }
}

function parametersOf({ stem, down, blocks, up, head }: Parts, ngf: number): ParameterDeclaration[] {
  const inner = blocks.flatMap(({ conv1, conv2 }) => [conv1, conv2])
  return [
    ...[stem, ...down, ...inner].flatMap(({ parameters }) => parameters),
    ...up.flatMap(({ name, parameters }, index): ParameterDeclaration[] => [
      ...parameters,
      { name: `${name}.norm.scale`, shape: [index === 0 ? 2 * ngf : ngf], init: 'normScale' },
      { name: `${name}.norm.offset`, shape: [index === 0 ? 2 * ngf : ngf], init: 'normOffset' },
    ]),
    ...head.parameters,
  ]
}

/**
 * Layer norm (Ba, Kiros, Hinton 2016): each picture of x [N,H,W,C] by one mean and one spread over all that it has, the spread unbiased
 * and epsilon added to it, as the published code has it; then scale and offset, both [C].
 */
function layerNorm(x: Tensor4D, name: string, weights: Weights): Tensor4D {
  const [pictures] = x.shape
  const count = x.size / pictures
  const centred = tf.sub(x, tf.mean(x, [1, 2, 3], true))
  const spread = tf.sqrt(tf.mul(tf.mean(tf.square(centred), [1, 2, 3], true), count / (count - 1)))
  const normed = tf.div(centred, tf.add(spread, NORM_EPSILON))
  return tf.add(tf.mul(normed, weights(`${name}.norm.scale`)), weights(`${name}.norm.offset`)) as Tensor4D
}

function forward(x: Tensor4D, parts: Parts, weights: Weights, mode: ForwardMode): Tensor4D {
  const mirrored = (h: Tensor4D, layer: Layer, padding: number, stride: 1 | 2, ending: Ending) =>
    finishLayer(
      layer,
      conv(reflectionPad(h, padding), weights(`${layer.name}.weight`), stride, 0),
      weights,
      mode,
      ending,
    )
  let h = mirrored(x, parts.stem, 3, 1, RELU)
  for (const layer of parts.down) h = mirrored(h, layer, 1, 2, RELU)
  for (const { conv1, conv2 } of parts.blocks)
    h = mirrored(mirrored(h, conv1, 1, 1, RELU), conv2, 1, 1, { added: h })
  for (const { name } of parts.up) {
    const convolved = conv(reflectionPad(doubleNearest(h), 2), weights(`${name}.weight`), 1, 0)
    h = relu(layerNorm(addBias(convolved, weights(`${name}.bias`)), name, weights))
  }
  const { name } = parts.head
  const made = mirroredConv(h, weights(`${name}.weight`) as Tensor4D, weights(`${name}.bias`), 3)
  return inFloat32(() => tanh(made))
}

/**
 * CUT's --netG resnet_cat without a code (MUNIT's content encoder and decoder, Huang et al. 2018): two halvings by 4x4
 * convolutions, n residual blocks, n more, two doublings of repeated pixels, each under a layer norm.
 * [N,H,W,inputChannels] in [-1,1] to [N,H,W,outputChannels] in [-1,1].
 */
export function createResnetCat(architecture: string, blocks: number, options: ResnetCatOptions): Network {
  const parts = declareParts(blocks, options)
  return {
    architecture,
    options,
    parameters: parametersOf(parts, options.ngf),
    statistics: [],
    inputChannels: options.inputChannels,
    outputChannels: options.outputChannels,
    scale: 1,
    multipleOf: 4,
    // How far convolutions see: stem and head 3 each, halvings 1 and 2, every block two pixels of size 4, doublings 6 and 3.
    context: 3 + (1 + 2) + 2 * blocks * 8 + (6 + 3) + 3,
    forward: (x, weights, mode) => forward(x, parts, weights, mode),
  }
}
