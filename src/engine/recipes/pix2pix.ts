import type { OptionsOf } from '../../core/recipes/index.ts'
import { createRecorded } from '../backends/recorded.ts'
import { tf } from '../backends/tf.ts'
import type { Scalar, Tensor, Tensor1D, Tensor4D } from '../backends/tf.ts'
import { ganLoss } from '../losses/gan.ts'
import { l1Loss } from '../losses/l1.ts'
import { buildNetwork } from '../networks/index.ts'
import type { NormMode } from '../nn/network.ts'
import { feedAdam } from '../optimizers/adam.ts'
import type { AdamFeeds } from '../optimizers/adam.ts'
import { createLossScaling, settled } from '../optimizers/lossScaling.ts'
import type { LossScaling } from '../optimizers/lossScaling.ts'
import { checkCropSize, checkScale } from './cropSize.ts'
import { fromPictures, picturesOneByOne, toScalars } from './pictures.ts'
import { createTrainee, gradients, namedTensor, restore } from './trainee.ts'
import type { Trainee } from './trainee.ts'
import type { Trainer, TrainerContext } from './trainer.ts'

type Options = OptionsOf<'pix2pix'>

/** What a step is a function of, besides the state: fed tensors, so that a step can be recorded. */
type Feeds = { realA: Tensor4D; realB: Tensor4D; dropoutSeed: Tensor1D; adam: AdamFeeds }

/**
 * Pix2Pix (Isola, Zhu, Zhou, Efros 2017). netG paints B from A; netD looks at A and a B together and says, patch by
 * patch, whether that B is real.
 * @throws Refused `crop-size` when the networks cannot work at the crop size
 */
export function createPix2Pix(options: Options, context: TrainerContext): Trainer {
  const scaling = createLossScaling(context.precision)
  const { netG, netD } = createNetworks(options, context, scaling)
  const parts = [netG, netD, ...(scaling ? [scaling] : [])]
  const state = () => new Map(parts.flatMap((part) => [...part.variables()]))
  const recorded = createRecorded(
    (feeds: Feeds) => settled(scaling, step(netG, netD, options, feeds)),
    context.precision,
  )
  return {
    train: async (batch) =>
      toScalars(
        await recorded.call(() => ({
          realA: fromPictures(batch.realA),
          realB: fromPictures(batch.realB),
          dropoutSeed: tf.tensor1d([batch.seed, batch.step], 'int32'),
          adam: feedAdam({ ...options, epsilon: 1e-8 }, batch.learningRate, batch.step),
        })),
      ),
    async visuals({ realA, realB }, norm) {
      return { realA, fakeB: await picturesOneByOne(realA, (x) => translate(netG, x, norm)), realB }
    },
    state: () => [...state()].map(([name, variable]) => namedTensor(name, variable)),
    loadState: (saved) => restore(state(), saved),
    generator: () => ({ network: netG.network, tensors: netG.tensors() }),
    dispose() {
      recorded.dispose()
      for (const part of parts) part.dispose()
    },
  }
}

/** One generator forward pass serves both updates: netD learns from the picture first, then netG from the wiser netD. */
function step(netG: Trainee, netD: Trainee, options: Options, feeds: Feeds): Record<string, Tensor> {
  const { realA, realB, dropoutSeed, adam } = feeds
  const losses: Record<string, Scalar> = {}
  const judge = (weightsD: readonly Tensor[], b: Tensor4D, verdict: 'real' | 'fake'): Scalar =>
    ganLoss(options.ganLoss, netD.practise(tf.concat([realA, b], 3), weightsD), verdict)

  const weightsG = netG.read()
  const gradientsG = gradients(netG.scaling, weightsG, () => {
    const fakeB = netG.practise(realA, weightsG, dropoutSeed)

    const weightsD = netD.read()
    const gradientsD = gradients(netD.scaling, weightsD, () => {
      losses.D_fake = tf.keep(judge(weightsD, fakeB, 'fake'))
      losses.D_real = tf.keep(judge(weightsD, realB, 'real'))
      return tf.mul(0.5, tf.add(losses.D_fake, losses.D_real))
    })
    netD.learn(gradientsD, adam)

    losses.G_GAN = tf.keep(judge(netD.read(), fakeB, 'real'))
    losses.G_L1 = tf.keep(tf.mul(options.lambdaL1, l1Loss(fakeB, realB)))
    return tf.add(losses.G_GAN, losses.G_L1)
  })
  // TensorFlow updates a weight in place only when nobody else holds it.
  tf.dispose(weightsG)
  netG.learn(gradientsG, adam)
  return losses
}

function translate(netG: Trainee, realA: Tensor4D, norm: NormMode): Tensor4D {
  return netG.forward(realA, netG.read(), { norm })
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
  const discriminator = buildNetwork(`patch_${options.nLayersD}layers`, {
    inputChannels: inputChannels + outputChannels,
    ndf,
    norm,
  })
  checkScale(generator, scale)
  checkCropSize(generator, options.nLayersD, cropSizePx)
  const init = { kind: options.init, gain: options.initGain, seed: options.seed }
  return {
    netG: createTrainee('netG', generator, init, scaling),
    netD: createTrainee('netD', discriminator, init, scaling),
  }
}

/** `auto`: as published at 256 px; else the largest smaller U-Net that the square is a multiple of, or a ResNet. */
function architectureFor({ netG, cropSizePx }: Options): string {
  if (netG !== 'auto') return netG
  const sidePx = [256, 128, 64, 32, 16].find((side) => cropSizePx % side === 0)
  return sidePx === undefined ? 'resnet_9blocks' : `unet_${sidePx}`
}
