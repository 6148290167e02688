import { tf } from '../backends/tf.ts'
import type { Scalar, Tensor } from '../backends/tf.ts'

/** `wgan` measures a distance rather than a chance: its judge is a critic. */
export const ganLosses = ['vanilla', 'lsgan', 'hinge', 'wgan'] as const
export type GanLoss = (typeof ganLosses)[number]

/**
 * How far a judge's logits (any shape) are from saying `verdict` everywhere; a scalar, 0 or more but for `wgan`. `vanilla` is the
 * cross-entropy of Goodfellow et al. 2014 in its stable form, `lsgan` the least squares of Mao et al. 2017, `hinge` that of Lim
 * and Ye 2017, `wgan` the critic of Arjovsky et al. 2017.
 */
export function ganLoss(kind: GanLoss, logits: Tensor, verdict: 'real' | 'fake'): Scalar {
  const towardsReal = verdict === 'real'
  switch (kind) {
    case 'vanilla':
      return tf.mean(tf.softplus(towardsReal ? tf.neg(logits) : logits))
    case 'lsgan':
      return tf.mean(tf.square(towardsReal ? tf.sub(logits, 1) : logits))
    case 'hinge':
      return tf.mean(tf.relu(tf.add(1, towardsReal ? tf.neg(logits) : logits)))
    case 'wgan':
      return tf.mean(towardsReal ? tf.neg(logits) : logits)
  }
}

/** What a generator wants of a judge's logits on its pictures: as the judge's loss on real ones, without the hinge's bend. */
export function foolingLoss(kind: GanLoss, logits: Tensor): Scalar {
  return ganLoss(kind === 'hinge' ? 'wgan' : kind, logits, 'real')
}
