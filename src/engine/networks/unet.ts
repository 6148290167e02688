import { z } from 'zod'
import { inFloat32 } from '../backends/precision.ts'
import type { Tensor4D } from '../backends/tf.ts'
import { tf } from '../backends/tf.ts'
import { leakyRelu, relu, tanh } from '../kernels/activations.ts'
import { at } from '../kernels/at.ts'
import { dropout } from '../kernels/dropout.ts'
import { doubledConv, mirroredConv } from '../kernels/lastLayer.ts'
import { reflectionPad } from '../kernels/reflectionPad.ts'
import { conv, convTransposed, doubleNearest } from '../nn/convolution.ts'
import { declareLayer, finishLayer, RELU } from '../nn/layer.ts'
import type { Layer } from '../nn/layer.ts'
import type { ForwardMode, Network, Weights } from '../nn/network.ts'
import { generatorSchema } from './generatorOptions.ts'

/** `latent`: how many of the last input planes are a code, one value each; every layer of the encoder is given them (absent: none). */
export const unetSchema = generatorSchema.extend({ latent: z.number().int().min(1).max(1024).optional() })
type UnetOptions = z.infer<typeof unetSchema>

/** 4 downs: sides from 16 px. 10 downs: sides from 1024 px. */
const MINIMUM_DOWNS = 4
const MAXIMUM_DOWNS = 10

/** `unet_256` to 8, the number of times that it halves the picture; undefined for names of other families. */
export function downsOf(architecture: string): number | undefined {
  const match = /^unet_(\d+)$/.exec(architecture)
  const downs = Math.log2(Number(match?.[1] ?? Number.NaN))
  return Number.isInteger(downs) && downs >= MINIMUM_DOWNS && downs <= MAXIMUM_DOWNS ? downs : undefined
}

/**
 * U-Net (Isola et al. 2017, appendix 6.1.1): an encoder down to one pixel, a decoder back, and at every size a skip
 * from the one to the other. Layer 1 is the outermost; its width is ngf, doubled inwards up to 8 ngf.
 */
export function createUnet(architecture: string, downs: number, options: UnetOptions): Network {
  const { inputChannels, outputChannels, ngf, norm, latent = 0 } = options
  const width = (i: number): number => (i === 0 ? inputChannels : ngf * Math.min(2 ** (i - 1), 8))
  const down: Layer[] = []
  const up: Layer[] = []
  for (let i = 1; i <= downs; i += 1) {
    const isNormed = i > 1 && i < downs
    const given = width(i - 1) + (i > 1 ? latent : 0)
    down.push(encoderLayer(`down${i}`, [4, 4, given, width(i)], width(i), norm, isNormed))
    const [inputs, outputs] = [width(i) * (i === downs ? 1 : 2), i === 1 ? outputChannels : width(i - 1)]
    const kernel = options.upsampling === 'transposed' ? [4, 4, outputs, inputs] : [3, 3, inputs, outputs]
    up.push(
      i === 1 ? declareLayer('up1', kernel, outputs, 'none') : declareLayer(`up${i}`, kernel, outputs, norm),
    )
  }
  const layers = [...down, ...up.toReversed()]
  return {
    architecture,
    options,
    parameters: layers.flatMap((layer) => layer.parameters),
    statistics: layers.flatMap((layer) => layer.statistics),
    inputChannels,
    outputChannels,
    scale: 1,
    multipleOf: 2 ** downs,
    // It sees the whole picture through its innermost layers, but what is near counts most.
    context: 2 ** (downs - 3),
    forward: (x, weights, mode) => forward(x, { down, up, options }, weights, mode),
  }
}

/** A layer of the encoder: the outermost and the innermost have no norm, and a bias only if the others have one. */
function encoderLayer(
  name: string,
  kernel: number[],
  outputs: number,
  norm: Layer['norm'],
  isNormed: boolean,
): Layer {
  if (isNormed) return declareLayer(name, kernel, outputs, norm)
  const layer = declareLayer(name, kernel, outputs, 'none')
  if (norm !== 'batch') return layer
  return { ...layer, hasBias: false, parameters: layer.parameters.filter(({ init }) => init === 'weight') }
}

type Parts = { down: Layer[]; up: Layer[]; options: UnetOptions }

function forward(x: Tensor4D, { down, up, options }: Parts, weights: Weights, mode: ForwardMode): Tensor4D {
  // What a decoder's layer is given passes a ReLU, of either source by itself: that of the encoder as it is joined.
  const skips: Tensor4D[] = []
  let h = x
  for (const [index, layer] of down.entries()) {
    const isInnermost = index === down.length - 1
    if (index > 0) h = besideCode(leakyRelu(h, 0.2), x, options)
    h = finishLayer(
      layer,
      conv(h, weights(`${layer.name}.weight`), 2, 1),
      weights,
      mode,
      isInnermost ? RELU : {},
    )
    skips.push(h)
  }
  const given = (i: number) => (i < up.length ? tf.concat([relu(at(skips, i - 1)), h], 3) : h)
  for (let i = up.length; i > 1; i -= 1) {
    const layer = at(up, i - 1)
    h = finishLayer(layer, upsample(given(i), layer, options, weights), weights, mode, RELU)
    // Published: between the innermost block and the four outermost; a ReLU after it would change nothing.
    if (options.dropout && mode.dropoutSeed && i >= 5 && i < up.length)
      h = dropout(h, 0.5, mode.dropoutSeed, i)
  }
  const made = paint(given(1), at(up, 0), options, weights)
  return inFloat32(() => tanh(made))
}

/** Features [N,h,w,C], and after them the planes of the code that x ends with: one value each, so any part of them will do. */
function besideCode(features: Tensor4D, x: Tensor4D, { inputChannels, latent }: UnetOptions): Tensor4D {
  if (latent === undefined) return features
  const [count, height, width] = features.shape
  const planes = tf.slice(x, [0, 0, 0, inputChannels - latent], [count, height, width, latent])
  return tf.concat([features, planes], 3)
}

function upsample(x: Tensor4D, layer: Layer, { upsampling }: UnetOptions, weights: Weights): Tensor4D {
  const kernel = weights(`${layer.name}.weight`)
  if (upsampling === 'transposed') return convTransposed(x, kernel)
  return conv(reflectionPad(doubleNearest(x), 1), kernel, 1, 0)
}

/** The outermost layer, which gives the picture. */
function paint(x: Tensor4D, { name }: Layer, { upsampling }: UnetOptions, weights: Weights): Tensor4D {
  const [kernel, bias] = [weights(`${name}.weight`) as Tensor4D, weights(`${name}.bias`)]
  if (upsampling === 'transposed') return doubledConv(x, kernel, bias)
  return mirroredConv(doubleNearest(x), kernel, bias, 1)
}
