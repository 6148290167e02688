import { isNative, runOpForOne, type, whole } from '../backends/binding.ts'
import { tf } from '../backends/tf.ts'
import type { Tensor, Tensor1D } from '../backends/tf.ts'
import { at } from './at.ts'
import { differentiable } from './differentiable.ts'

/**
 * The entries of x [N,...] at `indices` (int32 [K]), in their order: [K,...]. tfjs's own reads the indices first to check
 * them, which a recorded step cannot do; TensorFlow checks them as it gathers.
 */
export function gather<T extends Tensor>(x: T, indices: Tensor1D): T {
  if (!isNative('gather')) return tf.gather(x, indices)
  const entries = at(x.shape, 0)
  const types = [type('Tparams', 'float32'), type('Tindices', 'int32'), type('Taxis', 'int32')]
  return differentiable(
    [x],
    () => ({
      value: runOpForOne(
        'GatherV2',
        [x, indices, tf.scalar(0, 'int32')],
        [whole('batch_dims', 0), ...types],
      ) as T,
      saved: [indices],
    }),
    (dy, saved) => [
      runOpForOne(
        'UnsortedSegmentSum',
        [dy, at(saved, 0), tf.scalar(entries, 'int32')],
        [type('T', 'float32'), type('Tindices', 'int32'), type('Tnumsegments', 'int32')],
      ),
    ],
  )
}
