import type { Precision } from '../../core/training/precision.ts'
import { tf } from '../backends/tf.ts'
import type { Scalar, Tensor } from '../backends/tf.ts'
import { createVariable } from '../backends/variables.ts'
import type { Variable } from '../backends/variables.ts'
import type { AdamFeeds } from './adam.ts'

/** As published (Micikevicius et al. 2018, Mixed Precision Training, section 3.2; NVIDIA's dynamic rule). */
const FIRST_SCALE = 2 ** 15
const MOST_SCALE = 2 ** 24
const STEPS_TO_DOUBLE = 2000
const PREFIX = 'lossScaling.'

/**
 * Keeps small gradients alive in float16, whose least number is 6e-8: losses are multiplied before gradients are taken, and
 * gradients divided after. Where one overflows, the networks that it belongs to stay as they are for that step, moments too,
 * and the factor halves; after 2,000 steps without, it doubles. All factors are powers of two: nothing is rounded by them.
 */
export type LossScaling = {
  scaled(loss: Scalar): Scalar
  /** A scaled loss, or a gradient of one, as it is without. */
  unscaled<T extends Tensor>(value: T): T
  /** What Adam is fed: unchanged where all these gradients are finite, else what makes it change nothing. */
  guard(gradients: readonly Tensor[], feeds: AdamFeeds): { gradients: Tensor[]; feeds: AdamFeeds }
  /** A value where it is finite, another where it is not. */
  finiteOr(value: Tensor, other: Tensor): Tensor
  /** After all networks of a step have learned: the next step's factor. */
  settle(): void
  /** Part of a run's state. */
  variables(): Map<string, Variable>
  dispose(): void
}

/** Whether a saved tensor belongs to this, and means nothing to a run that goes on without. */
export function isOfLossScaling(name: string): boolean {
  return name.startsWith(PREFIX)
}

/** What a step gave, once the factor of the next is settled. */
export function settled<Results>(scaling: LossScaling | undefined, results: Results): Results {
  scaling?.settle()
  return results
}

/** undefined where numbers are wide enough: bfloat16 has the exponents of float32. */
export function createLossScaling(precision: Precision | undefined): LossScaling | undefined {
  if (precision !== 'float16') return undefined
  const scale = createVariable([], Float32Array.of(FIRST_SCALE))
  const goodSteps = createVariable([], Float32Array.of(0))
  let seen: Tensor[] = []
  return {
    scaled: (loss) => tf.mul(loss, scale.read()),
    unscaled: (value) => tf.div(value, scale.read()),
    guard(gradients, feeds) {
      const isFinite = tf.keep(tf.all(tf.stack(gradients.map((one) => tf.all(tf.isFinite(one))))))
      seen.push(isFinite)
      const either = (yes: Tensor, no: number) => tf.where(isFinite, yes, tf.fill(yes.shape, no))
      return {
        // A beta of 1 keeps a moment as it was, as long as what is added is not NaN.
        gradients: gradients.map((one) => either(one, 0)),
        feeds: {
          ...feeds,
          rate: either(feeds.rate, 0) as Scalar,
          beta1: either(feeds.beta1, 1) as Scalar,
          beta2: either(feeds.beta2, 1) as Scalar,
        },
      }
    },
    finiteOr: (value, other) => tf.where(tf.isFinite(value), value, other),
    settle() {
      const wasGood = tf.all(tf.stack(seen))
      tf.dispose(seen)
      seen = []
      const steps = tf.add(goodSteps.read(), 1)
      const isDue = tf.greaterEqual(steps, STEPS_TO_DOUBLE)
      const now = scale.read()
      const grown = tf.where(isDue, tf.minimum(tf.mul(now, 2), MOST_SCALE), now)
      scale.assign(tf.where(wasGood, grown, tf.maximum(tf.div(now, 2), 1)))
      goodSteps.assign(tf.where(tf.logicalAnd(wasGood, tf.logicalNot(isDue)), steps, 0))
    },
    variables: () =>
      new Map([
        [`${PREFIX}scale`, scale],
        [`${PREFIX}goodSteps`, goodSteps],
      ]),
    dispose() {
      scale.dispose()
      goodSteps.dispose()
    },
  }
}
