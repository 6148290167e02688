import { z } from 'zod'
import { addBias, relu } from '../kernels/activations.ts'
import { tf } from '../backends/tf.ts'
import type { Tensor4D } from '../backends/tf.ts'
import type { Network, ParameterDeclaration, Weights } from '../nn/network.ts'

const filters = 64
const growth = 4

/** This network knows no options. */
export const residualDenseSchema = z.strictObject({})

/** 2 for `residual_dense_x2`, 4 for `residual_dense_x4`. */
export function scaleOf(architecture: string): number | undefined {
  const scale = /^residual_dense_x([24])$/.exec(architecture)?.[1]
  return scale === undefined ? undefined : Number(scale)
}

/** Every convolution in order: name, side of its kernel, channels in, channels out. */
function listLayers(scale: number): [name: string, kernel: number, inputs: number, outputs: number][] {
  return [
    ['shallow1', 3, 3, filters],
    ['shallow2', 3, filters, filters],
    ['dense1', 3, filters, growth],
    ['fuse1', 1, filters + growth, filters],
    ['dense2', 3, filters, growth],
    ['fuse2', 1, filters + growth, filters],
    ['gather', 1, 2 * filters, filters],
    ['smooth', 3, filters, filters],
    ['widen1', 5, filters, filters],
    ['widen2', 3, filters, filters / 2],
    ['widen3', 3, filters / 2, 3 * scale ** 2],
    ['paint', 3, 3 * scale ** 2, 3 * scale ** 2],
  ]
}

/**
 * Enlarges a picture: the residual dense network of ESRGAN Slim (after Zhang et al., Residual Dense Network for Image
 * Super-Resolution, CVPR 2018), two blocks of one dense layer. Where the original repeats each pixel and then convolves,
 * this convolves first and deals the channels out to pixels: the same sums, on `scale`^2 times smaller pictures.
 * [N,H,W,3] in [0,255] to [N,H*scale,W*scale,3] in about [0,255].
 */
export function createResidualDense(architecture: string, scale: number): Network {
  const parameters = listLayers(scale).flatMap(([name, kernel, inputs, outputs]): ParameterDeclaration[] => [
    { name: `${name}.weight`, shape: [kernel, kernel, inputs, outputs], init: 'weight' },
    { name: `${name}.bias`, shape: [outputs], init: 'bias' },
  ])
  return {
    architecture,
    options: {},
    parameters,
    statistics: [],
    inputChannels: 3,
    outputChannels: 3,
    scale,
    multipleOf: 1,
    // The kernels along the longest way reach 1+1+1+1+1+2+1+1+1 pixels.
    context: 10,
    forward: (x, weights) => tf.tidy(() => paint(extractFeatures(x, weights), weights, scale)),
  }
}

function convolve(x: Tensor4D, weights: Weights, name: string): Tensor4D {
  return tf.tidy(() => {
    const kernel = weights(`${name}.weight`) as Tensor4D
    return addBias(tf.conv2d(x, kernel, 1, 'same'), weights(`${name}.bias`))
  })
}

const convolveRelu = (x: Tensor4D, weights: Weights, name: string): Tensor4D =>
  tf.tidy(() => relu(convolve(x, weights, name)))

/** One residual dense block: what its dense layer finds is joined to x, fused, and added to x. */
function denseBlock(x: Tensor4D, weights: Weights, block: 1 | 2): Tensor4D {
  return tf.tidy(() => {
    const found = convolveRelu(x, weights, `dense${block}`)
    return tf.add(convolve(tf.concat([x, found], 3), weights, `fuse${block}`), x)
  })
}

function extractFeatures(x: Tensor4D, weights: Weights): Tensor4D {
  return tf.tidy(() => {
    const shallow = convolve(x, weights, 'shallow1')
    const first = denseBlock(convolve(shallow, weights, 'shallow2'), weights, 1)
    const second = denseBlock(first, weights, 2)
    const gathered = convolve(tf.concat([first, second], 3), weights, 'gather')
    return tf.add(convolve(gathered, weights, 'smooth'), shallow)
  })
}

function paint(features: Tensor4D, weights: Weights, scale: number): Tensor4D {
  const widened = convolveRelu(convolveRelu(features, weights, 'widen1'), weights, 'widen2')
  const dealt = convolve(convolve(widened, weights, 'widen3'), weights, 'paint')
  return tf.depthToSpace(dealt, scale, 'NHWC')
}
