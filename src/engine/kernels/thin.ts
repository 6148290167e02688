import { tf } from '../backends/tf.ts'
import type { Tensor4D } from '../backends/tf.ts'
import { differentiable } from './differentiable.ts'
import { forward, towardsInput, towardsKernel } from './passes.ts'
import type { Padding } from './passes.ts'

/** A processor computes 16 channels or more at once: where a large kernel gives fewer, most of its work would be for nothing. */
export function isThin([size, , , outputs]: Tensor4D['shape'], stride: 1 | 2, padding: Padding): boolean {
  return size >= 5 && outputs <= 4 && stride === 1 && padding === 'valid'
}

/** Convolution of x [N,H,W,in] with a kernel [k,k,in,out] that is thin. */
export function convolveThin(x: Tensor4D, kernel: Tensor4D): Tensor4D {
  const { rows, sum } = apart(kernel)
  return differentiable(
    [x, kernel],
    () => ({ value: forward(forward(x, rows, 1, 'valid'), sum, 1, 'valid'), saved: [x, kernel] }),
    (dy, [input, filter]) => thinGradients(dy as Tensor4D, input as Tensor4D, filter as Tensor4D),
  )
}

/**
 * The rows of a kernel [k,k,in,out] as channels of one that is one row high, [1,k,in,k*out]; and what adds up what they give, each row
 * where it belongs: [k,1,k*out,out].
 */
function apart(kernel: Tensor4D): { rows: Tensor4D; sum: Tensor4D } {
  const [size, , inputs, outputs] = kernel.shape
  const rows: Tensor4D = tf.reshape(tf.transpose(kernel, [1, 2, 0, 3]), [1, size, inputs, size * outputs])
  // 1 where the row and the channel are one's own.
  const own = tf.reshape(tf.eye(size * outputs), [size, 1, outputs, size * outputs])
  return { rows, sum: tf.transpose(own, [0, 1, 3, 2]) as Tensor4D }
}

/** Of dy [N,H-k+1,W-k+1,out] by x [N,H,W,in] and by the kernel. */
export function thinGradients(dy: Tensor4D, x: Tensor4D, kernel: Tensor4D): [Tensor4D, Tensor4D] {
  const [size, , inputs, outputs] = kernel.shape
  const [pictures, height, width] = x.shape
  const { rows, sum } = apart(kernel)
  const dRows = towardsInput(dy, sum, [pictures, height, width - size + 1, size * outputs], 1, 'valid')
  const dKernel = tf.reshape(towardsKernel(x, dRows, rows.shape, 1, 'valid'), [size, inputs, size, outputs])
  return [towardsInput(dRows, rows, x.shape, 1, 'valid'), tf.transpose(dKernel, [2, 0, 1, 3]) as Tensor4D]
}
