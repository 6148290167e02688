import { isNative, runOpForOne, text, type, whole } from '../backends/binding.ts'
import type { Attribute } from '../backends/binding.ts'
import { tf } from '../backends/tf.ts'
import type { Tensor4D } from '../backends/tf.ts'
import { at } from './at.ts'
import { differentiable } from './differentiable.ts'
import { gather } from './gather.ts'
import { mirrorIndex } from './mirrorIndex.ts'
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
  if (isNative('ownEdges'))
    return differentiable(
      [x],
      () => ({ value: mirror(x, padding), saved: [] }),
      (dy) => [mirrorGradient(dy as Tensor4D, padding)],
    )
  return isNative('reflectionPad') ? fusedPad(x, padding) : mirrorAxis(mirrorAxis(x, 1, padding), 2, padding)
}

/** From so many channels on copying whole pixels is quicker than MirrorPad, which minds every number. */
const MANY_CHANNELS = 128

/** Which pixel of x [1,H,W,C] each one of the result shows. */
function gatherMirrored(x: Tensor4D, padding: number): Tensor4D {
  const [, height, width, channels] = x.shape
  const places = (length: number) =>
    Array.from({ length: length + 2 * padding }, (_, at) => mirrorIndex(at - padding, length))
  const columns = places(width)
  const pixels = tf.tensor1d(
    places(height).flatMap((y) => columns.map((x) => y * width + x)),
    'int32',
  )
  const gathered = gather(tf.reshape(x, [height * width, channels]), pixels)
  return tf.reshape(gathered, [1, height + 2 * padding, width + 2 * padding, channels])
}

/** Our own kernel: lines of pixels are copied as they lie. */
export function mirror(x: Tensor4D, padding: number): Tensor4D {
  return runOpForOne('DiptychMirrorPad', [x], optionsOf(padding)) as Tensor4D
}

/** Of dy [N,H+2p,W+2p,C] by the picture that was mirrored. */
export function mirrorGradient(dy: Tensor4D, padding: number): Tensor4D {
  return runOpForOne('DiptychMirrorPadGrad', [dy], optionsOf(padding)) as Tensor4D
}

function optionsOf(padding: number): Attribute[] {
  return [type('T', 'float32'), whole('padding', padding)]
}

function fusedPad(x: Tensor4D, padding: number): Tensor4D {
  const sides = tf.tensor2d([0, 0, padding, padding, padding, padding, 0, 0], [4, 2], 'int32')
  const attributes = [type('T', 'float32'), type('Tpaddings', 'int32'), text('mode', 'REFLECT')]
  return differentiable(
    [x],
    () => {
      const isQuickest = x.shape[0] === 1 && x.shape[3] >= MANY_CHANNELS
      const value = isQuickest
        ? gatherMirrored(x, padding)
        : (runOpForOne('MirrorPad', [x, sides], attributes) as Tensor4D)
      return { value, saved: [sides] }
    },
    (dy, saved) => [runOpForOne('MirrorPadGrad', [dy, at(saved, 0)], attributes)],
  )
}

function mirrorAxis(x: Tensor4D, axis: 1 | 2, padding: number): Tensor4D {
  const mirrored = (start: number): Tensor4D => tf.reverse(strip(x, axis, start, padding), axis)
  return tf.concat([mirrored(1), x, mirrored(x.shape[axis] - padding - 1)], axis)
}
