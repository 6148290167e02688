import { isNative, isTwiceDifferentiable, real, runOpForOne, type } from '../backends/binding.ts'
import type { Attribute } from '../backends/binding.ts'
import { tf } from '../backends/tf.ts'
import type { Tensor, Tensor4D } from '../backends/tf.ts'
import { at } from './at.ts'
import { differentiable, untaped } from './differentiable.ts'

const FLOAT = type('T', 'float32')

/** max(x, slope * x), any shape, slope in [0, 1]. */
export function leakyRelu<T extends Tensor>(x: T, slope: number): T {
  if (isNative('ownActivations')) return atOnce(x, tf.tensor1d([]), slope)
  if (isTwiceDifferentiable()) return tf.mul(x, slopesAt(x, slope)) as T
  if (!isNative('activations')) return tf.leakyRelu(x, slope)
  return fromOutput(x, 'LeakyRelu', [FLOAT, real('alpha', slope)], (dy, y) => gradientFrom(dy, y, slope))
}

/**
 * 1 where x is above 0, elsewhere the slope. It has no gradient, so a gradient of a gradient does not come back through x: it would be
 * nothing but zeros, at the price of two more gradients of every convolution before.
 */
function slopesAt(x: Tensor, slope: number): Tensor {
  return untaped(() => tf.add(tf.mul(tf.cast(tf.greater(x, 0), 'float32'), 1 - slope), slope))
}

/** x where it is above 0, elsewhere slope * x: `leakyRelu`, `relu` where the slope is 0, x itself where it is 1. */
export function activate<T extends Tensor>(x: T, slope: number): T {
  if (slope === 1) return x
  return slope === 0 ? relu(x) : leakyRelu(x, slope)
}

/** max(x, 0), any shape. */
export function relu<T extends Tensor>(x: T): T {
  if (isNative('ownActivations')) return atOnce(x, tf.tensor1d([]), 0)
  return isNative('activations')
    ? fromOutput(x, 'Relu', [FLOAT], (dy, y) => gradientFrom(dy, y, 0))
    : tf.relu(x)
}

/** Our own kernel: a bias [C] or none, and what follows it. */
function atOnce<T extends Tensor>(x: T, bias: Tensor, slope: number): T {
  const options = [FLOAT, real('slope', slope)]
  return differentiable(
    [x, bias],
    () => {
      const value = runOpForOne('DiptychActivate', [x, bias], options) as T
      return { value, saved: slope === 1 ? [] : [value] }
    },
    (dy, [y]) => {
      const dx = y ? gradientFrom(dy, y, slope) : dy.clone()
      return [dx, bias.size === 0 ? tf.tensor1d([]) : biasGradient(dx)]
    },
  )
}

/** Of an activation by what it was given, from what it gave: where that is above 0 the other was. */
function gradientFrom(dy: Tensor, y: Tensor, slope: number): Tensor {
  if (slope === 0) return runOpForOne('ReluGrad', [dy, y], [FLOAT])
  return runOpForOne('LeakyReluGrad', [dy, y], [FLOAT, real('alpha', slope)])
}

/** Hyperbolic tangent, any shape. */
export function tanh<T extends Tensor>(x: T): T {
  return isNative('activations')
    ? fromOutput(x, 'Tanh', [FLOAT], (dy, y) => runOpForOne('TanhGrad', [y, dy], [FLOAT]))
    : tf.tanh(x)
}

/** An activation whose gradient needs its output alone. */
function fromOutput<T extends Tensor>(
  x: T,
  op: string,
  attributes: Attribute[],
  gradient: (dy: Tensor, y: Tensor) => Tensor,
): T {
  const forward = () => {
    const value = runOpForOne(op, [x], attributes) as T
    return { value, saved: [value] }
  }
  return differentiable([x], forward, (dy, saved) => [gradient(dy, at(saved, 0))])
}

/** x [N,H,W,C] plus a bias [C], then `activate`. */
export function addBias(x: Tensor4D, bias: Tensor, slope = 1): Tensor4D {
  if (isNative('ownActivations')) return atOnce(x, bias, slope)
  return activate(isNative('activations') ? biased(x, bias) : tf.add(x, bias), slope)
}

function biased(x: Tensor4D, bias: Tensor): Tensor4D {
  return differentiable(
    [x, bias],
    () => ({ value: runOpForOne('BiasAdd', [x, bias], [FLOAT]) as Tensor4D, saved: [] }),
    (dy) => [dy.clone(), biasGradient(dy)],
  )
}

/** Of dy [N,H,W,C] by the bias [C]. Needs TensorFlow. */
export function biasGradient(dy: Tensor): Tensor {
  return runOpForOne('BiasAddGrad', [dy], [FLOAT])
}
