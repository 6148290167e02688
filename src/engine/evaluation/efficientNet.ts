import { tf } from '../backends/tf.ts'
import type { Tensor4D } from '../backends/tf.ts'
import { addBias } from '../kernels/activations.ts'
import { conv, convDepthwise } from '../nn/convolution.ts'
import type { Weights } from '../nn/network.ts'

/** Side of the pictures that EfficientNet-Lite0 learned from, in px. */
export const EFFICIENT_NET_SIDE_PX = 224

/** Blocks of one shape: kernel size, stride of the first, output channels, how many (Tan and Le 2019; "Lite": no squeeze). */
const STAGES = [
  { size: 3, stride: 1, outputs: 16, blocks: 1 },
  { size: 3, stride: 2, outputs: 24, blocks: 2 },
  { size: 5, stride: 2, outputs: 40, blocks: 2 },
  { size: 3, stride: 2, outputs: 80, blocks: 3 },
  { size: 5, stride: 1, outputs: 112, blocks: 3 },
  { size: 5, stride: 2, outputs: 192, blocks: 4 },
  { size: 3, stride: 1, outputs: 320, blocks: 1 },
] as const

const blocks = STAGES.flatMap(({ size, stride, outputs, blocks }) =>
  Array.from(
    { length: blocks },
    (_, index) => ({ size, outputs, stride: index === 0 ? stride : 1 }) as const,
  ),
)

/**
 * EfficientNet-Lite0 up to its pooled features: [N,224,224,3], samples (v - 127) / 128 for v from 0 to 255, to [N,1280].
 * Batch norm is part of the weights; padding is the same at every side, as in the published PyTorch model.
 */
export function efficientNetFeatures(x: Tensor4D, weights: Weights): Tensor4D {
  const activate = (y: Tensor4D): Tensor4D => tf.relu6(y)
  const bias = (name: string, y: Tensor4D) => addBias(y, weights(`${name}.bias`))
  const dense = (name: string, y: Tensor4D) => bias(name, conv(y, weights(`${name}.weight`), 1, 0))
  let y = activate(bias('stem', conv(x, weights('stem.weight'), 2, 1)))
  for (const [index, { size, stride, outputs }] of blocks.entries()) {
    const name = `block${index + 1}`
    const wide = index === 0 ? y : activate(dense(`${name}.expand`, y))
    const kernel = weights(`${name}.depthwise.weight`)
    const seen = activate(bias(`${name}.depthwise`, convDepthwise(wide, kernel, stride, (size - 1) / 2)))
    const narrow = dense(`${name}.project`, seen)
    y = stride === 1 && y.shape[3] === outputs ? tf.add(y, narrow) : narrow
  }
  return tf.mean(activate(dense('head', y)), [1, 2])
}
