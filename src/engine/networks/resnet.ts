import { inFloat32 } from '../backends/precision.ts'
import type { Tensor, Tensor4D } from '../backends/tf.ts'
import { tanh } from '../kernels/activations.ts'
import { doubleBlurred, halveBlurred } from '../kernels/antialias.ts'
import { at, lastOf } from '../kernels/at.ts'
import { dropout } from '../kernels/dropout.ts'
import { mirroredConv } from '../kernels/lastLayer.ts'
import { reflectionPad } from '../kernels/reflectionPad.ts'
import { conv, convTransposed, doubleNearest } from '../nn/convolution.ts'
import { declareLayer, finishLayer, RELU, withBias } from '../nn/layer.ts'
import type { Ending, Layer } from '../nn/layer.ts'
import type { Encoder, Feature, ForwardMode, Network, Weights } from '../nn/network.ts'
import type { ResnetOptions } from './generatorOptions.ts'

/** `resnet_9blocks` to 9; undefined for names of other families. */
export function blocksOf(architecture: string): number | undefined {
  const blocks = Number(/^resnet_(\d{1,2})blocks$/.exec(architecture)?.[1] ?? 0)
  return blocks >= 1 && blocks <= 32 ? blocks : undefined
}

type Block = { conv1: Layer; conv2: Layer }
type Parts = { stem: Layer; down: Layer[]; blocks: Block[]; up: Layer[]; head: Layer; options: ResnetOptions }

/** Of the blocks, the encoder has these; the published features end with the fifth block. */
const ENCODER_BLOCKS = 5

/**
 * Residual generator (Johnson et al. 2016, as CycleGAN uses it): two halvings, n residual blocks, two doublings.
 * Antialiased ones (Zhang 2019, as CUT uses them) convolve at the greater size and blur when they change it.
 */
export function createResnet(architecture: string, blocks: number, options: ResnetOptions): Network {
  const parts = declareParts(blocks, options)
  const layers = [
    parts.stem,
    ...parts.down,
    ...parts.blocks.flatMap(({ conv1, conv2 }) => [conv1, conv2]),
    ...parts.up,
    parts.head,
  ]
  const encoder = encoderOf(parts)
  return {
    architecture,
    options,
    parameters: layers.flatMap((layer) => layer.parameters),
    statistics: layers.flatMap((layer) => layer.statistics),
    inputChannels: options.inputChannels,
    outputChannels: options.outputChannels,
    scale: 1,
    multipleOf: 4,
    context: reachOf(blocks, options),
    encoder,
    forward: (x, weights, mode) => encoder.decode(lastOf(encoder.encode(x, weights, mode)), weights, mode),
  }
}

/** Pixels of the picture that each way of changing its size twice lets a pixel see, as tests measure it. */
const REACH_DOWN = { strided: 1 + 2, antialiased: 2 + 4 } as const
const REACH_UP = { transposed: 2 + 1, resize: 4 + 2, antialiased: 4 + 2 + 2 + 1 } as const

/** How far a pixel sees, exactly: stem and head 3 each, every block two pixels of size 4, and what changes size. */
function reachOf(blocks: number, { downsampling, upsampling }: ResnetOptions): number {
  return 3 + REACH_DOWN[downsampling] + 8 * blocks + REACH_UP[upsampling] + 3
}

function declareParts(blocks: number, options: ResnetOptions): Parts {
  const { inputChannels, outputChannels, ngf, norm, stemNorm } = options
  const layer = (name: string, size: number, inputs: number, outputs: number): Layer =>
    declareLayer(name, [size, size, inputs, outputs], outputs, norm)
  const upLayer = (name: string, inputs: number, outputs: number): Layer =>
    options.upsampling === 'transposed'
      ? declareLayer(name, [3, 3, outputs, inputs], outputs, norm)
      : layer(name, 3, inputs, outputs)
  return {
    stem: declareLayer('stem', [7, 7, inputChannels, ngf], ngf, stemNorm ? norm : 'none'),
    down: [layer('down1', 3, ngf, 2 * ngf), layer('down2', 3, 2 * ngf, 4 * ngf)],
    blocks: Array.from({ length: blocks }, (_, index) => ({
      conv1: layer(`block${index + 1}.conv1`, 3, 4 * ngf, 4 * ngf),
      conv2: layer(`block${index + 1}.conv2`, 3, 4 * ngf, 4 * ngf),
    })),
    up: [upLayer('up1', 4 * ngf, 2 * ngf), upLayer('up2', 2 * ngf, ngf)],
    head: declareLayer('head', [7, 7, ngf, outputChannels], outputChannels, 'none'),
    options,
  }
}

/**
 * The features that CUT compares (Park et al. 2020, section 3: pixels, both downsampling convolutions, first and fifth
 * block), which its code numbers 0, 4, 8, 12 and 16: the picture mirrored by 3 pixels; what the convolutions of down1 and down2
 * give, before norm and activation; the sums that the blocks give. With fewer than five blocks the last takes the place of the fifth.
 */
function encoderOf(parts: Parts): Encoder {
  const { blocks, options } = parts
  const last = Math.min(blocks.length, ENCODER_BLOCKS)
  const isAntialiased = options.downsampling === 'antialiased'
  const feature = (name: string, channels: number, sideOf: Feature['sideOf']): Feature => ({
    name,
    channels,
    sideOf,
  })
  return {
    features: [
      feature('picture', options.inputChannels, (side) => side + 6),
      feature('down1', 2 * options.ngf, (side) => (isAntialiased ? side : side / 2)),
      feature('down2', 4 * options.ngf, (side) => (isAntialiased ? side / 2 : side / 4)),
      feature('block1', 4 * options.ngf, (side) => side / 4),
      ...(last > 1 ? [feature(`block${last}`, 4 * options.ngf, (side) => side / 4)] : []),
    ],
    encode: (x, weights, mode) => encode(x, parts, last, weights, mode),
    decode: (h, weights, mode) => decode(h, parts, last, weights, mode),
  }
}

function encode(x: Tensor4D, parts: Parts, last: number, weights: Weights, mode: ForwardMode): Tensor4D[] {
  const { stem, down, options } = parts
  const isAntialiased = options.downsampling === 'antialiased'
  const picture = reflectionPad(x, 3)
  const features = [picture]
  let h = finishLayer(stem, conv(picture, kernelOf(stem, weights), 1, 0), weights, mode, RELU)
  for (const layer of down) {
    const convolved = conv(h, kernelOf(layer, weights), isAntialiased ? 1 : 2, 1)
    features.push(withBias(layer, convolved, weights))
    h = finishLayer(layer, convolved, weights, mode, RELU)
    if (isAntialiased) h = halveBlurred(h)
  }
  for (let index = 0; index < last; index += 1) {
    h = throughBlock(h, parts, index, weights, mode)
    if (index === 0 || index === last - 1) features.push(h)
  }
  return features
}

function decode(x: Tensor4D, parts: Parts, from: number, weights: Weights, mode: ForwardMode): Tensor4D {
  const { blocks, up, head, options } = parts
  let h = x
  for (let index = from; index < blocks.length; index += 1) h = throughBlock(h, parts, index, weights, mode)
  for (const layer of up) h = finishLayer(layer, double(h, layer, options, weights), weights, mode, RELU)
  const made = mirroredConv(h, kernelOf(head, weights) as Tensor4D, weights(`${head.name}.bias`), 3)
  return inFloat32(() => tanh(made))
}

function throughBlock(
  h: Tensor4D,
  parts: Parts,
  index: number,
  weights: Weights,
  mode: ForwardMode,
): Tensor4D {
  const { conv1, conv2 } = at(parts.blocks, index)
  let residual = mirrored(h, conv1, 1, weights, mode, RELU)
  if (parts.options.dropout && mode.dropoutSeed)
    residual = dropout(residual, 0.5, mode.dropoutSeed, index + 1)
  return mirrored(residual, conv2, 1, weights, mode, { added: h })
}

/** A layer that doubles the sides, before its bias and norm. */
function double(x: Tensor4D, layer: Layer, { upsampling }: ResnetOptions, weights: Weights): Tensor4D {
  const kernel = kernelOf(layer, weights)
  if (upsampling === 'transposed') return convTransposed(x, kernel)
  if (upsampling === 'antialiased') return conv(doubleBlurred(x), kernel, 1, 1)
  return conv(reflectionPad(doubleNearest(x), 1), kernel, 1, 0)
}

/** A layer over a picture that is mirrored at its edges. */
function mirrored(
  x: Tensor4D,
  layer: Layer,
  padding: number,
  weights: Weights,
  mode: ForwardMode,
  ending: Ending,
): Tensor4D {
  const convolved = conv(reflectionPad(x, padding), kernelOf(layer, weights), 1, 0)
  return finishLayer(layer, convolved, weights, mode, ending)
}

function kernelOf(layer: Layer, weights: Weights): Tensor {
  return weights(`${layer.name}.weight`)
}
