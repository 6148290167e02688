import { refuse } from '../../core/errors.ts'
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
import { createImagePool, show } from './imagePool.ts'
import type { ImagePool, PoolFeeds } from './imagePool.ts'
import { fromPictures, picturesOneByOne, toScalars } from './pictures.ts'
import { resnetFor } from './resnetFor.ts'
import { createTrainee, gradients, improve, namedTensor, restore } from './trainee.ts'
import type { Trainee } from './trainee.ts'
import type { Pictures, TrainBatch, Trainer, TrainerContext } from './trainer.ts'

type Options = OptionsOf<'cyclegan'>

/** `netG_A` paints B from A and is judged by `netD_A`; `netG_B` and `netD_B` the other way. A pool remembers what was made. */
type Networks = {
  netG_A: Trainee
  netG_B: Trainee
  netD_A: Trainee
  netD_B: Trainee
  poolA: ImagePool
  poolB: ImagePool
}

/** What a step is a function of, besides the state. */
type Feeds = {
  realA: Tensor4D
  realB: Tensor4D
  /** One mask a pass through a generator: six of them. */
  dropoutSeeds: readonly Tensor1D[]
  adam: AdamFeeds
  poolA: PoolFeeds | undefined
  poolB: PoolFeeds | undefined
}

type Losses = Record<string, Scalar>
/** Pictures that both judges learn from once the generators have learned, and that the pools remember. */
type Made = { fakeA: Tensor4D; fakeB: Tensor4D }

const PASSES = 6
const POOL_A = 0x706f_6f41
const POOL_B = 0x706f_6f42

/**
 * CycleGAN (Zhu, Park, Isola, Efros 2017). Two generators learn to turn pictures of A into pictures of B and back, each
 * against a judge of its own; what went there and back must be what it was.
 * @throws Refused `crop-size`, `identity-channels`
 */
export function createCyclegan(options: Options, context: TrainerContext): Trainer {
  checkIdentity(options, context)
  const scaling = createLossScaling(context.precision)
  const networks = createNetworks(options, context, scaling)
  const { netG_A, netG_B } = networks
  const parts = [...Object.values(networks), ...(scaling ? [scaling] : [])]
  const state = () => new Map(parts.flatMap((part) => [...part.variables()]))
  const recorded = createRecorded(
    (feeds: Feeds) => settled(scaling, step(networks, options, feeds)),
    context.precision,
  )
  return {
    async train(batch) {
      const { fakeA, fakeB, ...losses } = await recorded.call(() => feed(networks, options, batch))
      remember(networks, { fakeA, fakeB } as Made, batch)
      tf.dispose([fakeA, fakeB])
      return toScalars(losses)
    },
    visuals: (inputs, norm) => paintAll(networks, inputs, norm),
    state: () => [...state()].map(([name, variable]) => namedTensor(name, variable)),
    loadState: (saved) => restore(state(), saved),
    generator: () => ({ network: netG_A.network, tensors: netG_A.tensors() }),
    reverse: () => ({ prefix: 'netG_B/', network: netG_B.network, tensors: netG_B.tensors() }),
    dispose() {
      recorded.dispose()
      for (const part of parts) part.dispose()
    },
  }
}

/** Everything that varies from step to step, drawn here, so that the step itself draws nothing. */
function feed({ poolA, poolB }: Networks, options: Options, batch: TrainBatch): Feeds {
  const { seed, step: number, learningRate } = batch
  const realA = fromPictures(batch.realA)
  const [count] = realA.shape
  const position = (number - 1) * count
  return {
    realA,
    realB: fromPictures(batch.realB),
    dropoutSeeds: Array.from({ length: PASSES }, (_, pass) =>
      tf.tensor1d([seed, number * PASSES + pass], 'int32'),
    ),
    adam: feedAdam({ ...options, epsilon: 1e-8 }, learningRate, number),
    poolA: poolA.recall(seed ^ POOL_A, position, count),
    poolB: poolB.recall(seed ^ POOL_B, position, count),
  }
}

function remember(
  { poolA, poolB }: Networks,
  { fakeA, fakeB }: Made,
  { seed, step: number }: TrainBatch,
): void {
  const position = (number - 1) * fakeA.shape[0]
  poolA.remember(fakeA, seed ^ POOL_A, position)
  poolB.remember(fakeB, seed ^ POOL_B, position)
}

/** Both ways, there and back; and what should stay as it is, where both sides have the same channels. */
async function paintAll(
  { netG_A, netG_B }: Networks,
  { realA, realB }: { realA: Pictures; realB: Pictures },
  norm: NormMode,
): Promise<Record<string, Pictures>> {
  const there = (x: Tensor4D) => translate(netG_A, x, norm)
  const back = (x: Tensor4D) => translate(netG_B, x, norm)
  const fakeB = await picturesOneByOne(realA, there)
  const fakeA = await picturesOneByOne(realB, back)
  return {
    realA,
    fakeB,
    recA: await picturesOneByOne(fakeB, back),
    realB,
    fakeA,
    recB: await picturesOneByOne(fakeA, there),
    ...(netG_A.network.inputChannels === netG_B.network.inputChannels && {
      idtA: await picturesOneByOne(realB, there),
      idtB: await picturesOneByOne(realA, back),
    }),
  }
}

/** The published order: both generators first, against the judges as they are; then each judge, on pictures from its pool. */
function step(networks: Networks, options: Options, feeds: Feeds): Record<string, Tensor> {
  const { netD_A, netD_B } = networks
  const { realA, realB, adam, poolA, poolB } = feeds
  const losses: Losses = {}
  const { fakeA, fakeB } = learnToPaint(networks, options, feeds, losses)
  losses.D_A = learnToJudge(netD_A, realB, show(fakeB, poolB), options.ganLoss, adam)
  losses.D_B = learnToJudge(netD_B, realA, show(fakeA, poolA), options.ganLoss, adam)
  return { ...losses, fakeA, fakeB }
}

/** Both generators take one step together; their losses depend on each other through the cycles. */
function learnToPaint(networks: Networks, options: Options, feeds: Feeds, losses: Losses): Made {
  const { netG_A, netG_B, netD_A, netD_B } = networks
  const { realA, realB, dropoutSeeds, adam } = feeds
  const { lambdaA, lambdaB, lambdaIdentity } = options
  const [weightsA, weightsB] = [netG_A.read(), netG_B.read()]
  const [judgeA, judgeB] = [netD_A.read(), netD_B.read()]
  const made: Partial<Made> = {}
  let pass = 0
  const paint = (netG: Trainee, weights: readonly Tensor[], x: Tensor4D): Tensor4D =>
    netG.practise(x, weights, dropoutSeeds[pass++])
  const keep = (name: string, loss: Scalar): Scalar => (losses[name] = tf.keep(loss))

  const all = gradients(netG_A.scaling, [...weightsA, ...weightsB], () => {
    const fakeB = paint(netG_A, weightsA, realA)
    const recA = paint(netG_B, weightsB, fakeB)
    const fakeA = paint(netG_B, weightsB, realB)
    const recB = paint(netG_A, weightsA, fakeA)
    made.fakeA = tf.keep(fakeA)
    made.fakeB = tf.keep(fakeB)
    const terms = [
      keep('G_A', ganLoss(options.ganLoss, netD_A.practise(fakeB, judgeA), 'real')),
      keep('G_B', ganLoss(options.ganLoss, netD_B.practise(fakeA, judgeB), 'real')),
      keep('cycle_A', tf.mul(lambdaA, l1Loss(recA, realA))),
      keep('cycle_B', tf.mul(lambdaB, l1Loss(recB, realB))),
    ]
    if (lambdaIdentity > 0) {
      const idtA = paint(netG_A, weightsA, realB)
      const idtB = paint(netG_B, weightsB, realA)
      terms.push(
        keep('idt_A', tf.mul(lambdaB * lambdaIdentity, l1Loss(idtA, realB))),
        keep('idt_B', tf.mul(lambdaA * lambdaIdentity, l1Loss(idtB, realA))),
      )
    }
    return tf.addN(terms)
  })
  // TensorFlow updates a weight in place only when nobody else holds it.
  tf.dispose([weightsA, weightsB])
  netG_A.learn(all.slice(0, weightsA.length), adam)
  netG_B.learn(all.slice(weightsA.length), adam)
  tf.dispose([all, judgeA, judgeB])
  const { fakeA, fakeB } = made
  if (!fakeA || !fakeB) throw new Error('The generators have made nothing.')
  // Out of the gradient's scope they were kept; from here on they belong to the step's.
  return { fakeA: handOver(fakeA), fakeB: handOver(fakeB) }
}

/** A kept tensor as one that the surrounding scope frees. */
function handOver(kept: Tensor4D): Tensor4D {
  const owned = tf.clone(kept)
  kept.dispose()
  return owned
}

/** One step of a judge on real pictures and on made ones, which nobody learns through. @returns its loss, kept */
function learnToJudge(
  netD: Trainee,
  real: Tensor4D,
  fake: Tensor4D,
  kind: Options['ganLoss'],
  adam: AdamFeeds,
): Scalar {
  return improve(
    netD,
    (weights) => {
      const onReal = ganLoss(kind, netD.practise(real, weights), 'real')
      const onFake = ganLoss(kind, netD.practise(fake, weights), 'fake')
      return tf.mul(0.5, tf.add(onReal, onFake))
    },
    adam,
  )
}

function translate(netG: Trainee, x: Tensor4D, norm: NormMode): Tensor4D {
  return netG.forward(x, netG.read(), { norm })
}

function createNetworks(
  options: Options,
  { inputChannels, outputChannels, scale }: TrainerContext,
  scaling: LossScaling | undefined,
): Networks {
  const { ngf, ndf, norm, dropout, upsampling, cropSizePx, nLayersD, poolSize } = options
  const init = { kind: options.init, gain: options.initGain, seed: options.seed }
  const generator = (name: string, from: number, to: number): Trainee => {
    const network = buildNetwork(resnetFor(options), {
      inputChannels: from,
      outputChannels: to,
      ngf,
      norm,
      dropout,
      upsampling,
    })
    checkScale(network, scale)
    checkCropSize(network, nLayersD, cropSizePx)
    return createTrainee(name, network, init, scaling)
  }
  const judge = (name: string, channels: number): Trainee =>
    createTrainee(
      name,
      buildNetwork(`patch_${nLayersD}layers`, { inputChannels: channels, ndf, norm }),
      init,
      scaling,
    )
  const pool = (name: string, channels: number): ImagePool =>
    createImagePool(name, poolSize, [cropSizePx, cropSizePx, channels])
  return {
    netG_A: generator('netG_A', inputChannels, outputChannels),
    netG_B: generator('netG_B', outputChannels, inputChannels),
    netD_A: judge('netD_A', outputChannels),
    netD_B: judge('netD_B', inputChannels),
    poolA: pool('poolA', inputChannels),
    poolB: pool('poolB', outputChannels),
  }
}

function checkIdentity({ lambdaIdentity }: Options, context: TrainerContext): void {
  const { inputChannels, outputChannels } = context
  if (lambdaIdentity === 0 || inputChannels === outputChannels) return
  throw refuse(
    'identity-channels',
    `Pictures with ${inputChannels} and ${outputChannels} channels cannot be compared, so none can be asked to stay as it is.`,
    'Set the identity weight (--lambda-identity) to 0, or use pictures with the same channels on both sides.',
  )
}
