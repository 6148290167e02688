import { tf } from '../backends/tf.ts'
import type { Tensor, Tensor4D } from '../backends/tf.ts'
import { at } from '../kernels/at.ts'
import { convolve, convolveTransposed } from '../kernels/convolve.ts'
import { frame } from '../kernels/frame.ts'

/**
 * Convolution of x [N,H,W,in] with a kernel [k,k,in,out], `padding` zeros at every side as PyTorch counts them:
 * sides become floor((side + 2 padding - k) / stride) + 1.
 */
export function conv(x: Tensor4D, kernel: Tensor, stride: 1 | 2, padding: number): Tensor4D {
  const filter = kernel as Tensor4D
  if (padding === 0) return convolve(x, filter, stride, 'valid')
  if (isSame(x, at(kernel.shape, 0), stride, padding)) return convolve(x, filter, stride, 'same')
  return convolve(zeroPad(x, padding), filter, stride, 'valid')
}

/** The same with a kernel [k,k,C,1] of its own for every channel of x [N,H,W,C]. */
export function convDepthwise(x: Tensor4D, kernel: Tensor, stride: 1 | 2, padding: number): Tensor4D {
  const filter = kernel as Tensor4D
  if (isSame(x, at(kernel.shape, 0), stride, padding)) return tf.depthwiseConv2d(x, filter, stride, 'same')
  return tf.depthwiseConv2d(zeroPad(x, padding), filter, stride, 'valid')
}

/** Whether TensorFlow's own "same" padding is this padding: then no padded copy is needed. */
function isSame(x: Tensor4D, size: number, stride: number, padding: number): boolean {
  const [, height, width] = x.shape
  return [height, width].every((side) => {
    const total = Math.max(0, (Math.ceil(side / stride) - 1) * stride + size - side)
    return total === 2 * padding
  })
}

/** x [N,H,W,C] with `padding` zeros at every side. */
export function zeroPad(x: Tensor4D, padding: number): Tensor4D {
  return frame(x, { top: padding, left: padding, bottom: padding, right: padding })
}

/**
 * Transposed convolution that doubles the sides of x [N,H,W,in], with a kernel [k,k,out,in] of size 4 or 3: the
 * gradient of a stride-2 convolution with padding 1 (PyTorch: stride 2, padding 1, and output padding 1 for size 3).
 */
export function convTransposed(x: Tensor4D, kernel: Tensor): Tensor4D {
  const [pictures, height, width] = x.shape
  const [size, , outputs] = kernel.shape as [number, number, number, number]
  const filter = kernel as Tensor4D
  if (size === 4) return convolveTransposed(x, filter, [pictures, 2 * height, 2 * width, outputs], 2, 'same')
  const padded = convolveTransposed(x, filter, [pictures, 2 * height + 1, 2 * width + 1, outputs], 2, 'valid')
  return frame(padded, { top: -1, left: -1, bottom: 0, right: 0 })
}

/**
 * Doubles the sides of x [N,H,W,C] by repeating every pixel. Made of copies, because the gradient of tfjs's own nearest
 * neighbour is wrong on its JavaScript backend.
 */
export function doubleNearest(x: Tensor4D): Tensor4D {
  const [pictures, height, width, channels] = x.shape
  const pixels = tf.reshape(x, [pictures * height * width, 1, channels])
  const rows = tf.reshape(tf.concat([pixels, pixels], 1), [pictures * height, 1, 2 * width * channels])
  return tf.reshape(tf.concat([rows, rows], 1), [pictures, 2 * height, 2 * width, channels])
}
