import { tf } from '../backends/tf.ts'
import type { Tensor4D } from '../backends/tf.ts'

/** Rows (axis 1) or columns (axis 2) of x [N,H,W,C]: `count` of them from `start` on. */
export function strip(x: Tensor4D, axis: 1 | 2, start: number, count: number): Tensor4D {
  const begin: [number, number, number, number] = [0, 0, 0, 0]
  const size: [number, number, number, number] = [...x.shape]
  begin[axis] = start
  size[axis] = count
  return tf.slice(x, begin, size)
}
