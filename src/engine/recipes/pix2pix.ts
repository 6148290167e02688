import type { OptionsOf } from '../../core/recipes/index.ts'
import { tf } from '../backends/tf.ts'
import type { Scalar, Tensor1D, Tensor4D } from '../backends/tf.ts'
import type { AugmentFeeds } from '../kernels/diffAugment.ts'
import { at } from '../kernels/at.ts'
import { l1Loss } from '../losses/l1.ts'
import { buildNetwork } from '../networks/index.ts'
import { createLossScaling } from '../optimizers/lossScaling.ts'
import type { LossScaling } from '../optimizers/lossScaling.ts'
import { createAdversary, upkeepOf } from './adversary.ts'
import type { Game } from './adversary.ts'
import { feedJudging, foolingOf, givenOf, judgingLoss, seat } from './judging.ts'
import { buildJudge, checkCropSize, checkScale, unetFor } from './cropSize.ts'
import type { View } from './judging.ts'
import { fromPictures, picturesOneByOne } from './pictures.ts'
import { createTrainee } from './trainee.ts'
import type { Trainee } from './trainee.ts'
import type { Trainer, TrainerContext } from './trainer.ts'

type Options = OptionsOf<'pix2pix'>

/** What a step is a function of, besides the state. */
type Feeds = {
  realA: Tensor4D
  realB: Tensor4D
  dropoutSeed: Tensor1D
  augment: AugmentFeeds | undefined
}

/**
 * Pix2Pix (Isola, Zhu, Zhou, Efros 2017). netG paints B from A; netD looks at A and a B together and says, patch by
 * patch, whether that B is real.
 * @throws Refused `crop-size` when the networks cannot work at the crop size
 */
export function createPix2Pix(options: Options, context: TrainerContext): Trainer {
  const scaling = createLossScaling(context.precision)
  const { netG, netD } = createNetworks(options, context, scaling)
  const game = gameOf(netG, netD, options)
  return createAdversary({
    options,
    scaling,
    context,
    game: () => game,
    stateful: [netG, netD],
    feed: (batch): Feeds => ({
      realA: fromPictures(batch.realA),
      realB: fromPictures(batch.realB),
      dropoutSeed: tf.tensor1d([batch.seed, batch.step], 'int32'),
      augment: feedJudging(options, batch),
    }),
    async visuals({ realA, realB }, norm) {
      return { realA, fakeB: await picturesOneByOne(realA, (x) => netG.show(x, norm)), realB }
    },
    generator: () => netG.made(),
    judges: [
      seat(netD, {
        ganLoss: options.ganLoss,
        told: { given: true, label: false },
        view: (shown, beside) => ({ given: givenOf(beside), shown }),
        make: ({ realA }, norm) => picturesOneByOne(realA, (x) => netG.show(x, norm)),
      }),
    ],
  })
}

/** netD learns from the picture first, then netG from the wiser netD. */
function gameOf(netG: Trainee, netD: Trainee, options: Options): Game<Feeds, Tensor4D> {
  return {
    painters: [netG],
    judges: [
      {
        nets: [netD],
        loss({ realA, realB, augment }, fakeB, [weights = []], told) {
          const [fake, real] = [fakeB, realB].map((shown) => ({ given: realA, shown })) as [View, View]
          const { onFake, onReal, total } = judgingLoss(netD, options, { real, fake, weights, augment }, told)
          told('D_fake', onFake)
          told('D_real', onReal)
          return total
        },
      },
    ],
    order: 'judges-first',
    make: ({ realA, dropoutSeed }, weights, isPractice) =>
      netG.paint(realA, at(weights, 0), isPractice, dropoutSeed),
    loss({ realA, realB, augment }, fakeB, _, told) {
      const gan = told('G_GAN', foolingOf(netD, { given: realA, shown: fakeB }, options, augment))
      const l1 = told('G_L1', tf.mul(options.lambdaL1, l1Loss(fakeB, realB)))
      return tf.add(gan, l1) as Scalar
    },
  }
}

function createNetworks(
  options: Options,
  context: TrainerContext,
  scaling: LossScaling | undefined,
): { netG: Trainee; netD: Trainee } {
  const { inputChannels, outputChannels, scale } = context
  const { ngf, ndf, norm, dropout, upsampling, cropSizePx } = options
  const generator = buildNetwork(architectureFor(options), {
    inputChannels,
    outputChannels,
    ngf,
    norm,
    dropout,
    upsampling,
  })
  const discriminator = buildJudge(options, {
    inputChannels: inputChannels + outputChannels,
    ndf,
    norm,
  })
  checkScale(generator, scale)
  checkCropSize(generator, options, cropSizePx)
  const init = { kind: options.init, gain: options.initGain, seed: options.seed }
  const upkeep = upkeepOf(options, scaling)
  return {
    netG: createTrainee('netG', generator, init, upkeep.painter),
    netD: createTrainee('netD', discriminator, init, upkeep.judge),
  }
}

/** `auto`: as published at 256 px; else the largest smaller U-Net that the square is a multiple of, or a ResNet. */
function architectureFor({ netG, cropSizePx }: Options): string {
  return netG === 'auto' ? (unetFor(cropSizePx) ?? 'resnet_9blocks') : netG
}
