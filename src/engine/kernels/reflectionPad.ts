import { isNative, runOpForOne, text, type } from '../backends/binding.ts'
import { tf } from '../backends/tf.ts'
import type { Tensor4D } from '../backends/tf.ts'
import { at } from './at.ts'
import { differentiable } from './differentiable.ts'
import { strip } from './strip.ts'

/**
 * Mirrors `padding` pixels at every side of x [N,H,W,C], the edge itself not repeated. Both sides must be longer than
 * the padding. tfjs's own mirrorPad forgets the mirrored pixels in its gradient; this one does not.
 */
export function reflectionPad(x: Tensor4D, padding: number): Tensor4D {
  if (padding === 0) return x
  const [, height, width] = x.shape
  if (Math.min(height, width) <= padding)
    throw new Error(`Cannot mirror ${padding} pixels of a picture of ${width} x ${height}.`)
  return isNative('reflectionPad') ? fusedPad(x, padding) : mirrorAxis(mirrorAxis(x, 1, padding), 2, padding)
}

function fusedPad(x: Tensor4D, padding: number): Tensor4D {
  const sides = tf.tensor2d([0, 0, padding, padding, padding, padding, 0, 0], [4, 2], 'int32')
  const attributes = [type('T', 'float32'), type('Tpaddings', 'int32'), text('mode', 'REFLECT')]
  return differentiable(
    [x],
    () => ({ value: runOpForOne('MirrorPad', [x, sides], attributes) as Tensor4D, saved: [sides] }),
    (dy, saved) => [runOpForOne('MirrorPadGrad', [dy, at(saved, 0)], attributes)],
  )
}

function mirrorAxis(x: Tensor4D, axis: 1 | 2, padding: number): Tensor4D {
  const mirrored = (start: number): Tensor4D => tf.reverse(strip(x, axis, start, padding), axis)
  return tf.concat([mirrored(1), x, mirrored(x.shape[axis] - padding - 1)], axis)
}
