import type { StabilityOptions } from '../../core/recipes/common.ts'
import { tf } from '../backends/tf.ts'
import type { Scalar, Tensor, Tensor4D } from '../backends/tf.ts'
import { changeColours, changePlaces, drawAugment } from '../kernels/diffAugment.ts'
import type { AugmentFeeds } from '../kernels/diffAugment.ts'
import { foolingLoss, ganLoss } from '../losses/gan.ts'
import type { GanLoss } from '../losses/gan.ts'
import type { Told } from './adversary.ts'
import type { Trainee } from './trainee.ts'
import { fromPictures, picturesOneByOne } from './pictures.ts'
import { slopeOf, steepnessPenalty, type Slope } from './steepness.ts'
import type { Beside, SeatedJudge, TrainBatch } from './trainer.ts'

/** What a judge looks at: a picture, and beside it what that was made of, where the judge is told. */
export type View = {
  shown: Tensor4D
  given?: Tensor4D
  /** One plane for each class; nothing changes them. */
  labels?: Tensor4D
}
export type JudgingOptions = StabilityOptions & { ganLoss: GanLoss }

/** What is drawn for the judges of a step, where they see changed pictures. */
export function feedJudging(
  { diffAugment }: StabilityOptions,
  { seed, step, realB }: TrainBatch,
): AugmentFeeds | undefined {
  const [count, side] = realB.shape
  return diffAugment ? drawAugment(count, side, seed, step) : undefined
}

/** A judge's logits on a view, while it learns or is learned from. */
export function verdictOn(
  netD: Trainee,
  view: View,
  weights: readonly Tensor[],
  augment: AugmentFeeds | undefined,
): Tensor4D {
  return netD.practise(joined(view, augment), weights)
}

/** All that a judge sees of a view, changed where it is to see changed pictures. */
export function joined({ shown, given, labels }: View, augment: AugmentFeeds | undefined): Tensor4D {
  const coloured = augment ? changeColours(shown, augment) : shown
  const beside = given ? tf.concat([given, coloured], 3) : coloured
  const whole = augment ? changePlaces(beside, augment) : beside
  return labels ? tf.concat([whole, labels], 3) : whole
}

type Seat = Pick<SeatedJudge, 'ganLoss' | 'make'> &
  Partial<Pick<SeatedJudge, 'id' | 'real' | 'told'>> & {
    /** What it looks at where it is told more than the picture. */
    view?: (shown: Tensor4D, beside: Beside) => View
  }

/** A judge as anybody may ask it: of pictures like `realB`, told nothing, unless it says otherwise. */
export function seat(
  netD: Trainee,
  { view = (shown) => ({ shown }), id = 'D', real = 'realB', told, ganLoss, make }: Seat,
): SeatedJudge {
  return {
    id,
    ganLoss,
    real,
    told: told ?? { given: false, label: false },
    make,
    judge: (shown, beside, norm) =>
      picturesOneByOne(shown, (x) => netD.show(joined(view(x, beside), undefined), norm)),
  }
}

/** The picture that a judge is shown beside another. */
export function givenOf({ given }: Beside): Tensor4D {
  if (!given) throw new Error('This judge must be shown what the picture was made of.')
  return fromPictures(given)
}

/** What the generator wants of the judge as it is. */
export function foolingOf(
  netD: Trainee,
  view: View,
  { ganLoss: kind }: JudgingOptions,
  augment: AugmentFeeds | undefined,
): Scalar {
  return foolingLoss(kind, verdictOn(netD, view, netD.read(), augment))
}

type Judging = {
  real: View
  fake: View
  weights: readonly Tensor[]
  augment: AugmentFeeds | undefined
}

/** A judge's losses on real and made pictures, and the sum that it learns from: half of them together, and the penalty of R1. */
export function judgingLoss(
  netD: Trainee,
  options: JudgingOptions,
  { real, fake, weights, augment }: Judging,
  told: Told,
): { onReal: Scalar; onFake: Scalar; total: Scalar } {
  const onFake = ganLoss(options.ganLoss, verdictOn(netD, fake, weights, augment), 'fake')
  const onReal = ganLoss(options.ganLoss, verdictOn(netD, real, weights, augment), 'real')
  const half = tf.mul(0.5, tf.add(onFake, onReal)) as Scalar
  if (options.r1Gamma === 0) return { onReal, onFake, total: half }
  const slope = slopeOn(netD, real, weights, augment)
  const penalty = told('R1', steepnessPenalty(options.r1Gamma, slope(real.shown)))
  return { onReal, onFake, total: tf.add(half, penalty) }
}

/** A judge's slope at pictures with what it is told beside them. */
export function slopeOn(
  netD: Trainee,
  beside: Omit<View, 'shown'>,
  weights: readonly Tensor[],
  augment: AugmentFeeds | undefined,
): Slope {
  return slopeOf((shown) => netD.forward(joined({ ...beside, shown }, augment), weights, { norm: 'batch' }))
}
