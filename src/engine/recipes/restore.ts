import { refuse } from '../../core/errors.ts'
import type { OptionsOf } from '../../core/recipes/index.ts'
import { createRecorded } from '../backends/recorded.ts'
import { tf } from '../backends/tf.ts'
import type { Scalar, Tensor, Tensor4D } from '../backends/tf.ts'
import { openStLpips, ST_LPIPS_LEAST_SIDE_PX } from '../evaluation/stLpips.ts'
import type { StLpips } from '../evaluation/stLpips.ts'
import { enlargeBicubic } from '../kernels/bicubic.ts'
import { ganLoss } from '../losses/gan.ts'
import { l1Loss } from '../losses/l1.ts'
import { buildNetwork } from '../networks/index.ts'
import { residualBlocksOf } from '../networks/residual.ts'
import type { Network } from '../nn/network.ts'
import { feedAdam } from '../optimizers/adam.ts'
import type { AdamFeeds } from '../optimizers/adam.ts'
import { createLossScaling, settled } from '../optimizers/lossScaling.ts'
import type { LossScaling } from '../optimizers/lossScaling.ts'
import { createColourWork } from './colourWork.ts'
import type { ColourWork } from './colourWork.ts'
import { checkGeneratorSize, checkJudgeSize } from './cropSize.ts'
import { fromPictures, picturesOneByOne, toScalars } from './pictures.ts'
import { createTrainee, gradients, improve, namedTensor, restore } from './trainee.ts'
import type { Trainee } from './trainee.ts'
import type { Trainer, TrainerContext } from './trainer.ts'

type Options = OptionsOf<'restore'>

/** netG makes B from A; netD, where a judge takes part, looks at A enlarged to B's size together with a B. */
type Parts = { netG: Trainee; netD: Trainee | undefined; work: ColourWork }
type Feeds = { realA: Tensor4D; realB: Tensor4D; adam: AdamFeeds }

/**
 * Restoration: netG learns to make B from A by pixel distance and, where their weights are not 0, by perceptual distance
 * (ST-LPIPS) and against a judge. A judge is conditional, as in Pix2Pix: it sees A, enlarged bicubically to the size of B, beside the B that it judges.
 * @throws Refused `crop-size`, `scale-unfit`, `colours-alone`, `perceptual-unfit`
 */
export function createRestore(options: Options, context: TrainerContext): Trainer {
  const scaling = createLossScaling(context.precision)
  const parts = createParts(options, context, scaling)
  const { netG, netD, work } = parts
  const stateful = [netG, netD, scaling].filter((part) => part !== undefined)
  const state = () => new Map(stateful.flatMap((part) => [...part.variables()]))
  // Where looking alike counts. It never changes, so it is no part of the state.
  let stLpips: StLpips | undefined
  const recorded = createRecorded(
    (feeds: Feeds) => settled(scaling, step(parts, options, feeds, stLpips)),
    context.precision,
  )
  return {
    async train(batch) {
      if (options.lambdaPerceptual > 0) stLpips ??= await openStLpips()
      return toScalars(
        await recorded.call(() => ({
          realA: fromPictures(batch.realA),
          realB: fromPictures(batch.realB),
          adam: feedAdam({ ...options, epsilon: 1e-8 }, batch.learningRate, batch.step),
        })),
      )
    },
    async visuals({ realA, realB }, norm) {
      const given = await picturesOneByOne(realA, work.givenOf)
      const made = await picturesOneByOne(given, (x) => netG.forward(x, netG.read(), { norm }))
      return { realA, fakeB: work.showOf(given, made), realB }
    },
    state: () => [...state()].map(([name, variable]) => namedTensor(name, variable)),
    loadState: (saved) => restore(state(), saved),
    generator: () => ({
      network: netG.network,
      tensors: netG.tensors(),
      task: taskOf(netG.network, work),
      ...(work.compose && { compose: work.compose }),
    }),
    dispose() {
      recorded.dispose()
      for (const part of stateful) part.dispose()
      stLpips?.dispose()
    },
  }
}

/** As in Pix2Pix one forward pass serves both updates: netD learns from the picture first, then netG from the wiser netD. */
function step(
  { netG, netD, work }: Parts,
  options: Options,
  { realA, realB, adam }: Feeds,
  stLpips: StLpips | undefined,
): Record<string, Tensor> {
  const losses: Record<string, Scalar> = {}
  const keep = (name: string, loss: Scalar): Scalar => (losses[name] = tf.keep(loss))
  const given = work.givenOf(realA)
  const wanted = work.wantedOf(realB)

  const weightsG = netG.read()
  const gradientsG = gradients(netG.scaling, weightsG, () => {
    const made = netG.practise(given, weightsG)
    const terms = [keep('G_L1', tf.mul(options.lambdaL1, l1Loss(made, wanted)))]
    const fakeB = stLpips || netD ? work.pictureOf(given, made) : made
    if (stLpips) {
      const distances = stLpips.distances(asColour(fakeB), asColour(realB))
      terms.push(keep('G_perceptual', tf.mul(options.lambdaPerceptual, tf.mean(distances))))
    }
    if (netD) {
      const base = enlargeBicubic(given, netG.network.scale)
      losses.D = learnToJudge(netD, options.ganLoss, { base, fakeB, realB }, adam)
      const verdict = judge(netD, netD.read(), options.ganLoss, base, fakeB, 'real')
      terms.push(keep('G_GAN', tf.mul(options.lambdaGAN, verdict)))
    }
    return tf.addN(terms)
  })
  // TensorFlow updates a weight in place only when nobody else holds it.
  tf.dispose(weightsG)
  netG.learn(gradientsG, adam)
  return losses
}

/** Grey as colour, which is what ST-LPIPS looks at. */
function asColour(x: Tensor4D): Tensor4D {
  return x.shape[3] === 1 ? tf.concat([x, x, x], 3) : x
}

type Shown = { base: Tensor4D; fakeB: Tensor4D; realB: Tensor4D }

function judge(
  netD: Trainee,
  weights: readonly Tensor[],
  kind: Options['ganLoss'],
  base: Tensor4D,
  b: Tensor4D,
  verdict: 'real' | 'fake',
): Scalar {
  return ganLoss(kind, netD.practise(tf.concat([base, b], 3), weights), verdict)
}

/** One step of netD. @returns its loss, kept */
function learnToJudge(
  netD: Trainee,
  kind: Options['ganLoss'],
  { base, fakeB, realB }: Shown,
  adam: AdamFeeds,
): Scalar {
  return improve(
    netD,
    (weights) => {
      const onFake = judge(netD, weights, kind, base, fakeB, 'fake')
      const onReal = judge(netD, weights, kind, base, realB, 'real')
      return tf.mul(0.5, tf.add(onFake, onReal))
    },
    adam,
  )
}

function createParts(options: Options, context: TrainerContext, scaling: LossScaling | undefined): Parts {
  const { ngf, ndf, norm, nLayersD, cropSizePx, seed, lambdaGAN } = options
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
  const netG = createTrainee('netG', network, init, scaling)
  if (lambdaGAN === 0) return { netG, netD: undefined, work }
  checkJudgeSize(nLayersD, cropSizePx)
  const seen = inputChannels + context.outputChannels
  const discriminator = buildNetwork(`patch_${nLayersD}layers`, {
    inputChannels: seen,
    ndf,
    norm: 'instance',
  })
  return { netG, netD: createTrainee('netD', discriminator, normal, scaling), work }
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
