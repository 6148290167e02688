import { isNative, runOpForOne, type, whole } from '../backends/binding.ts'
import { tf } from '../backends/tf.ts'
import type { Tensor4D } from '../backends/tf.ts'
import { differentiable } from './differentiable.ts'

/** Pixels at each side of a picture: put around it; below 0, taken away. */
export type Frame = { top: number; left: number; bottom: number; right: number }

/** x [N,H,W,C] with zeros around it, or less of it: [N,H+top+bottom,W+left+right,C]. */
export function frame(x: Tensor4D, sides: Frame): Tensor4D {
  const [, height, width] = x.shape
  const { top, left, bottom, right } = sides
  const isMore = (before: number, length: number, after: number) =>
    Math.min(before, 0) + length + Math.min(after, 0) < 0
  if (isMore(top, height, bottom) || isMore(left, width, right))
    throw new Error(`Cannot take that much of a picture of ${width} x ${height}.`)
  if (!isNative('ownEdges')) return composedFrame(x, sides)
  return differentiable(
    [x],
    () => ({ value: run(x, sides), saved: [] }),
    (dy) => [run(dy as Tensor4D, opposite(sides))],
  )
}

function opposite({ top, left, bottom, right }: Frame): Frame {
  return { top: -top, left: -left, bottom: -bottom, right: -right }
}

function run(x: Tensor4D, sides: Frame): Tensor4D {
  const attributes = Object.entries(sides).map(([side, pixels]) => whole(side, pixels))
  return runOpForOne('DiptychFrame', [x], [type('T', 'float32'), ...attributes]) as Tensor4D
}

function composedFrame(x: Tensor4D, { top, left, bottom, right }: Frame): Tensor4D {
  const [pictures, height, width, channels] = x.shape
  const less = (pixels: number) => Math.max(0, -pixels)
  const more = (pixels: number) => Math.max(0, pixels)
  const begin: Tensor4D['shape'] = [0, less(top), less(left), 0]
  const rest = { y: height - less(top) - less(bottom), x: width - less(left) - less(right) }
  return tf.pad(tf.slice(x, begin, [pictures, rest.y, rest.x, channels]), [
    [0, 0],
    [more(top), more(bottom)],
    [more(left), more(right)],
    [0, 0],
  ])
}
