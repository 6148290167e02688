import { randomUniform } from '../../core/random.ts'
import { isNative, runOpForOne, type } from '../backends/binding.ts'
import { tf } from '../backends/tf.ts'
import type { Tensor, Tensor1D, Tensor4D } from '../backends/tf.ts'

/** 2^32 divided by the golden ratio, as a signed integer: spreads layer numbers over all seeds. */
const GOLDEN = -1640531527

/**
 * Keeps each value of x [N,H,W,C] with probability 1 - rate, scaled so that its mean stays (Srivastava et al. 2014).
 * The mask is a pure function of `seed` (int32 [2]) and `layer`, so that a resumed run drops what an unbroken one does.
 * The backends draw different masks.
 */
export function dropout(x: Tensor4D, rate: number, seed: Tensor1D, layer: number): Tensor4D {
  const layerSeed = tf.add(seed, tf.tensor1d([Math.imul(layer, GOLDEN), 0], 'int32')) as Tensor1D
  const uniform = isNative('dropout') ? drawNatively(x.shape, layerSeed) : drawByHash(x.shape, layerSeed)
  const mask = tf.mul(tf.cast(tf.greaterEqual(uniform, rate), 'float32'), 1 / (1 - rate))
  return tf.mul(x, mask)
}

function drawNatively(shape: readonly number[], seed: Tensor1D): Tensor {
  const attributes = [type('dtype', 'float32'), type('T', 'int32'), type('Tseed', 'int32')]
  return runOpForOne('StatelessRandomUniform', [tf.tensor1d([...shape], 'int32'), seed], attributes)
}

function drawByHash(shape: readonly number[], seed: Tensor1D): Tensor {
  const [high = 0, low = 0] = seed.dataSync()
  const size = shape.reduce((product, side) => product * side, 1)
  const values = Float32Array.from({ length: size }, (_, index) => randomUniform(high, low, index))
  return tf.tensor(values, [...shape])
}
