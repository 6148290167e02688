import { refuse } from '../../core/errors.ts'
import type { OptionsOf } from '../../core/recipes/index.ts'
import { tf } from '../backends/tf.ts'
import type { Scalar, Tensor, Tensor4D } from '../backends/tf.ts'
import { openStLpips, ST_LPIPS_LEAST_SIDE_PX } from '../evaluation/stLpips.ts'
import type { StLpips } from '../evaluation/stLpips.ts'
import { at } from '../kernels/at.ts'
import { enlargeBicubic } from '../kernels/bicubic.ts'
import type { AugmentFeeds } from '../kernels/diffAugment.ts'
import { l1Loss } from '../losses/l1.ts'
import { buildNetwork } from '../networks/index.ts'
import { residualBlocksOf } from '../networks/residual.ts'
import type { Network } from '../nn/network.ts'
import { createLossScaling } from '../optimizers/lossScaling.ts'
import type { LossScaling } from '../optimizers/lossScaling.ts'
import { createAdversary, upkeepOf } from './adversary.ts'
import type { Game, Told } from './adversary.ts'
import { createColourWork } from './colourWork.ts'
import type { ColourWork } from './colourWork.ts'
import { buildJudge, checkGeneratorSize, checkJudgeSize } from './cropSize.ts'
import { feedJudging, foolingOf, givenOf, judgingLoss, seat } from './judging.ts'
import type { View } from './judging.ts'
import { fromPictures, picturesOneByOne } from './pictures.ts'
import { createTrainee } from './trainee.ts'
import type { Trainee } from './trainee.ts'
import type { SeatedJudge, Trainer, TrainerContext } from './trainer.ts'

type Options = OptionsOf<'restore'>

/** netG makes B from A; netD, where a judge takes part, looks at A enlarged to B's size together with a B. */
type Parts = { netG: Trainee; netD: Trainee | undefined; work: ColourWork }
type Feeds = { realA: Tensor4D; realB: Tensor4D; augment: AugmentFeeds | undefined }
/** What netG was given, what it made, the picture that this is, and what a judge sees beside it. */
type Made = { given: Tensor4D; made: Tensor4D; fakeB: Tensor4D; base: Tensor4D }
/** What says where looking alike counts, once it is loaded. It never changes, so it is no part of the state. */
type Eye = { stLpips: StLpips | undefined }

/**
 * Restoration: netG learns to make B from A by pixel distance and, where their weights are not 0, by perceptual distance
 * (ST-LPIPS) and against a judge. A judge is conditional, as in Pix2Pix: it sees A, enlarged bicubically to the size of B, beside the B that it judges.
 * @throws Refused `crop-size`, `scale-unfit`, `colours-alone`, `perceptual-unfit`
 */
export function createRestore(options: Options, context: TrainerContext): Trainer {
  const scaling = createLossScaling(context.precision)
  const parts = createParts(options, context, scaling)
  const { netG, netD, work } = parts
  const eye: Eye = { stLpips: undefined }
  const game = gameOf(parts, options, eye)
  const trainer = createAdversary({
    options,
    scaling,
    context,
    game: () => game,
    stateful: netD ? [netG, netD] : [netG],
    feed: (batch) => ({
      realA: fromPictures(batch.realA),
      realB: fromPictures(batch.realB),
      augment: netD && feedJudging(options, batch),
    }),
    async prepare() {
      if (options.lambdaPerceptual > 0) eye.stLpips ??= await openStLpips()
    },
    async visuals({ realA, realB }, norm) {
      const given = await picturesOneByOne(realA, work.givenOf)
      const made = await picturesOneByOne(given, (x) => netG.show(x, norm))
      return { realA, fakeB: work.showOf(given, made), realB }
    },
    generator: () => ({
      ...netG.made(),
      task: taskOf(netG.network, work),
      ...(work.compose && { compose: work.compose }),
    }),
    ...(netD && { judges: [seatOf(netG, netD, work, options)] }),
  })
  return {
    ...trainer,
    dispose() {
      trainer.dispose()
      eye.stLpips?.dispose()
    },
  }
}

function seatOf(netG: Trainee, netD: Trainee, work: ColourWork, { ganLoss }: Options): SeatedJudge {
  return seat(netD, {
    ganLoss,
    told: { given: true, label: false },
    view: (shown, beside) => ({
      given: enlargeBicubic(work.givenOf(givenOf(beside)), netG.network.scale),
      shown,
    }),
    async make({ realA }, norm) {
      const given = await picturesOneByOne(realA, work.givenOf)
      return work.showOf(given, await picturesOneByOne(given, (x) => netG.show(x, norm)))
    },
  })
}

/** As in Pix2Pix: netD, where there is one, learns from the picture first, then netG from the wiser netD. */
function gameOf({ netG, netD, work }: Parts, options: Options, eye: Eye): Game<Feeds, Made> {
  const beside = ({ base }: Made, shown: Tensor4D): View => ({ given: base, shown })
  const judges = netD && {
    nets: [netD],
    loss: (
      { realB, augment }: Feeds,
      made: Made,
      [weights = []]: readonly (readonly Tensor[])[],
      told: Told,
    ) => {
      const [real, fake] = [beside(made, realB), beside(made, made.fakeB)]
      return told('D', judgingLoss(netD, options, { real, fake, weights, augment }, told).total)
    },
  }
  return {
    painters: [netG],
    judges: judges ? [judges] : [],
    order: 'judges-first',
    make({ realA }, weights, isPractice) {
      const given = work.givenOf(realA)
      const made = netG.paint(given, at(weights, 0), isPractice)
      const fakeB = eye.stLpips || netD ? work.pictureOf(given, made) : made
      return { given, made, fakeB, base: netD ? enlargeBicubic(given, netG.network.scale) : given }
    },
    loss({ realB, augment }, made, _, told) {
      const terms = [told('G_L1', tf.mul(options.lambdaL1, l1Loss(made.made, work.wantedOf(realB))))]
      if (eye.stLpips) {
        const distances = eye.stLpips.distances(asColour(made.fakeB), asColour(realB))
        terms.push(told('G_perceptual', tf.mul(options.lambdaPerceptual, tf.mean(distances))))
      }
      if (netD) {
        const verdict = foolingOf(netD, beside(made, made.fakeB), options, augment)
        terms.push(told('G_GAN', tf.mul(options.lambdaGAN, verdict)))
      }
      return tf.addN(terms) as Scalar
    },
  }
}

/** Grey as colour, which is what ST-LPIPS looks at. */
function asColour(x: Tensor4D): Tensor4D {
  return x.shape[3] === 1 ? tf.concat([x, x, x], 3) : x
}

function createParts(options: Options, context: TrainerContext, scaling: LossScaling | undefined): Parts {
  const { ngf, ndf, norm, cropSizePx, seed, lambdaGAN } = options
  const { scale } = context
  const work = createColourWork(options.colourSpace, context)
  const { inputChannels, outputChannels } = work
  const architecture = architectureFor(options)
  const isResidual = residualBlocksOf(architecture) !== undefined
  const network = buildNetwork(architecture, {
    ...{ inputChannels, outputChannels, ngf },
    ...(isResidual ? { scale } : { norm, dropout: false, upsampling: 'resize' }),
  })
  checkSizes(network, scale, cropSizePx)
  checkPerceptual(options, context)
  const normal = { kind: 'normal', gain: 0.02, seed } as const
  const init = isResidual ? ({ kind: 'kaiming', gain: 0.1, seed } as const) : normal
  const upkeep = upkeepOf(options, scaling)
  const netG = createTrainee('netG', network, init, upkeep.painter)
  if (lambdaGAN === 0) return { netG, netD: undefined, work }
  checkJudgeSize(options, cropSizePx)
  const seen = inputChannels + context.outputChannels
  const discriminator = buildJudge(options, { inputChannels: seen, ndf, norm: 'instance' })
  return { netG, netD: createTrainee('netD', discriminator, normal, upkeep.judge), work }
}

/** `auto`: 8 residual blocks; for colours alone, which need to see what a picture shows, the largest U-Net that fits. */
function architectureFor({ netG, colourSpace, cropSizePx }: Options): string {
  if (netG !== 'auto') return netG
  if (colourSpace === 'rgb') return 'residual_8blocks'
  const sidePx = [256, 128, 64, 32].find((side) => cropSizePx % side === 0)
  return sidePx === undefined ? 'resnet_6blocks' : `unet_${sidePx}`
}

function checkSizes(network: Network, scale: number, cropSizePx: number): void {
  if (network.scale !== scale)
    throw refuse(
      'scale-unfit',
      `The pictures before are ${scale} times smaller than those after, and the generator ${network.architecture} does not enlarge.`,
      'Choose a residual network (--net-g residual_8blocks), or do not make the pictures smaller.',
    )
  if (cropSizePx % scale !== 0)
    throw refuse(
      'crop-size',
      `Squares of ${cropSizePx} px cannot be made ${scale} times smaller.`,
      `Choose a crop size that is a multiple of ${scale}.`,
    )
  checkGeneratorSize(network, cropSizePx / scale)
}

function checkPerceptual(
  { lambdaPerceptual, cropSizePx }: Options,
  { outputChannels }: TrainerContext,
): void {
  if (lambdaPerceptual === 0) return
  const remedy = 'or set the perceptual weight (--lambda-perceptual) to 0.'
  if (outputChannels !== 1 && outputChannels !== 3)
    throw refuse(
      'perceptual-unfit',
      `ST-LPIPS compares grey and colour pictures; these have ${outputChannels} channels.`,
      `Use pictures of 1 or 3 channels, ${remedy}`,
    )
  if (cropSizePx < ST_LPIPS_LEAST_SIDE_PX)
    throw refuse(
      'perceptual-unfit',
      `ST-LPIPS sees nothing in squares of ${cropSizePx} px.`,
      `Choose a crop size of at least ${ST_LPIPS_LEAST_SIDE_PX} px, ${remedy}`,
    )
}

/** What the model file says it is for: what keeps a picture's channels restores it; what paints others translates. */
function taskOf({ scale, inputChannels, outputChannels }: Network, { compose }: ColourWork) {
  if (compose) return 'colourise'
  if (scale > 1) return 'enlarge'
  return inputChannels === outputChannels ? 'restore' : 'translate'
}
