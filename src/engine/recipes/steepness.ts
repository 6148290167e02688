import { twiceDifferentiable } from '../backends/binding.ts'
import { inFloat32 } from '../backends/precision.ts'
import { tf } from '../backends/tf.ts'
import type { Scalar, Tensor4D } from '../backends/tf.ts'
import type { Told } from './adversary.ts'

/** Added under a root, whose slope at 0 is infinite. */
const EPSILON = 1e-12

/** The gradient of the sum of a judge's verdicts by the pictures that it is shown, [N,H,W,C]; differentiable by its weights. */
export type Slope = (shown: Tensor4D) => Tensor4D

export function slopeOf(verdict: (shown: Tensor4D) => Tensor4D): Slope {
  return (shown) =>
    inFloat32(() =>
      twiceDifferentiable(() => tf.grad((x) => tf.sum(verdict(x as Tensor4D)))(shown) as Tensor4D),
    )
}

/** What is real, what is made, and shares [N,1,1,1] that say where between the two a critic's slope is looked at. */
type Sides = { real: Tensor4D; fake: Tensor4D; between: Tensor4D }

/** What a judge pays for its slopes: none, one or both of WGAN-GP's penalty and that of R1. */
export function steepnessTerms(
  { lambdaGP, r1Gamma }: { lambdaGP: number; r1Gamma: number },
  { real, fake, between }: Sides,
  slope: Slope,
  told: Told,
): Scalar[] {
  const terms: Scalar[] = []
  if (lambdaGP > 0) {
    const mixed = tf.add(tf.mul(real, between), tf.mul(fake, tf.sub(1, between))) as Tensor4D
    terms.push(told('C_GP', tf.mul(lambdaGP, slopePenalty(slope(mixed)))))
  }
  if (r1Gamma > 0) terms.push(told('R1', steepnessPenalty(r1Gamma, slope(real))))
  return terms
}

/** The mean of (|slope| - 1) squared over the batch (Gulrajani et al. 2017, equation 3). */
export function slopePenalty(slope: Tensor4D): Scalar {
  const lengths = tf.sqrt(tf.add(tf.sum(tf.square(slope), [1, 2, 3]), EPSILON))
  return tf.mean(tf.square(tf.sub(lengths, 1)))
}

/** R1 (Mescheder et al. 2018, equation 9): half of gamma times the squared length of the slope at a real picture, its mean over the batch. */
export function steepnessPenalty(r1Gamma: number, slope: Tensor4D): Scalar {
  return tf.mul(r1Gamma / 2, tf.div(tf.sum(tf.square(slope)), slope.shape[0]))
}
