import { tf } from '../backends/tf.ts'
import type { Scalar, Tensor, Tensor3D } from '../backends/tf.ts'

/**
 * How hard it is to tell, for each place of a new picture (queries), which place of the picture before (keys) it shows
 * (Park et al. 2020, equation 3): the cross-entropy of similarities over all places of the same picture, divided by the
 * temperature. Queries and keys are [N,P,D] of length 1, and belong together place by place. Scalar, 0 or more.
 */
export function patchNceLoss(queries: Tensor3D, keys: Tensor3D, temperature: number): Scalar {
  const similarities = tf.div(tf.matMul(queries, keys, false, true), temperature)
  const own: Tensor = tf.div(tf.sum(tf.mul(queries, keys), 2), temperature)
  return tf.mean(tf.sub(tf.logSumExp(similarities, 2), own))
}
