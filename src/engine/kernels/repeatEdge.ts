import { tf } from '../backends/tf.ts'
import type { Tensor4D } from '../backends/tf.ts'

/** Repeats the outermost pixels of x [N,H,W,C] `padding` times at every side. Any size will do, a single pixel too. */
export function repeatEdge(x: Tensor4D, padding: number): Tensor4D {
  return tf.tidy(() => {
    const wide = tf.gather(x, clampedIndices(x.shape[2], padding), 2)
    return tf.gather(wide, clampedIndices(x.shape[1], padding), 1)
  })
}

function clampedIndices(size: number, padding: number) {
  const indices = Array.from({ length: size + 2 * padding }, (_, i) =>
    Math.min(Math.max(i - padding, 0), size - 1),
  )
  return tf.tensor1d(indices, 'int32')
}
