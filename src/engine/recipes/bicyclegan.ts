import { ANSWERS } from '../../core/recipes/bicyclegan.ts'
import { counterOf } from '../../core/random.ts'
import type { OptionsOf } from '../../core/recipes/index.ts'
import { tf } from '../backends/tf.ts'
import type { Scalar, Tensor4D } from '../backends/tf.ts'
import { at } from '../kernels/at.ts'
import type { AugmentFeeds } from '../kernels/diffAugment.ts'
import { l1Loss } from '../losses/l1.ts'
import { buildNetwork } from '../networks/index.ts'
import { drawCodes } from '../nn/codes.ts'
import { withPlanes } from '../nn/planes.ts'
import { createLossScaling } from '../optimizers/lossScaling.ts'
import type { LossScaling } from '../optimizers/lossScaling.ts'
import { createAdversary, upkeepOf } from './adversary.ts'
import type { Game, Judge } from './adversary.ts'
import { buildJudge, checkCropSize, checkScale, unetFor } from './cropSize.ts'
import { feedJudging, foolingOf, givenOf, judgingLoss, seat } from './judging.ts'
import type { View } from './judging.ts'
import { fromPictures, picturesOneByOne } from './pictures.ts'
import { createTrainee } from './trainee.ts'
import type { Trainee } from './trainee.ts'
import type { Pictures, SeatedJudge, Shown, TrainBatch, Trainer, TrainerContext } from './trainer.ts'

type Options = OptionsOf<'bicyclegan'>

/** What a step is a function of, besides the state. Codes are [N,1,1,latent]. */
type Feeds = {
  realA: Tensor4D
  realB: Tensor4D
  /** Where in its spread the code of a true picture is taken. */
  noise: Tensor4D
  /** Codes that have nothing to do with the pictures. */
  drawn: Tensor4D
  augment: AugmentFeeds | undefined
}

/** A normal distribution for each picture of a batch, its parameters [N,1,1,latent]. */
type Spread = { mean: Tensor4D; logVariance: Tensor4D }

/** `encoded` is made with the code of its true partner, `random` with a drawn one. */
type Made = { spread: Spread; encoded: Tensor4D; random: Tensor4D }

type Networks = Record<'netG' | 'netE' | 'netD' | 'netD2', Trainee>

const NOISE = counterOf('bicyclegan.noise')
const DRAWN = counterOf('bicyclegan.drawn')
const GALLERY = counterOf('bicyclegan.gallery')

/**
 * BicycleGAN (Zhu et al. 2017). netG paints B from A and a code; netE reads a code from a B. Two rounds: the code of a true B must
 * give that B again (cVAE-GAN), and a drawn code must be readable from the B that was made with it (cLR-GAN). A judge each, which
 * looks at A and a B together. Choices of ours: docs/decisions/0008-many-answers-by-bicyclegan.md.
 * @throws Refused `crop-size`, `scale-unfit`
 */
export function createBicyclegan(options: Options, context: TrainerContext): Trainer {
  const scaling = createLossScaling(context.precision)
  const networks = createNetworks(options, context, scaling)
  const { netG, netE, netD, netD2 } = networks
  const game = gameOf(networks, options)
  return createAdversary({
    options,
    scaling,
    context,
    game: () => game,
    stateful: [netG, netE, netD, netD2],
    feed: (batch) => feed(options, batch),
    visuals: (shown) => showAnswers(networks, options, shown),
    generator: () => ({ ...netG.made(), condition: { latent: options.latent, labels: [] } }),
    judges: seatsOf(networks, options),
  })
}

/** The judge of drawn codes first: those are what the model is used with. Either is asked about the middle answer. */
function seatsOf({ netG, netD, netD2 }: Networks, { ganLoss, latent }: Options): SeatedJudge[] {
  const middle = () => tf.zeros([1, 1, 1, latent]) as Tensor4D
  const rules: Parameters<typeof seat>[1] = {
    ganLoss,
    told: { given: true, label: false },
    view: (shown, beside) => ({ given: givenOf(beside), shown }),
    make: ({ realA }) => picturesOneByOne(realA, (x) => netG.show(withPlanes(x, middle()), 'batch')),
  }
  return [seat(netD2, { ...rules, id: 'D2' }), seat(netD, rules)]
}

/** The codes that the encoder reads from true pictures, the middle of each spread. */
const ownCodes = (netE: Trainee, realB: Pictures, latent: number) =>
  picturesOneByOne(realB, (x) => spreadOf(netE.show(x, 'batch'), latent).mean)

/** Everything that varies from step to step. */
function feed(options: Options, batch: TrainBatch): Feeds {
  const { seed, step, realA, realB } = batch
  const places = Array.from({ length: realA.shape[0] }, (_, index) => index)
  const codes = (counter: number) =>
    fromPictures(drawCodes({ latent: options.latent, classes: 0 }, places, [], seed, counter, step))
  return {
    realA: fromPictures(realA),
    realB: fromPictures(realB),
    noise: codes(NOISE),
    drawn: codes(DRAWN),
    augment: feedJudging(options, batch),
  }
}

/** Both judges learn first, then generator and encoder together, from the wiser judges. */
function gameOf({ netG, netE, netD, netD2 }: Networks, options: Options): Game<Feeds, Made> {
  const { lambdaL1, lambdaKL, lambdaZ, latent } = options
  return {
    painters: [netG, netE],
    judges: [
      judgeOf(netD, options, 'D', ({ encoded }) => encoded),
      judgeOf(netD2, options, 'D2', ({ random }) => random),
    ],
    order: 'judges-first',
    make({ realA, realB, noise, drawn }, weights, isPractice) {
      const paint = (code: Tensor4D) => netG.paint(withPlanes(realA, code), at(weights, 0), isPractice)
      const spread = spreadOf(netE.paint(realB, at(weights, 1), isPractice), latent)
      return { spread, encoded: paint(takeFrom(spread, noise)), random: paint(drawn) }
    },
    loss({ realA, realB, drawn, augment }, { spread, encoded, random }, _, told) {
      // The encoder does not learn from how it reads made pictures: it would agree on signs with the generator.
      const read = spreadOf(netE.practise(random, netE.read()), latent)
      return tf.addN([
        told('G_GAN', foolingOf(netD, { given: realA, shown: encoded }, options, augment)),
        told('G_GAN2', foolingOf(netD2, { given: realA, shown: random }, options, augment)),
        told('G_L1', tf.mul(lambdaL1, l1Loss(encoded, realB))),
        told('G_KL', tf.mul(lambdaKL, divergenceOf(spread))),
        told('G_z', tf.mul(lambdaZ, l1Loss(read.mean, drawn))),
      ]) as Scalar
    },
  }
}

function judgeOf(
  net: Trainee,
  options: Options,
  name: 'D' | 'D2',
  madeOf: (made: Made) => Tensor4D,
): Judge<Feeds, Made> {
  return {
    nets: [net],
    loss({ realA, realB, augment }, made, [weights = []], told) {
      const view = (shown: Tensor4D): View => ({ given: realA, shown })
      const seen = { real: view(realB), fake: view(madeOf(made)), weights, augment }
      const { onFake, onReal, total } = judgingLoss(net, options, seen, told)
      told(`${name}_fake`, onFake)
      told(`${name}_real`, onReal)
      return total
    },
  }
}

/** What the encoder gave, [N,1,1,2 latent], as the distribution that it means. */
function spreadOf(told: Tensor4D, latent: number): Spread {
  const [count] = told.shape
  return {
    mean: tf.slice(told, [0, 0, 0, 0], [count, 1, 1, latent]),
    logVariance: tf.slice(told, [0, 0, 0, latent], [count, 1, 1, latent]),
  }
}

function takeFrom({ mean, logVariance }: Spread, noise: Tensor4D): Tensor4D {
  return tf.add(mean, tf.mul(noise, tf.exp(tf.mul(0.5, logVariance))))
}

/** How far distributions are from the standard normal one: Kullback-Leibler divergence in nats, its mean over the batch. */
function divergenceOf({ mean, logVariance }: Spread): Scalar {
  const terms = tf.sub(tf.add(tf.square(mean), tf.exp(logVariance)), tf.add(1, logVariance))
  return tf.div(tf.sum(terms), 2 * at(mean.shape, 0))
}

/** The middle answer, what the true picture's own code gives, and the same drawn codes for every picture. */
async function showAnswers({ netG, netE }: Networks, options: Options, { realA, realB }: Shown) {
  const { latent, seed } = options
  const paint = (codeOf: (index: number) => Float32Array) =>
    picturesOneByOne(realA, (x, index) =>
      netG.show(withPlanes(x, tf.tensor4d(codeOf(index), [1, 1, 1, latent])), 'batch'),
    )
  const { data: own } = await ownCodes(netE, realB, latent)
  const answers: Record<string, Pictures> = {}
  for (const [place, id] of ANSWERS.entries()) {
    const { data } = drawCodes({ latent, classes: 0 }, [place], [], seed, GALLERY)
    answers[id] = await paint(() => data)
  }
  const recB = await paint((index) => own.subarray(index * latent, (index + 1) * latent))
  return { realA, realB, recB, fakeB: await paint(() => new Float32Array(latent)), ...answers }
}

function createNetworks(
  options: Options,
  { inputChannels, outputChannels, scale }: TrainerContext,
  scaling: LossScaling | undefined,
): Networks {
  const { ngf, ndf, nef, norm, upsampling, latent, cropSizePx, seed } = options
  const architecture = options.netG === 'auto' ? (unetFor(cropSizePx) ?? 'unet_16') : options.netG
  const generator = buildNetwork(architecture, {
    inputChannels: inputChannels + latent,
    outputChannels,
    ...{ ngf, norm, upsampling, latent, dropout: false },
  })
  checkScale(generator, scale)
  checkCropSize(generator, options, cropSizePx)
  const encoder = buildNetwork('style_encoder', {
    channels: outputChannels,
    ...{ latent, nef, layers: Math.min(5, Math.floor(Math.log2(cropSizePx)) - 2) },
  })
  const judge = buildJudge(options, {
    inputChannels: inputChannels + outputChannels,
    ...{ ndf, norm },
  })
  const init = { kind: options.init, gain: options.initGain, seed }
  const upkeep = upkeepOf(options, scaling)
  return {
    netG: createTrainee('netG', generator, init, upkeep.painter),
    // Codes have to say something from the first step on, so they begin with a spread.
    netE: createTrainee('netE', encoder, { kind: 'kaiming', gain: 1, seed }, upkeep.painter),
    netD: createTrainee('netD', judge, init, upkeep.judge),
    netD2: createTrainee('netD2', judge, init, upkeep.judge),
  }
}
