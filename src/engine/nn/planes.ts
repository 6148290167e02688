import { tf } from '../backends/tf.ts'
import type { Tensor4D } from '../backends/tf.ts'

/** x [N,H,W,C] and planes of one value each after its own: values [N,1,1,K], or [1,1,1,K] for all of them alike. */
export function withPlanes(x: Tensor4D, values: Tensor4D): Tensor4D {
  const [count, height, width] = x.shape
  return tf.concat([x, tf.tile(values, [count / values.shape[0], height, width, 1])], 3)
}
