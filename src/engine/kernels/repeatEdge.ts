import { tf } from '../backends/tf.ts'
import type { Tensor4D } from '../backends/tf.ts'

/** Repeats the outermost pixels of x [N,H,W,C] `padding` times at every side. Any size will do, a single pixel too. */
export function repeatEdge(x: Tensor4D, padding: number): Tensor4D {
  return padding === 0 ? x : tf.tidy(() => repeatAxis(repeatAxis(x, 2, padding), 1, padding))
}

function repeatAxis(x: Tensor4D, axis: 1 | 2, padding: number): Tensor4D {
  const line = (start: number): Tensor4D => {
    const begin: [number, number, number, number] = [0, 0, 0, 0]
    const size: [number, number, number, number] = [...x.shape]
    begin[axis] = start
    size[axis] = 1
    const repeats: [number, number, number, number] = [1, 1, 1, 1]
    repeats[axis] = padding
    return tf.tile(tf.slice(x, begin, size), repeats)
  }
  return tf.concat([line(0), x, line(x.shape[axis] - 1)], axis)
}
