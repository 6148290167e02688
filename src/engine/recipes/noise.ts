import { refuse } from '../../core/errors.ts'
import type { GanOptions, WganGpOptions, WganOptions } from '../../core/recipes/noise.ts'
import { counterOf, randomUniform } from '../../core/random.ts'
import { tf } from '../backends/tf.ts'
import type { Scalar, Tensor, Tensor4D } from '../backends/tf.ts'
import { at } from '../kernels/at.ts'
import type { AugmentFeeds } from '../kernels/diffAugment.ts'
import { foolingLoss, ganLoss } from '../losses/gan.ts'
import type { GanLoss } from '../losses/gan.ts'
import { buildNetwork } from '../networks/index.ts'
import { drawCodes } from '../nn/codes.ts'
import { createLossScaling } from '../optimizers/lossScaling.ts'
import type { LossScaling } from '../optimizers/lossScaling.ts'
import { createAdversary, upkeepOf } from './adversary.ts'
import type { Game, Told } from './adversary.ts'
import { feedJudging, seat, slopeOn, verdictOn } from './judging.ts'
import type { View } from './judging.ts'
import { fromPictures, picturesOneByOne } from './pictures.ts'
import { steepnessTerms } from './steepness.ts'
import { createTrainee } from './trainee.ts'
import type { Trainee } from './trainee.ts'
import type { Pictures, SeatedJudge, TrainBatch, Trainer, TrainerContext } from './trainer.ts'

type Options = GanOptions | WganOptions | WganGpOptions

/** What a step is a function of, besides the state: codes for what the judge and the generator learn from, shares for what lies between real and made. */
type Feeds = {
  realB: Tensor4D
  codes: Tensor4D
  codesG: Tensor4D
  /** [N,S,S,classes], one-hot everywhere; undefined without classes. */
  labels: Tensor4D | undefined
  between: Tensor4D
  augment: AugmentFeeds | undefined
}

/** How a recipe tells real from made. */
type Rules = {
  kind: GanLoss
  /** Weight of the penalty on slopes other than 1. */
  lambdaGP: number
  clipWeights: number
  judgeRounds: number
  r1Gamma: number
}

const CODES = counterOf('noise.codes')
const CODES_G = counterOf('noise.codesG')
const BETWEEN = counterOf('noise.between')
const GALLERY = counterOf('noise.gallery')

/** GAN (Goodfellow et al. 2014), by convolutions as Radford et al. 2016 have it. */
export function createGan(options: GanOptions, context: TrainerContext): Trainer {
  return createNoise(options, ganRules(options), withoutClasses(context))
}

/**
 * Conditional GAN (Mirza and Osindero 2014): both networks are told the class.
 * @throws Refused `classes-missing`
 */
export function createConditionalGan(options: GanOptions, context: TrainerContext): Trainer {
  if ((context.classes ?? []).length < 2)
    throw refuse(
      'classes-missing',
      'A conditional GAN needs pictures of at least two classes, and these have none.',
      'Put the pictures of each class into a folder of its own, or choose the recipe gan.',
    )
  return createNoise(options, ganRules(options), context)
}

/** WGAN (Arjovsky et al. 2017): a critic whose weights are clipped. */
export function createWgan(options: WganOptions, context: TrainerContext): Trainer {
  const { judgeRounds, clipWeights, r1Gamma } = options
  const rules: Rules = { kind: 'wgan', lambdaGP: 0, clipWeights, judgeRounds, r1Gamma }
  return createNoise(options, rules, withoutClasses(context))
}

/** WGAN-GP (Gulrajani et al. 2017): a critic whose slopes between real and made pictures are kept near 1. */
export function createWganGp(options: WganGpOptions, context: TrainerContext): Trainer {
  const { judgeRounds, lambdaGP, r1Gamma } = options
  const rules: Rules = { kind: 'wgan', lambdaGP, clipWeights: 0, judgeRounds, r1Gamma }
  return createNoise(options, rules, withoutClasses(context))
}

function withoutClasses(context: TrainerContext): TrainerContext {
  return { ...context, classes: [] }
}

function ganRules({ ganLoss: kind, r1Gamma }: GanOptions): Rules {
  return { kind, lambdaGP: 0, clipWeights: 0, judgeRounds: 1, r1Gamma }
}

function createNoise(options: Options, rules: Rules, context: TrainerContext): Trainer {
  const scaling = createLossScaling(context.precision)
  const { classes = [] } = context
  const { netG, netD } = createNetworks(options, rules, context, scaling)
  const code = { latent: options.latent, classes: classes.length }
  const game = gameOf(netG, netD, rules)
  const make: SeatedJudge['make'] = ({ labels = [], row = 0 }, norm) => {
    const codes: Pictures = drawCodes(code, [row], labels, options.seed, GALLERY)
    return picturesOneByOne(codes, (x) => netG.show(x, norm))
  }
  return createAdversary({
    options,
    scaling,
    context,
    game: () => game,
    stateful: [netG, netD],
    judgeRounds: rules.judgeRounds,
    feed: (batch) => feed(options, code, batch),
    visuals: async (inputs, norm) => ({ fakeB: await make(inputs, norm), realB: inputs.realB }),
    generator: () => ({
      ...netG.made(),
      task: 'generate',
      condition: { latent: options.latent, labels: [...classes] },
    }),
    judges: [
      seat(netD, {
        ganLoss: rules.kind,
        told: { given: false, label: classes.length > 0 },
        view: (shown, { label }) => ({
          shown,
          ...(label !== undefined && {
            labels: labelPlanes([label], classes.length, options.cropSizePx),
          }),
        }),
        make,
      }),
    ],
  })
}

/** Everything that varies from step to step, drawn here, so that the step itself draws nothing. Made pictures have the labels of the real ones. */
function feed(options: Options, code: { latent: number; classes: number }, batch: TrainBatch): Feeds {
  const { seed, step, labels = [], realB } = batch
  const [count, sidePx] = realB.shape
  const places = Array.from({ length: count }, (_, index) => index)
  const codes = (counter: number) => fromPictures(drawCodes(code, places, labels, seed, counter, step))
  const shares = places.map((place) => randomUniform(seed, BETWEEN, step, place))
  return {
    realB: fromPictures(realB),
    codes: codes(CODES),
    codesG: codes(CODES_G),
    labels: code.classes > 0 ? labelPlanes(labels, code.classes, sidePx) : undefined,
    between: tf.tensor4d(shares, [count, 1, 1, 1]),
    augment: feedJudging(options, batch),
  }
}

/** One plane for each class: 1 everywhere where it is meant. [N,S,S,classes] */
export function labelPlanes(labels: readonly number[], classes: number, sidePx: number): Tensor4D {
  const hot = tf.oneHot(tf.tensor1d([...labels], 'int32'), classes, 1, 0, 'float32')
  const planes = tf.reshape(hot, [labels.length, 1, 1, classes])
  return tf.tile(planes as Tensor4D, [1, sidePx, sidePx, 1])
}

/** The judge learns first; where it does so once and from one batch, the generator learns from the same pictures. */
function gameOf(netG: Trainee, netD: Trainee, rules: Rules): Game<Feeds, Tensor4D> {
  const { kind } = rules
  const view = (shown: Tensor4D, { labels }: Feeds): View => ({ shown, ...(labels && { labels }) })
  return {
    painters: [netG],
    judges: [
      {
        nets: [netD],
        loss: (feeds, fakeB, [weights = []], told) => judge(netD, rules, feeds, fakeB, weights, told, view),
      },
    ],
    order: 'judges-first',
    make: ({ codes, codesG }, weights, isPractice) =>
      netG.paint(isPractice ? codesG : codes, at(weights, 0), isPractice),
    loss: (feeds, fakeB, _, told) =>
      told('G_GAN', foolingLoss(kind, verdictOn(netD, view(fakeB, feeds), netD.read(), feeds.augment))),
  }
}

function judge(
  netD: Trainee,
  rules: Rules,
  feeds: Feeds,
  fakeB: Tensor4D,
  weights: readonly Tensor[],
  told: Told,
  view: (shown: Tensor4D, feeds: Feeds) => View,
): Scalar {
  const { kind } = rules
  const { realB, between, augment } = feeds
  const onFake = ganLoss(kind, verdictOn(netD, view(fakeB, feeds), weights, augment), 'fake')
  const onReal = ganLoss(kind, verdictOn(netD, view(realB, feeds), weights, augment), 'real')
  const terms = [onFake, onReal]
  if (kind === 'wgan') told('C_distance', tf.neg(tf.add(onFake, onReal)))
  else {
    told('D_fake', onFake)
    told('D_real', onReal)
  }
  const slope = slopeOn(netD, view(realB, feeds), weights, augment)
  terms.push(...steepnessTerms(rules, { real: realB, fake: fakeB, between }, slope, told))
  return tf.addN(terms) as Scalar
}

function createNetworks(
  options: Options,
  { clipWeights }: Rules,
  { outputChannels: channels, classes = [] }: TrainerContext,
  scaling: LossScaling | undefined,
): { netG: Trainee; netD: Trainee } {
  const { netG, latent, cropSizePx: sizePx, ngf, ndf, norm, normD, seed } = options
  const isDense = netG === 'dense'
  const shared = { labels: classes.length, sizePx, channels }
  const generator = isDense
    ? buildNetwork('dense', { ...shared, latent })
    : buildNetwork('dcgan', { ...shared, latent, ngf, norm })
  const discriminator = isDense
    ? buildNetwork('dense_judge', shared)
    : buildNetwork('dcgan_judge', { ...shared, ndf, norm: normD })
  // A spread of 0.02 is for convolutions; through five dense layers nothing would come of it.
  const init = isDense
    ? ({ kind: 'xavier', gain: 1, seed } as const)
    : { kind: options.init, gain: options.initGain, seed }
  const upkeep = upkeepOf(options, scaling)
  return {
    netG: createTrainee('netG', generator, init, upkeep.painter),
    netD: createTrainee('netD', discriminator, init, { ...upkeep.judge, clipWeights }),
  }
}
