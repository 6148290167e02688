import { tf } from '../backends/tf.ts'
import type { Tensor4D } from '../backends/tf.ts'
import { relu } from '../kernels/activations.ts'
import { conv } from '../nn/convolution.ts'
import { declareLayer, finishLayer } from '../nn/layer.ts'
import type { Network } from '../nn/network.ts'

/** Added to every length, as published; what has no length at all stays zero. */
const EPSILON = 1e-7
/** Below this a square's root has no gradient worth having. */
const SMALLEST_SQUARE = 1e-30

/**
 * netF of CUT (Park et al. 2020, section 3): two layers, ReLU between them, on the activations of a place, each by itself;
 * then to length 1. [N,P,1,channels] to [N,P,1,width]. It learns with the generator and is no part of the model.
 */
export function createProjection(channels: number, width: number): Network {
  const layers = [
    declareLayer('layer1', [1, 1, channels, width], width, 'none'),
    declareLayer('layer2', [1, 1, width, width], width, 'none'),
  ] as const
  const [first, second] = layers
  return {
    architecture: 'projection',
    options: { channels, width },
    parameters: layers.flatMap((layer) => layer.parameters),
    statistics: [],
    inputChannels: channels,
    outputChannels: width,
    scale: 1,
    multipleOf: 1,
    context: 0,
    forward(x, weights, mode) {
      const hidden = finishLayer(first, conv(x, weights('layer1.weight'), 1, 0), weights, mode)
      return unitLength(
        finishLayer(second, conv(relu(hidden), weights('layer2.weight'), 1, 0), weights, mode),
      )
    },
  }
}

function unitLength(x: Tensor4D): Tensor4D {
  const squares = tf.maximum(tf.sum(tf.square(x), 3, true), SMALLEST_SQUARE)
  return tf.div(x, tf.add(tf.sqrt(squares), EPSILON))
}
