import { tf } from '../backends/tf.ts'
import type { Scalar, Tensor } from '../backends/tf.ts'
import { at } from '../kernels/at.ts'
import { differentiable } from '../kernels/differentiable.ts'

/** Mean absolute difference of two tensors of one shape. Its gradient where they are equal is 0, as PyTorch has it. */
export function l1Loss(a: Tensor, b: Tensor): Scalar {
  return differentiable<Scalar>(
    [a, b],
    () => {
      const difference = tf.sub(a, b)
      return { value: tf.mean(tf.abs(difference)), saved: [tf.sign(difference)] }
    },
    (dy, saved) => {
      const towardsA = tf.mul(at(saved, 0), tf.div(dy, a.size))
      return [towardsA, tf.neg(towardsA)]
    },
  )
}
