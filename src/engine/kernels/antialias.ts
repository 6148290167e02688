import { flag, isNative, runOpForOne, type } from '../backends/binding.ts'
import { tf } from '../backends/tf.ts'
import type { Tensor4D } from '../backends/tf.ts'
import { at } from './at.ts'
import { differentiable } from './differentiable.ts'
import { reflectionPad } from './reflectionPad.ts'
import { strip } from './strip.ts'

/**
 * Halves the sides of x [N,H,W,C], odd ones rounded up, after a blur by [1 2 1] both ways: what is too fine for the smaller
 * picture is taken out before pixels are left out (Zhang 2019, Making Convolutional Networks Shift-Invariant Again). Mirrored at
 * the edges: by one pixel as CUT has it, by two as ST-LPIPS has it (then the sides are one longer).
 */
export function halveBlurred(x: Tensor4D, padding: 1 | 2 = 1): Tensor4D {
  const padded = reflectionPad(x, padding)
  return isNative('antialias') ? fusedHalve(padded) : halveAxis(halveAxis(padded, 1), 2)
}

function fusedHalve(x: Tensor4D): Tensor4D {
  const weights = [1, 2, 1, 2, 4, 2, 1, 2, 1].map((weight) => weight / 16)
  const kernel = tf.tile(tf.tensor4d(weights, [3, 3, 1, 1]), [1, 1, x.shape[3], 1])
  return tf.depthwiseConv2d(x, kernel, 2, 'valid')
}

/** Every second place of x, and a quarter of what it has beside it twice; the depthwise convolution's gradient has none in turn. */
function halveAxis(x: Tensor4D, axis: 1 | 2): Tensor4D {
  const count = Math.floor((x.shape[axis] - 1) / 2)
  const even = strip(x, axis, 0, 2 * count + 1)
  const pairs = (start: number): Tensor4D => everySecond(strip(x, axis, start, 2 * count), axis)
  const last = everySecond(
    tf.concat([strip(even, axis, 2, 2 * count - 1), strip(even, axis, 0, 1)], axis),
    axis,
  )
  const [before, here] = [pairs(0), pairs(1)]
  return tf.add(tf.mul(here, 0.5), tf.mul(tf.add(before, last), 0.25))
}

/** Places 0, 2, 4, ... of an even number of them. */
function everySecond(x: Tensor4D, axis: 1 | 2): Tensor4D {
  const [pictures, height, width, channels] = x.shape
  const split =
    axis === 1 ? [pictures, height / 2, 2, width * channels] : [pictures * height, width / 2, 2, channels]
  const first = tf.slice(tf.reshape(x, split as Tensor4D['shape']), [0, 0, 0, 0], [-1, -1, 1, -1])
  return tf.reshape(
    first,
    axis === 1 ? [pictures, height / 2, width, channels] : [pictures, height, width / 2, channels],
  )
}

/**
 * Doubles the sides of x [N,H,W,C] with the blur [1 3 3 1] both ways, edges repeated, as CUT has it: each new pixel is three
 * quarters of the nearest and a quarter of the next, which is bilinear interpolation between pixel centres.
 */
export function doubleBlurred(x: Tensor4D): Tensor4D {
  return isNative('antialias') ? fusedDouble(x) : doubleAxis(doubleAxis(x, 1), 2)
}

function fusedDouble(x: Tensor4D): Tensor4D {
  const [, height, width] = x.shape
  const sides = tf.tensor1d([2 * height, 2 * width], 'int32')
  const attributes = [type('T', 'float32'), flag('align_corners', false), flag('half_pixel_centers', true)]
  return differentiable(
    [x],
    () => ({ value: runOpForOne('ResizeBilinear', [x, sides], attributes) as Tensor4D, saved: [x] }),
    (dy, saved) => [runOpForOne('ResizeBilinearGrad', [dy, at(saved, 0)], attributes)],
  )
}

function doubleAxis(x: Tensor4D, axis: 1 | 2): Tensor4D {
  const length = x.shape[axis]
  const part = (start: number, count: number): Tensor4D => strip(x, axis, start, count)
  const before = tf.concat([part(0, 1), part(0, length - 1)], axis)
  const after = tf.concat([part(1, length - 1), part(length - 1, 1)], axis)
  const near = tf.mul(x, 0.75)
  const pairs = [before, after].map((far) => tf.add(near, tf.mul(far, 0.25)))
  const shape: [number, number, number, number] = [...x.shape]
  shape[axis] = 2 * length
  return tf.reshape(tf.stack(pairs, axis + 1), shape)
}
