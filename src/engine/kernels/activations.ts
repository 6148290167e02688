import { isNative, real, runOpForOne, type } from '../backends/binding.ts'
import { tf } from '../backends/tf.ts'
import type { Tensor, Tensor4D } from '../backends/tf.ts'
import { at } from './at.ts'
import { differentiable } from './differentiable.ts'

const FLOAT = type('T', 'float32')

/** max(x, slope * x), any shape. */
export function leakyRelu<T extends Tensor>(x: T, slope: number): T {
  if (!isNative('activations')) return tf.leakyRelu(x, slope)
  const attributes = [FLOAT, real('alpha', slope)]
  return differentiable(
    [x],
    () => ({ value: runOpForOne('LeakyRelu', [x], attributes) as T, saved: [x] }),
    (dy, saved) => [runOpForOne('LeakyReluGrad', [dy, at(saved, 0)], attributes)],
  )
}

/** x where it is above 0, elsewhere slope * x: `leakyRelu`, `relu` where the slope is 0, x itself where it is 1. */
export function activate<T extends Tensor>(x: T, slope: number): T {
  if (slope === 1) return x
  return slope === 0 ? relu(x) : leakyRelu(x, slope)
}

/** max(x, 0), any shape. */
export function relu<T extends Tensor>(x: T): T {
  return isNative('activations')
    ? fromOutput(x, 'Relu', (dy, y) => runOpForOne('ReluGrad', [dy, y], [FLOAT]))
    : tf.relu(x)
}

/** Hyperbolic tangent, any shape. */
export function tanh<T extends Tensor>(x: T): T {
  return isNative('activations')
    ? fromOutput(x, 'Tanh', (dy, y) => runOpForOne('TanhGrad', [y, dy], [FLOAT]))
    : tf.tanh(x)
}

/** An activation whose gradient needs its output alone. */
function fromOutput<T extends Tensor>(x: T, op: string, gradient: (dy: Tensor, y: Tensor) => Tensor): T {
  const forward = () => {
    const value = runOpForOne(op, [x], [FLOAT]) as T
    return { value, saved: [value] }
  }
  return differentiable([x], forward, (dy, saved) => [gradient(dy, at(saved, 0))])
}

/** x [N,H,W,C] plus a bias [C]. */
export function addBias(x: Tensor4D, bias: Tensor): Tensor4D {
  if (!isNative('activations')) return tf.add(x, bias)
  return differentiable(
    [x, bias],
    () => ({ value: runOpForOne('BiasAdd', [x, bias], [FLOAT]) as Tensor4D, saved: [] }),
    (dy) => [dy.clone(), runOpForOne('BiasAddGrad', [dy], [FLOAT])],
  )
}
