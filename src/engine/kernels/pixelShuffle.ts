import { isNative, runOpForOne, text, type, whole } from '../backends/binding.ts'
import { tf } from '../backends/tf.ts'
import type { Tensor4D } from '../backends/tf.ts'
import { differentiable } from './differentiable.ts'

/**
 * Deals channels out as pixels (Shi et al. 2016): x [N,H,W,scale^2 * C] to [N,H*scale,W*scale,C]. Pixel (i, j) of each
 * enlarged one takes the channels from (i * scale + j) * C on: TensorFlow's depth-to-space order. (PyTorch's
 * `pixel_shuffle` counts c * scale^2 + i * scale + j.)
 */
export function pixelShuffle(x: Tensor4D, scale: number): Tensor4D {
  if (scale === 1) return x
  return isNative('pixelShuffle') ? fused(x, scale) : composed(x, scale)
}

function fused(x: Tensor4D, scale: number): Tensor4D {
  const attributes = [type('T', 'float32'), whole('block_size', scale), text('data_format', 'NHWC')]
  return differentiable(
    [x],
    () => ({ value: runOpForOne('DepthToSpace', [x], attributes) as Tensor4D, saved: [] }),
    (dy) => [runOpForOne('SpaceToDepth', [dy], attributes)],
  )
}

/** tfjs has no gradient for its own depthToSpace; it has for what that is made of. */
function composed(x: Tensor4D, scale: number): Tensor4D {
  const [pictures, height, width, depth] = x.shape
  const channels = depth / scale ** 2
  const dealt = tf.transpose(
    tf.reshape(x, [pictures, height, width, scale, scale, channels]),
    [0, 1, 3, 2, 4, 5],
  )
  return tf.reshape(dealt, [pictures, height * scale, width * scale, channels])
}
