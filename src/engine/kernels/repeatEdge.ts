import { tf } from '../backends/tf.ts'
import type { Tensor4D } from '../backends/tf.ts'
import { strip } from './strip.ts'

/** Repeats the outermost pixels of x [N,H,W,C] `padding` times at every side. Any size will do, a single pixel too. */
export function repeatEdge(x: Tensor4D, padding: number): Tensor4D {
  return padding === 0 ? x : tf.tidy(() => repeatAxis(repeatAxis(x, 2, padding), 1, padding))
}

function repeatAxis(x: Tensor4D, axis: 1 | 2, padding: number): Tensor4D {
  const repeats: [number, number, number, number] = [1, 1, 1, 1]
  repeats[axis] = padding
  const line = (start: number): Tensor4D => tf.tile(strip(x, axis, start, 1), repeats)
  return tf.concat([line(0), x, line(x.shape[axis] - 1)], axis)
}
