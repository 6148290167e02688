import { flag, runOp, type } from '../backends/binding.ts'
import { tf } from '../backends/tf.ts'
import type { Scalar, Tensor } from '../backends/tf.ts'
import type { Variable } from '../backends/variables.ts'

export type AdamOptions = { beta1: number; beta2: number; epsilon: number }

/** A weight with Adam's memory of its gradient (m) and of its squared gradient (v). */
export type AdamSlot = { weight: Variable; m: Variable; v: Variable }

/** All that Adam needs in a step besides its slots and the gradients, as scalars that are fed. */
export type AdamFeeds = { rate: Scalar; beta1: Scalar; beta2: Scalar; epsilon: Scalar }

/**
 * The fed values of step `step` (1-based). Both bias corrections (Kingma and Ba 2015, end of section 2) are folded into
 * rate and epsilon here, in double precision: the ops below work with "epsilon hat", PyTorch with epsilon, and
 * rate' = rate sqrt(1 - beta2^t) / (1 - beta1^t), epsilon' = epsilon sqrt(1 - beta2^t) makes the two equal.
 */
export function feedAdam(options: AdamOptions, learningRate: number, step: number): AdamFeeds {
  // The ops hold the betas in float32; correcting for other values would leave a bias of 1e-5.
  const [beta1, beta2] = [Math.fround(options.beta1), Math.fround(options.beta2)]
  const root = Math.sqrt(1 - beta2 ** step)
  return {
    rate: tf.scalar((learningRate * root) / (1 - beta1 ** step)),
    beta1: tf.scalar(beta1),
    beta2: tf.scalar(beta2),
    epsilon: tf.scalar(options.epsilon * root),
  }
}

/** Moves one weight against its gradient, in place where the backend can. */
export function applyAdam({ weight, m, v }: AdamSlot, gradient: Tensor, feeds: AdamFeeds): void {
  const { rate, beta1, beta2, epsilon } = feeds
  if (weight.handle && m.handle && v.handle) {
    const noPower = tf.scalar(0) // The correction is in the rate.
    const inputs = [
      weight.handle,
      m.handle,
      v.handle,
      noPower,
      noPower,
      rate,
      beta1,
      beta2,
      epsilon,
      gradient,
    ]
    runOp(
      'ResourceApplyAdam',
      inputs,
      [type('T', 'float32'), flag('use_locking', false), flag('use_nesterov', false)],
      0,
    )
    return
  }
  tf.tidy(() => {
    const newM = blend(m.read(), gradient, beta1)
    const newV = blend(v.read(), tf.square(gradient), beta2)
    m.assign(newM)
    v.assign(newV)
    const move = tf.div(tf.mul(rate, newM), tf.add(tf.sqrt(newV), epsilon))
    weight.assign(tf.sub(weight.read(), move))
  })
}

/** old * share + new * (1 - share) */
function blend(old: Tensor, fresh: Tensor, share: Scalar): Tensor {
  return tf.add(tf.mul(old, share), tf.mul(fresh, tf.sub(1, share)))
}
