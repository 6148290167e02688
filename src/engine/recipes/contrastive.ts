import { refuse } from '../../core/errors.ts'
import type { ContrastiveOptions as Options } from '../../core/recipes/contrastive.ts'
import { createRecorded } from '../backends/recorded.ts'
import { tf } from '../backends/tf.ts'
import type { Scalar, Tensor, Tensor1D, Tensor3D, Tensor4D } from '../backends/tf.ts'
import { at, lastOf } from '../kernels/at.ts'
import { untaped } from '../kernels/differentiable.ts'
import { ganLoss } from '../losses/gan.ts'
import { patchNceLoss } from '../losses/patchNce.ts'
import { buildNetwork } from '../networks/index.ts'
import { createProjection } from '../networks/projection.ts'
import type { Encoder, NormMode } from '../nn/network.ts'
import { feedAdam } from '../optimizers/adam.ts'
import type { AdamFeeds } from '../optimizers/adam.ts'
import { createLossScaling, settled } from '../optimizers/lossScaling.ts'
import type { LossScaling } from '../optimizers/lossScaling.ts'
import { checkCropSize, checkScale } from './cropSize.ts'
import { drawPlaces, gatherPlaces, isMirroredStep } from './patches.ts'
import type { Places } from './patches.ts'
import { fromPictures, picturesOneByOne, toScalars } from './pictures.ts'
import { resnetFor } from './resnetFor.ts'
import { createTrainee, gradients, namedTensor, restore } from './trainee.ts'
import type { Trainee } from './trainee.ts'
import type { TrainBatch, Trainer, TrainerContext } from './trainer.ts'

/** `netG` paints, `netD` judges, and one network of `netF` for each feature makes the values that are compared. */
type Networks = { netG: Trainee; encoder: Encoder; netD: Trainee; netF: readonly Trainee[] }

/** A picture that is painted and compared with itself: `given` is `real` or its mirror image. */
type Pass = { real: Tensor4D; given: Tensor4D; places: readonly Places[]; dropoutSeed: Tensor1D }

/** What a step is a function of, besides the state. `same` paints pictures that have the look already. */
type Feeds = { there: Pass; same: Pass | undefined; realB: Tensor4D; adam: AdamFeeds }

/** Half of the steps are of another kind: their pictures are mirrored. */
const MIRRORED = 'mirrored'

/** Weights as tensors of the step. */
type Weights = { ofG: readonly Tensor[]; ofF: readonly (readonly Tensor[])[] }
type Losses = Record<string, Scalar>

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
  const parts = [netG, netD, ...netF, ...(scaling ? [scaling] : [])]
  const state = () => new Map(parts.flatMap((part) => [...part.variables()]))
  const recorded = createRecorded(
    (feeds: Feeds, variant) => settled(scaling, step(networks, options, feeds, variant === MIRRORED)),
    context.precision,
  )
  return {
    async train(batch) {
      const isMirrored = options.flipEquivariance && isMirroredStep(batch.seed, batch.step)
      const feeds = () => feed(networks, options, batch, isMirrored)
      return toScalars(await recorded.call(feeds, isMirrored ? MIRRORED : 'plain'))
    },
    async visuals({ realA, realB }, norm) {
      const paint = (x: Tensor4D) => translate(netG, x, norm)
      return {
        realA,
        fakeB: await picturesOneByOne(realA, paint),
        realB,
        ...(options.nceIdentity && { idtB: await picturesOneByOne(realB, paint) }),
      }
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
    adam: feedAdam({ ...options, epsilon: 1e-8 }, batch.learningRate, number),
  }
}

/** The published order: netD learns from the new picture first, then netG and netF together from the wiser netD. */
function step(
  networks: Networks,
  options: Options,
  feeds: Feeds,
  isMirrored: boolean,
): Record<string, Tensor> {
  const { netG, netD, netF } = networks
  const { there, same, realB, adam } = feeds
  const weights: Weights = { ofG: netG.read(), ofF: netF.map((one) => one.read()) }
  const losses: Losses = {}
  const keep = (name: string, loss: Scalar): Scalar => (losses[name] = tf.keep(loss))
  const keysBefore = (pass: Pass) => (isMirrored ? keysOf(networks, weights, pass) : undefined)
  const [keysThere, keysSame] = [keysBefore(there), same && keysBefore(same)]

  const found = gradients(netG.scaling, [...weights.ofG, ...weights.ofF.flat()], () => {
    const { made, contrast } = paint(networks, options, weights, there, keysThere)
    learnToJudge(netD, options, { real: realB, fake: made }, adam, losses)
    const judged = ganLoss(options.ganLoss, netD.practise(made, netD.read()), 'real')
    const gan = keep('G_GAN', tf.mul(options.lambdaGAN, judged))
    const nce = keep('NCE', contrast())
    if (!same) return tf.add(gan, nce)
    const nceSame = keep('NCE_Y', paint(networks, options, weights, same, keysSame).contrast())
    return tf.add(gan, tf.mul(0.5, tf.add(nce, nceSame)))
  })
  // TensorFlow updates a weight in place only when nobody else holds it.
  tf.dispose([...weights.ofG, ...weights.ofF.flat()])
  let from = 0
  for (const one of [netG, ...netF]) {
    const count = one.network.parameters.length
    one.learn(found.slice(from, from + count), adam)
    from += count
  }
  return losses
}

/** The new picture, and how far its places are from being found again. Keys that are not given come from this very pass. */
function paint(
  networks: Networks,
  options: Options,
  weights: Weights,
  pass: Pass,
  given: Tensor3D[] | undefined,
): { made: Tensor4D; contrast: () => Scalar } {
  const { netG, encoder } = networks
  const practice = netG.practice(weights.ofG, pass.dropoutSeed)
  const features = encoder.encode(pass.given, ...practice)
  const made = encoder.decode(lastOf(features), ...practice)
  const contrast = () => {
    const keys = given ?? project(networks, weights, features, pass, 'keys')
    const queries = project(networks, weights, encoder.encode(made, ...practice), pass, 'queries')
    const terms = queries.map((some, index) => patchNceLoss(some, at(keys, index), options.temperature))
    return tf.mul(options.lambdaNCE / terms.length, tf.addN(terms)) as Scalar
  }
  return { made, contrast }
}

/** Keys of a picture whose mirror image is painted: its own features, which nobody learns through. */
function keysOf(networks: Networks, weights: Weights, pass: Pass): Tensor3D[] {
  return tf.tidy(() => {
    const practice = networks.netG.practice(weights.ofG, pass.dropoutSeed)
    const features = networks.encoder.encode(pass.real, ...practice)
    return project(networks, weights, features, pass, 'keys')
  })
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
      const projected = at(netF, index).practise(gathered, at(weights.ofF, index))
      return tf.squeeze(projected, [2])
    }
    return side === 'keys' ? untaped(compute) : compute()
  })
}

/** One step of the judge; the gradient's scope keeps its losses. */
function learnToJudge(
  netD: Trainee,
  options: Options,
  { real, fake }: { real: Tensor4D; fake: Tensor4D },
  adam: AdamFeeds,
  losses: Losses,
): void {
  const weights = netD.read()
  const found = gradients(netD.scaling, weights, () => {
    losses.D_fake = tf.keep(ganLoss(options.ganLoss, netD.practise(fake, weights), 'fake'))
    losses.D_real = tf.keep(ganLoss(options.ganLoss, netD.practise(real, weights), 'real'))
    return tf.mul(0.5, tf.add(losses.D_fake, losses.D_real))
  })
  netD.learn(found, adam)
}

function translate(netG: Trainee, x: Tensor4D, norm: NormMode): Tensor4D {
  return netG.forward(x, netG.read(), { norm })
}

function createNetworks(
  options: Options,
  context: TrainerContext,
  scaling: LossScaling | undefined,
): Networks {
  const { inputChannels, outputChannels, scale } = context
  const { ngf, ndf, norm, dropout, sampling, cropSizePx, nLayersD, projectionWidth } = options
  const init = { kind: options.init, gain: options.initGain, seed: options.seed }
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
  checkCropSize(generator, nLayersD, cropSizePx)
  const { encoder } = generator
  if (!encoder) throw new Error(`The generator ${generator.architecture} names no features.`)
  const judge = buildNetwork(`patch_${nLayersD}layers`, {
    inputChannels: outputChannels,
    ndf,
    norm,
    downsampling: sampling,
  })
  return {
    netG: createTrainee('netG', generator, init, scaling),
    encoder,
    netD: createTrainee('netD', judge, init, scaling),
    netF: encoder.features.map(({ name, channels }) =>
      createTrainee(`netF.${name}`, createProjection(channels, projectionWidth), init, scaling),
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
