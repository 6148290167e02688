import { tf } from '../backends/tf.ts'
import type { Tensor4D } from '../backends/tf.ts'
import { differentiable } from '../kernels/differentiable.ts'

/** x [N,H,W,C] and planes of one value each after its own: values [N,1,1,K], or [1,1,1,K] for all of them alike. */
export function withPlanes(x: Tensor4D, values: Tensor4D): Tensor4D {
  return tf.concat([x, spread(values, x.shape)], 3)
}

/** tfjs's gradient of Tile takes a slice of every place and adds them one by one: 130,000 ops at 256 px. A sum does. */
function spread(values: Tensor4D, [count, height, width]: Tensor4D['shape']): Tensor4D {
  const pictures = count / values.shape[0]
  return differentiable<Tensor4D>(
    [values],
    () => ({ value: tf.tile(values, [pictures, height, width, 1]), saved: [] }),
    (dy) => [tf.sum(dy, pictures === 1 ? [1, 2] : [0, 1, 2], true)],
  )
}
