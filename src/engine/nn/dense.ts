import { tf } from '../backends/tf.ts'
import type { Tensor, Tensor2D, Tensor4D } from '../backends/tf.ts'
import { at } from '../kernels/at.ts'

/** x [N,H,W,in], all of a picture as one row, by a kernel [1,1,H W in,out]: [N,1,1,out]. */
export function dense(x: Tensor4D, kernel: Tensor): Tensor4D {
  const [pictures] = x.shape
  const [inputs, outputs] = [at(kernel.shape, 2), at(kernel.shape, 3)]
  const product = tf.matMul(
    tf.reshape(x, [pictures, inputs]) as Tensor2D,
    tf.reshape(kernel, [inputs, outputs]) as Tensor2D,
  )
  return tf.reshape(product, [pictures, 1, 1, outputs])
}
