import { refuse } from '../../core/errors.ts'
import type { OptionsOf } from '../../core/recipes/index.ts'
import { tf } from '../backends/tf.ts'
import type { Scalar, Tensor, Tensor1D, Tensor4D } from '../backends/tf.ts'
import { at } from '../kernels/at.ts'
import type { AugmentFeeds } from '../kernels/diffAugment.ts'
import { l1Loss } from '../losses/l1.ts'
import { buildNetwork } from '../networks/index.ts'
import type { NormMode } from '../nn/network.ts'
import { createLossScaling } from '../optimizers/lossScaling.ts'
import type { LossScaling } from '../optimizers/lossScaling.ts'
import { createAdversary, upkeepOf } from './adversary.ts'
import type { Game, Judge, Told } from './adversary.ts'
import { buildJudge, checkCropSize, checkScale } from './cropSize.ts'
import { createImagePool, show } from './imagePool.ts'
import type { ImagePool, PoolFeeds } from './imagePool.ts'
import { feedJudging, foolingOf, judgingLoss, seat } from './judging.ts'
import type { View } from './judging.ts'
import { fromPictures, picturesOneByOne } from './pictures.ts'
import { resnetFor } from './resnetFor.ts'
import { createTrainee } from './trainee.ts'
import type { Trainee } from './trainee.ts'
import type { Pictures, SeatedJudge, TrainBatch, Trainer, TrainerContext } from './trainer.ts'

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
  poolA: PoolFeeds | undefined
  poolB: PoolFeeds | undefined
  augment: AugmentFeeds | undefined
}

/** There, and there and back. The new ones are what the judges learn from once the generators have learned, and what the pools remember. */
type Made = { fakeA: Tensor4D; fakeB: Tensor4D; recA: Tensor4D; recB: Tensor4D }

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
  const game = gameOf(networks, options)
  return createAdversary({
    options,
    scaling,
    context,
    game: () => game,
    stateful: Object.values(networks),
    feed: (batch) => feed(networks, options, batch),
    after: (kept, batch) => remember(networks, kept, batch),
    visuals: (inputs, norm) => paintAll(networks, inputs, norm),
    generator: () => netG_A.made(),
    reverse: () => netG_B.made(),
    judges: seatsOf(networks, options),
  })
}

/** `netD_A` looks at pictures of B, which `netG_A` makes; the other way round the other. */
function seatsOf({ netG_A, netG_B, netD_A, netD_B }: Networks, { ganLoss }: Options): SeatedJudge[] {
  return [
    seat(netD_A, {
      id: 'D_A',
      ganLoss,
      make: ({ realA }, norm) => picturesOneByOne(realA, (x) => netG_A.show(x, norm)),
    }),
    seat(netD_B, {
      id: 'D_B',
      ganLoss,
      real: 'realA',
      make: ({ realB }, norm) => picturesOneByOne(realB, (x) => netG_B.show(x, norm)),
    }),
  ]
}

/** Everything that varies from step to step, drawn here, so that the step itself draws nothing. */
function feed({ poolA, poolB }: Networks, options: Options, batch: TrainBatch): Feeds {
  const { seed, step: number } = batch
  const realA = fromPictures(batch.realA)
  const [count] = realA.shape
  const position = (number - 1) * count
  return {
    realA,
    realB: fromPictures(batch.realB),
    dropoutSeeds: Array.from({ length: PASSES }, (_, pass) =>
      tf.tensor1d([seed, number * PASSES + pass], 'int32'),
    ),
    poolA: poolA.recall(seed ^ POOL_A, position, count),
    poolB: poolB.recall(seed ^ POOL_B, position, count),
    augment: feedJudging(options, batch),
  }
}

function remember(
  { poolA, poolB }: Networks,
  { fakeA, fakeB }: Record<string, Tensor>,
  { seed, step: number }: TrainBatch,
): void {
  if (!fakeA || !fakeB) throw new Error('The generators have made nothing.')
  const position = (number - 1) * at(fakeA.shape, 0)
  poolA.remember(fakeA as Tensor4D, seed ^ POOL_A, position)
  poolB.remember(fakeB as Tensor4D, seed ^ POOL_B, position)
}

/** Both ways, there and back; and what should stay as it is, where both sides have the same channels. */
async function paintAll(
  { netG_A, netG_B }: Networks,
  { realA, realB }: { realA: Pictures; realB: Pictures },
  norm: NormMode,
): Promise<Record<string, Pictures>> {
  const there = (x: Tensor4D) => netG_A.show(x, norm)
  const back = (x: Tensor4D) => netG_B.show(x, norm)
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

function judgeOf(
  name: string,
  netD: Trainee,
  options: Options,
  sides: (feeds: Feeds, made: Made) => [Tensor4D, Tensor4D],
): Judge<Feeds, Made> {
  return {
    nets: [netD],
    loss(feeds, made, [weights = []], told) {
      const [real, fake] = sides(feeds, made).map((shown) => ({ shown })) as [View, View]
      return told(
        name,
        judgingLoss(netD, options, { real, fake, weights, augment: feeds.augment }, told).total,
      )
    },
  }
}

/** The published order: both generators first, against the judges as they are; then each judge, on pictures from its pool. */
function gameOf({ netG_A, netG_B, netD_A, netD_B }: Networks, options: Options): Game<Feeds, Made> {
  return {
    painters: [netG_A, netG_B],
    judges: [
      judgeOf('D_A', netD_A, options, ({ realB, poolB }, { fakeB }) => [realB, show(fakeB, poolB)]),
      judgeOf('D_B', netD_B, options, ({ realA, poolA }, { fakeA }) => [realA, show(fakeA, poolA)]),
    ],
    order: 'painters-first',
    make({ realA, realB, dropoutSeeds }, weights, isPractice) {
      const there = (x: Tensor4D, pass: number) =>
        netG_A.paint(x, at(weights, 0), isPractice, dropoutSeeds[pass])
      const back = (x: Tensor4D, pass: number) =>
        netG_B.paint(x, at(weights, 1), isPractice, dropoutSeeds[pass])
      const fakeB = there(realA, 0)
      const recA = back(fakeB, 1)
      const fakeA = back(realB, 2)
      return { fakeB, recA, fakeA, recB: there(fakeA, 3) }
    },
    keep: ({ fakeA, fakeB }) => ({ fakeA, fakeB }),
    loss({ realA, realB, dropoutSeeds, augment }, { fakeA, fakeB, recA, recB }, weights, told) {
      const fooling = [
        told('G_A', foolingOf(netD_A, { shown: fakeB }, options, augment)),
        told('G_B', foolingOf(netD_B, { shown: fakeA }, options, augment)),
      ]
      const cycle = [
        told('cycle_A', tf.mul(options.lambdaA, l1Loss(recA, realA))),
        told('cycle_B', tf.mul(options.lambdaB, l1Loss(recB, realB))),
      ]
      if (options.lambdaIdentity === 0) return tf.addN([...fooling, ...cycle]) as Scalar
      const idtA = netG_A.practise(realB, at(weights, 0), dropoutSeeds[4])
      const idtB = netG_B.practise(realA, at(weights, 1), dropoutSeeds[5])
      return tf.addN([
        ...fooling,
        ...cycle,
        ...identityTerms(options, { realA, realB, idtA, idtB }, told),
      ]) as Scalar
    },
  }
}

/** A generator leaves a picture alone that already has its look. */
function identityTerms(
  { lambdaA, lambdaB, lambdaIdentity }: Options,
  { realA, realB, idtA, idtB }: Record<'realA' | 'realB' | 'idtA' | 'idtB', Tensor4D>,
  told: Told,
): Scalar[] {
  return [
    told('idt_A', tf.mul(lambdaB * lambdaIdentity, l1Loss(idtA, realB))),
    told('idt_B', tf.mul(lambdaA * lambdaIdentity, l1Loss(idtB, realA))),
  ]
}

function createNetworks(
  options: Options,
  { inputChannels, outputChannels, scale }: TrainerContext,
  scaling: LossScaling | undefined,
): Networks {
  const { ngf, ndf, norm, dropout, upsampling, cropSizePx, poolSize } = options
  const init = { kind: options.init, gain: options.initGain, seed: options.seed }
  const upkeep = upkeepOf(options, scaling)
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
    checkCropSize(network, options, cropSizePx)
    return createTrainee(name, network, init, upkeep.painter)
  }
  const judge = (name: string, channels: number): Trainee =>
    createTrainee(name, buildJudge(options, { inputChannels: channels, ndf, norm }), init, upkeep.judge)
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
