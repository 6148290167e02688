import { refuse } from '../../core/errors.ts'
import type { ContrastiveOptions as Options } from '../../core/recipes/contrastive.ts'
import { tf } from '../backends/tf.ts'
import type { Scalar, Tensor, Tensor1D, Tensor3D, Tensor4D } from '../backends/tf.ts'
import { at, lastOf } from '../kernels/at.ts'
import type { AugmentFeeds } from '../kernels/diffAugment.ts'
import { untaped } from '../kernels/differentiable.ts'
import { patchNceLoss } from '../losses/patchNce.ts'
import { buildNetwork } from '../networks/index.ts'
import { createProjection } from '../networks/projection.ts'
import type { Encoder } from '../nn/network.ts'
import { createLossScaling } from '../optimizers/lossScaling.ts'
import type { LossScaling } from '../optimizers/lossScaling.ts'
import { createAdversary, upkeepOf } from './adversary.ts'
import type { Game } from './adversary.ts'
import { buildJudge, checkCropSize, checkScale } from './cropSize.ts'
import { feedJudging, foolingOf, judgingLoss, seat } from './judging.ts'
import { drawPlaces, gatherPlaces, isMirroredStep } from './patches.ts'
import type { Places } from './patches.ts'
import { fromPictures, picturesOneByOne } from './pictures.ts'
import { resnetFor } from './resnetFor.ts'
import { createTrainee } from './trainee.ts'
import type { Trainee } from './trainee.ts'
import type { TrainBatch, Trainer, TrainerContext } from './trainer.ts'

/** `netG` paints, `netD` judges, and one network of `netF` for each feature makes the values that are compared. */
type Networks = { netG: Trainee; encoder: Encoder; netD: Trainee; netF: readonly Trainee[] }

/** A picture that is painted and compared with itself: `given` is `real` or its mirror image. */
type Pass = { real: Tensor4D; given: Tensor4D; places: readonly Places[]; dropoutSeed: Tensor1D }

/** What a step is a function of, besides the state. `same` paints pictures that have the look already. */
type Feeds = { there: Pass; same: Pass | undefined; realB: Tensor4D; augment: AugmentFeeds | undefined }

/** A picture that was painted, the features of what it was painted from, and, where that was mirrored, those of the picture itself. */
type Painted = { made: Tensor4D; features: readonly Tensor4D[]; own: readonly Tensor4D[] | undefined }

/** Half of the steps are of another kind: their pictures are mirrored. */
const MIRRORED = 'mirrored'

/** Weights as tensors of the step: of netG, then of each netF. */
type Weights = readonly (readonly Tensor[])[]

/**
 * CUT and FastCUT (Park, Efros, Zhang, Zhu 2020). The generator turns pictures of A into pictures of B against a judge; a
 * place of the new picture must be told from all others by what its encoder saw there before.
 * @throws Refused `crop-size`, `scale-unfit`, `contrast-channels`
 */
export function createContrastive(options: Options, context: TrainerContext): Trainer {
  checkChannels(context)
  const scaling = createLossScaling(context.precision)
  const networks = createNetworks(options, context, scaling)
  const { netG, netD, netF } = networks
  const game = gameOf(networks, options)
  const isMirrored = ({ seed, step }: TrainBatch) => options.flipEquivariance && isMirroredStep(seed, step)
  return createAdversary({
    options,
    scaling,
    context,
    game: () => game,
    stateful: [netG, netD, ...netF],
    feed: (batch) => feed(networks, options, batch, isMirrored(batch)),
    variantOf: (batch) => (isMirrored(batch) ? MIRRORED : 'plain'),
    async visuals({ realA, realB }, norm) {
      const paint = (x: Tensor4D) => netG.show(x, norm)
      return {
        realA,
        fakeB: await picturesOneByOne(realA, paint),
        realB,
        ...(options.nceIdentity && { idtB: await picturesOneByOne(realB, paint) }),
      }
    },
    generator: () => netG.made(),
    judges: [
      seat(netD, {
        ganLoss: options.ganLoss,
        make: ({ realA }, norm) => picturesOneByOne(realA, (x) => netG.show(x, norm)),
      }),
    ],
  })
}

/** Everything that varies from step to step, drawn here, so that the step itself draws nothing. */
function feed({ encoder }: Networks, options: Options, batch: TrainBatch, isMirrored: boolean): Feeds {
  const { seed, step: number } = batch
  const pass = (index: number, real: Tensor4D): Pass => ({
    real,
    given: isMirrored ? tf.reverse(real, 2) : real,
    places: drawPlaces(
      encoder.features,
      { sidePx: options.cropSizePx, count: options.patches, isMirrored },
      seed,
      number,
      index,
    ),
    dropoutSeed: tf.tensor1d([seed, 2 * number + index], 'int32'),
  })
  const realB = fromPictures(batch.realB)
  return {
    there: pass(0, fromPictures(batch.realA)),
    same: options.nceIdentity ? pass(1, realB) : undefined,
    realB,
    augment: feedJudging(options, batch),
  }
}

/** The published order: netD learns from the new picture first, then netG and netF together from the wiser netD. */
function gameOf(networks: Networks, options: Options): Game<Feeds, Painted & { isMirrored: boolean }> {
  const { netG, netD, netF } = networks
  return {
    painters: [netG, ...netF],
    judges: [
      {
        nets: [netD],
        loss({ realB, augment }, { made }, [weights = []], told) {
          const [real, fake] = [{ shown: realB }, { shown: made }]
          const { onFake, onReal, total } = judgingLoss(netD, options, { real, fake, weights, augment }, told)
          told('D_fake', onFake)
          told('D_real', onReal)
          return total
        },
      },
    ],
    order: 'judges-first',
    make: ({ there }, weights, isPractice, variant) => ({
      ...paint(networks, weights, there, variant === MIRRORED, isPractice),
      isMirrored: variant === MIRRORED,
    }),
    loss({ there, same, augment }, painted, weights, told) {
      const { made, isMirrored } = painted
      const judged = foolingOf(netD, { shown: made }, options, augment)
      const gan = told('G_GAN', tf.mul(options.lambdaGAN, judged))
      const nce = told('NCE', contrast(networks, options, weights, there, painted))
      if (!same) return tf.add(gan, nce)
      const stayed = paint(networks, weights, same, isMirrored, true)
      const nceSame = told('NCE_Y', contrast(networks, options, weights, same, stayed))
      return tf.add(gan, tf.mul(0.5, tf.add(nce, nceSame))) as Scalar
    },
  }
}

/** Paints a picture or its mirror image. */
function paint(
  { netG, encoder }: Networks,
  weights: Weights,
  { real, given, dropoutSeed }: Pass,
  isMirrored: boolean,
  isPractice: boolean,
): Painted {
  const practice = netG.practice(at(weights, 0), dropoutSeed, isPractice)
  const own = isMirrored && isPractice ? encoder.encode(real, ...practice) : undefined
  const features = encoder.encode(given, ...practice)
  return { made: encoder.decode(lastOf(features), ...practice), features, own }
}

/** How far the places of a new picture are from being found again. Keys come from the pass that painted it, or from the picture itself. */
function contrast(
  networks: Networks,
  options: Options,
  weights: Weights,
  pass: Pass,
  { made, features, own }: Painted,
): Scalar {
  const { netG, encoder } = networks
  const keys = project(networks, weights, own ?? features, pass, 'keys')
  const practice = netG.practice(at(weights, 0), pass.dropoutSeed)
  const queries = project(networks, weights, encoder.encode(made, ...practice), pass, 'queries')
  const terms = queries.map((some, index) => patchNceLoss(some, at(keys, index), options.temperature))
  return tf.mul(options.lambdaNCE / terms.length, tf.addN(terms)) as Scalar
}

/** The values that are compared, for each feature: [N,P,D]. Keys are what is to be found, so nobody learns through them. */
function project(
  { netF }: Networks,
  weights: Weights,
  features: readonly Tensor4D[],
  { places }: Pass,
  side: keyof Places,
): Tensor3D[] {
  return features.map((feature, index) => {
    const compute = (): Tensor3D => {
      const gathered = gatherPlaces(feature, at(places, index)[side])
      const projected = at(netF, index).practise(gathered, at(weights, index + 1))
      return tf.squeeze(projected, [2])
    }
    return side === 'keys' ? untaped(compute) : compute()
  })
}

function createNetworks(
  options: Options,
  context: TrainerContext,
  scaling: LossScaling | undefined,
): Networks {
  const { inputChannels, outputChannels, scale } = context
  const { ngf, ndf, norm, dropout, sampling, cropSizePx, projectionWidth } = options
  const init = { kind: options.init, gain: options.initGain, seed: options.seed }
  const upkeep = upkeepOf(options, scaling)
  const generator = buildNetwork(resnetFor(options), {
    inputChannels,
    outputChannels,
    ngf,
    norm,
    dropout,
    downsampling: sampling,
    upsampling: sampling === 'antialiased' ? 'antialiased' : 'transposed',
  })
  checkScale(generator, scale)
  checkCropSize(generator, options, cropSizePx)
  const { encoder } = generator
  if (!encoder) throw new Error(`The generator ${generator.architecture} names no features.`)
  const judge = buildJudge(options, {
    inputChannels: outputChannels,
    ndf,
    norm,
    downsampling: sampling,
  })
  return {
    netG: createTrainee('netG', generator, init, upkeep.painter),
    encoder,
    netD: createTrainee('netD', judge, init, upkeep.judge),
    netF: encoder.features.map(({ name, channels }) =>
      createTrainee(`netF.${name}`, createProjection(channels, projectionWidth), init, upkeep.judge),
    ),
  }
}

function checkChannels({ inputChannels, outputChannels }: TrainerContext): void {
  if (inputChannels === outputChannels) return
  throw refuse(
    'contrast-channels',
    `Pictures with ${inputChannels} and ${outputChannels} channels cannot be compared place by place.`,
    'Use pictures with the same channels on both sides, or the recipe cyclegan with its identity weight at 0.',
  )
}
