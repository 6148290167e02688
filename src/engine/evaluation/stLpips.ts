import { tf } from '../backends/tf.ts'
import type { Tensor, Tensor1D, Tensor4D } from '../backends/tf.ts'
import { addBias, relu } from '../kernels/activations.ts'
import { halveBlurred } from '../kernels/antialias.ts'
import { conv } from '../nn/convolution.ts'
import type { Weights } from '../nn/network.ts'
import { holdWeights } from './metricWeights.ts'

/** Below this side, in px, the network has nothing left to look at. */
export const ST_LPIPS_LEAST_SIDE_PX = 21

/** Keeps a feature vector of zeros from being divided by zero: 1e-10 in the published LPIPS. */
const EPSILON = 1e-10

/** The perceptual distance of Ghildyal and Liu 2022, open for use. */
export type StLpips = {
  /**
   * x and y [N,H,W,3] in [-1,1], alike in shape, to one distance a picture [N]; 0 for equal pictures. Call it inside a tidy.
   * Both arguments have gradients. Unlike the figures of LPIPS, these barely change when a picture moves by a pixel.
   */
  distances(x: Tensor4D, y: Tensor4D): Tensor1D
  dispose(): void
}

/**
 * Opens the network that comes with Diptych: AlexNet's five convolutions, the first at stride 1, with blurs where the
 * original leaves pixels out, and the weights that people's judgements gave to its channels.
 */
export function openStLpips(): Promise<StLpips> {
  const { weights, dispose } = holdWeights('st-lpips')
  return Promise.resolve({ distances: (x, y) => measure(x, y, weights), dispose })
}

function measure(x: Tensor4D, y: Tensor4D, weights: Weights): Tensor1D {
  const [pictures, height, width] = x.shape
  if (String(x.shape) !== String(y.shape))
    throw new Error(`Cannot compare pictures of shape ${String(x.shape)} with ${String(y.shape)}.`)
  if (Math.min(height, width) < ST_LPIPS_LEAST_SIDE_PX)
    throw new Error(`ST-LPIPS needs sides of ${ST_LPIPS_LEAST_SIDE_PX} px, found ${width} x ${height}.`)
  const features = featuresOf(tf.concat([x, y]), weights)
  const distances = features.map((feature, index) => {
    const [first, second] = tf.split(unit(feature), 2) as [Tensor4D, Tensor4D]
    return weighted(tf.squaredDifference(first, second), weights(`head${index + 1}.weight`))
  })
  return tf.reshape(tf.addN(distances), [pictures])
}

/** The outputs of the five convolutions, each after its ReLU. */
function featuresOf(pictures: Tensor4D, weights: Weights): Tensor4D[] {
  const layer = (index: number, x: Tensor4D, padding: number) =>
    addBias(conv(x, weights(`conv${index}.weight`), 1, padding), weights(`conv${index}.bias`))
  const shrink = (x: Tensor4D) => halveBlurred(tf.maxPool(x, 3, 1, 'valid'), 2)
  const scaled: Tensor4D = tf.div(tf.sub(pictures, weights('shift')), weights('scale'))
  const first = relu(halveBlurred(layer(1, scaled, 2), 2))
  const second = relu(layer(2, shrink(first), 2))
  const third = relu(layer(3, shrink(second), 1))
  const fourth = relu(layer(4, third, 1))
  return [first, second, third, fourth, relu(layer(5, fourth, 1))]
}

/** Every position's channels [N,h,w,C] divided by their length. */
function unit(feature: Tensor4D): Tensor4D {
  const squares = tf.sum(tf.square(feature), 3, true)
  // The square of epsilon keeps the gradient of the root finite where all channels are zero.
  return tf.div(feature, tf.add(tf.sqrt(tf.add(squares, EPSILON ** 2)), EPSILON))
}

/** Channels [N,h,w,C] summed with their weights [C], and the mean over all positions: [N]. */
function weighted(differences: Tensor4D, channels: Tensor): Tensor {
  return tf.mean(tf.sum(tf.mul(differences, channels), 3), [1, 2])
}
