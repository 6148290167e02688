import type { AttributeOptions as Options } from '../../core/recipes/attribute.ts'
import { refuse } from '../../core/errors.ts'
import { counterOf, randomInteger, randomUniform } from '../../core/random.ts'
import { tf } from '../backends/tf.ts'
import type { Scalar, Tensor, Tensor4D } from '../backends/tf.ts'
import { at } from '../kernels/at.ts'
import type { AugmentFeeds } from '../kernels/diffAugment.ts'
import { foolingLoss, ganLoss } from '../losses/gan.ts'
import { l1Loss } from '../losses/l1.ts'
import { buildNetwork } from '../networks/index.ts'
import { judgeAndName, type StarJudgeOptions } from '../networks/starJudge.ts'
import type { NormMode } from '../nn/network.ts'
import { createLossScaling, type LossScaling } from '../optimizers/lossScaling.ts'
import { createAdversary, upkeepOf } from './adversary.ts'
import type { Game, Told } from './adversary.ts'
import { checkGeneratorSize } from './cropSize.ts'
import { feedJudging, joined, seat, slopeOn } from './judging.ts'
import { labelPlanes } from './noise.ts'
import { fromPictures, picturesOneByOne } from './pictures.ts'
import { steepnessTerms } from './steepness.ts'
import { createTrainee } from './trainee.ts'
import type { Trainee } from './trainee.ts'
import type { SeatedJudge, TrainBatch, Trainer, TrainerContext } from './trainer.ts'

/** What a step is a function of, besides the state. Labels are one-hot: planes for the generator, [N,classes] for the losses. */
type Feeds = {
  realA: Tensor4D
  own: Tensor4D
  wanted: Tensor4D
  between: Tensor4D
  augment: AugmentFeeds | undefined
}

const TARGET = counterOf('attribute.target')
const BETWEEN = counterOf('attribute.between')

/**
 * StarGAN (Choi et al. 2018): one generator turns pictures of any class into any other, told which by planes beside the picture;
 * the judge says how real they are and names their class; what went there and back must be what it was. Published, edges are zeros,
 * and from them alone the generator knows the class; here the stem has no norm, so that every place knows it, in tiles too.
 * @throws Refused `classes-missing`, `crop-size`
 */
export function createAttribute(options: Options, context: TrainerContext): Trainer {
  const { classes = [] } = context
  const { cropSizePx: sizePx } = options
  const scaling = createLossScaling(context.precision)
  const labels = classes.length
  const { netG, netD, seeing } = createNetworks(options, context, scaling)
  const game = gameOf(netG, netD, options, seeing)
  const paint = (label: number, norm: NormMode) => (x: Tensor4D) =>
    netG.show(tf.concat([x, labelPlanes([label], labels, sizePx)], 3), norm)
  const make: SeatedJudge['make'] = ({ realA, labels: own = [], row = 0 }, norm) => {
    const to = ((own[0] ?? 0) + 1 + (row % (labels - 1))) % labels
    return picturesOneByOne(realA, paint(to, norm))
  }
  return createAdversary({
    options,
    scaling,
    context,
    judgeRounds: options.judgeRounds,
    game: () => game,
    stateful: [netG, netD],
    feed: (batch) => feed(options, labels, batch),
    async visuals(inputs, norm) {
      const { realA, realB, labels: own = [] } = inputs
      const fakeB = await make(inputs, norm)
      return { realA, fakeB, recA: await picturesOneByOne(fakeB, paint(own[0] ?? 0, norm)), realB }
    },
    generator: () => ({ ...netG.made(), condition: { latent: 0, labels: [...classes] } }),
    judges: [seat(netD, { ganLoss: 'wgan', make })],
  })
}

/** @throws Refused `classes-missing`, `crop-size` */
function createNetworks(
  options: Options,
  { classes = [], outputChannels: channels }: TrainerContext,
  scaling: LossScaling | undefined,
) {
  if (classes.length < 2)
    throw refuse(
      'classes-missing',
      'Translating by attribute needs pictures of at least two classes, and these have none.',
      'Put the pictures of each class into a folder of its own.',
    )
  const { cropSizePx: sizePx, ngf, ndf, seed } = options
  const { painter, judge } = upkeepOf(options, scaling)
  const init = { kind: options.init, gain: options.initGain, seed }
  const labels = classes.length
  const generator = buildNetwork(options.netG, {
    inputChannels: channels + labels,
    outputChannels: channels,
    ngf,
    norm: 'instance',
    stemNorm: false,
    dropout: false,
  })
  checkGeneratorSize(generator, sizePx)
  const seeing: StarJudgeOptions = {
    channels,
    labels,
    sizePx,
    ndf,
    layers: Math.max(1, Math.min(6, Math.floor(Math.log2(sizePx)) - 1)),
  }
  const netG = createTrainee('netG', generator, init, painter)
  // No norm lifts what its layers make of one another: from normal weights with a spread of 0.02 it took hundreds of steps to see a
  // class, and on some machines never did.
  const lively = { kind: 'kaiming', gain: 1, seed } as const
  const netD = createTrainee('netD', buildNetwork('star_judge', seeing), lively, judge)
  return { netG, netD, seeing }
}

function feed(options: Options, labels: number, batch: TrainBatch): Feeds {
  const { seed, step, realA, labels: own = [] } = batch
  const [count, sidePx] = realA.shape
  const places = Array.from({ length: count }, (_, index) => index)
  const targets = places.map((place) => randomInteger(labels, seed, TARGET, step, place))
  const shares = places.map((place) => randomUniform(seed, BETWEEN, step, place))
  return {
    realA: fromPictures(realA),
    own: labelPlanes(own, labels, sidePx),
    wanted: labelPlanes(targets, labels, sidePx),
    between: tf.tensor4d(shares, [count, 1, 1, 1]),
    augment: feedJudging(options, batch),
  }
}

function gameOf(
  netG: Trainee,
  netD: Trainee,
  options: Options,
  seeing: StarJudgeOptions,
): Game<Feeds, Tensor4D> {
  const { lambdaClass, lambdaReconstruction } = options
  const look = (x: Tensor4D, weights: readonly Tensor[], augment: AugmentFeeds | undefined) =>
    judgeAndName(joined({ shown: x }, augment), seeing, ...netD.practice(weights))
  return {
    painters: [netG],
    judges: [
      {
        nets: [netD],
        loss: (feeds, fakeB, [weights = []], told) =>
          judgeLoss(netD, options, feeds, fakeB, weights, told, look),
      },
    ],
    order: 'judges-first',
    make: ({ realA, wanted }, weights, isPractice) =>
      netG.paint(tf.concat([realA, wanted], 3), at(weights, 0), isPractice),
    loss({ realA, own, wanted, augment }, fakeB, weights, told) {
      const seen = look(fakeB, netD.read(), augment)
      const recA = netG.practise(tf.concat([fakeB, own], 3), at(weights, 0))
      return tf.addN([
        told('G_GAN', foolingLoss('wgan', seen.verdict)),
        tf.mul(lambdaClass, told('G_class', namingLoss(seen.label, wanted))),
        told('G_reconstruction', tf.mul(lambdaReconstruction, l1Loss(recA, realA))),
      ]) as Scalar
    },
  }
}

type Look = (
  x: Tensor4D,
  weights: readonly Tensor[],
  augment: AugmentFeeds | undefined,
) => ReturnType<typeof judgeAndName>

function judgeLoss(
  netD: Trainee,
  options: Options,
  { realA, own, between, augment }: Feeds,
  fakeB: Tensor4D,
  weights: readonly Tensor[],
  told: Told,
  look: Look,
): Scalar {
  const [onReal, onFake] = [look(realA, weights, augment), look(fakeB, weights, augment)]
  const terms = [ganLoss('wgan', onFake.verdict, 'fake'), ganLoss('wgan', onReal.verdict, 'real')]
  told('C_distance', tf.neg(tf.addN(terms)) as Scalar)
  terms.push(tf.mul(options.lambdaClass, told('C_class', namingLoss(onReal.label, own))))
  // Of a verdict a patch the sum, as published.
  const slope = slopeOn(netD, {}, weights, augment)
  terms.push(...steepnessTerms(options, { real: realA, fake: fakeB, between }, slope, told))
  return tf.addN(terms) as Scalar
}

/** Cross-entropy of label logits [N,1,1,labels] against one-hot planes [N,S,S,labels]. */
function namingLoss(logits: Tensor4D, planes: Tensor4D): Scalar {
  const [count, , , labels] = logits.shape
  const flat = tf.reshape(logits, [count, labels])
  const hot = tf.reshape(tf.slice(planes, [0, 0, 0, 0], [count, 1, 1, labels]), [count, labels])
  return tf.mean(tf.sub(tf.logSumExp(flat, 1), tf.sum(tf.mul(flat, hot), 1)))
}
