import { isNative } from '../backends/binding.ts'
import { tf } from '../backends/tf.ts'
import type { Tensor4D } from '../backends/tf.ts'
import { differentiable } from './differentiable.ts'
import { forward, towardsInput, towardsKernel } from './passes.ts'
import type { Padding } from './passes.ts'
import { convolveThin, isThin } from './thin.ts'

/** Convolution of x [N,H,W,in] with a kernel [k,k,in,out]. */
export function convolve(x: Tensor4D, kernel: Tensor4D, stride: 1 | 2, padding: Padding): Tensor4D {
  if (!isNative('convolution')) return tf.conv2d(x, kernel, stride, padding)
  if (isThin(kernel.shape, stride, padding)) return convolveThin(x, kernel)
  return differentiable(
    [x, kernel],
    () => ({ value: forward(x, kernel, stride, padding), saved: [x, kernel] }),
    (dy, [input, filter]) => [
      towardsInput(dy as Tensor4D, filter as Tensor4D, x.shape, stride, padding),
      towardsKernel(input as Tensor4D, dy as Tensor4D, kernel.shape, stride, padding),
    ],
  )
}

/**
 * What a convolution of kernel [k,k,out,in] would have been given, a picture of `shape`, if it gave x [N,h,w,in]: the
 * gradient of `convolve` by its input.
 */
export function convolveTransposed(
  x: Tensor4D,
  kernel: Tensor4D,
  shape: Tensor4D['shape'],
  stride: 1 | 2,
  padding: Padding,
): Tensor4D {
  if (!isNative('convolution')) return tf.conv2dTranspose(x, kernel, shape, stride, padding)
  return differentiable(
    [x, kernel],
    () => ({ value: towardsInput(x, kernel, shape, stride, padding), saved: [x, kernel] }),
    (dy, [given, filter]) => [
      forward(dy as Tensor4D, filter as Tensor4D, stride, padding),
      towardsKernel(dy as Tensor4D, given as Tensor4D, kernel.shape, stride, padding),
    ],
  )
}
