import { counterOf, randomSample, randomUniform } from '../../core/random.ts'
import { tf } from '../backends/tf.ts'
import type { Tensor1D, Tensor4D } from '../backends/tf.ts'
import { gather } from '../kernels/gather.ts'
import type { Feature } from '../nn/network.ts'

/** The places that are compared in one feature: in the picture before, and where to find them in the new one. int32 [P] each. */
export type Places = { keys: Tensor1D; queries: Tensor1D }

const PLACES = counterOf('cut.places')
const MIRROR = counterOf('cut.mirror')

/**
 * Draws places for every feature of a square, the same for all pictures of a batch: a function of (seed, step, pass), so
 * that a resumed run compares what an unbroken one does. In a mirrored new picture a place is found at the other side.
 */
export function drawPlaces(
  features: readonly Feature[],
  { sidePx, count, isMirrored }: { sidePx: number; count: number; isMirrored: boolean },
  seed: number,
  step: number,
  pass: number,
): Places[] {
  return features.map(({ sideOf }, index) => {
    const side = sideOf(sidePx)
    const places = randomSample(count, side * side, seed, PLACES, step, pass, index)
    const across = (place: number) => place - (place % side) + (side - 1 - (place % side))
    const there = isMirrored ? places.map(across) : places
    return { keys: tf.tensor1d(places, 'int32'), queries: tf.tensor1d(there, 'int32') }
  })
}

/** Whether the generator is given the mirror image in this step: half of the time. */
export function isMirroredStep(seed: number, step: number): boolean {
  return randomUniform(seed, MIRROR, step) < 0.5
}

/** The activations of x [N,H,W,C] at these places (row * W + column): [N,P,1,C]. */
export function gatherPlaces(x: Tensor4D, places: Tensor1D): Tensor4D {
  const [pictures, height, width, channels] = x.shape
  const flat = tf.reshape(x, [pictures * height * width, channels])
  // Gathered along the first axis, where the gradient needs no transposing.
  const starts = tf.range(0, pictures, 1, 'int32').mul(tf.scalar(height * width, 'int32'))
  const all = tf.reshape(tf.add(tf.expandDims(starts, 1), tf.expandDims(places, 0)), [-1])
  return tf.reshape(gather(flat, all as Tensor1D), [pictures, places.size, 1, channels])
}
