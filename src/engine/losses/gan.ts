import { tf } from '../backends/tf.ts'
import type { Scalar, Tensor } from '../backends/tf.ts'

export type GanLoss = 'vanilla' | 'lsgan'

/**
 * How far a discriminator's logits (any shape) are from saying `verdict` everywhere; a scalar of 0 or more.
 * `vanilla` is the cross-entropy of Goodfellow et al. 2014 in its stable form, `lsgan` the least squares of
 * Mao et al. 2017.
 */
export function ganLoss(kind: GanLoss, logits: Tensor, verdict: 'real' | 'fake'): Scalar {
  if (kind === 'lsgan') return tf.mean(tf.square(verdict === 'real' ? tf.sub(logits, 1) : logits))
  return tf.mean(tf.softplus(verdict === 'real' ? tf.neg(logits) : logits))
}
