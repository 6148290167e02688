import type { ProgressiveRecipeOptions as Options } from '../../core/recipes/progressive.ts'
import { spanOf, stageAt, type Stage } from '../../core/recipes/progressive.ts'
import { counterOf, randomUniform } from '../../core/random.ts'
import type { Part } from '../../core/training/schedule.ts'
import { tf } from '../backends/tf.ts'
import type { Scalar, Tensor, Tensor4D } from '../backends/tf.ts'
import { createVariable } from '../backends/variables.ts'
import type { Variable } from '../backends/variables.ts'
import { at } from '../kernels/at.ts'
import { drawAugment } from '../kernels/diffAugment.ts'
import type { AugmentFeeds } from '../kernels/diffAugment.ts'
import { foolingLoss, ganLoss } from '../losses/gan.ts'
import { buildNetwork } from '../networks/index.ts'
import {
  fadeIn,
  halveMean,
  judgeProgressively,
  paintProgressively,
  sidesTo,
  widthAt,
} from '../networks/progressive.ts'
import { drawCodes } from '../nn/codes.ts'
import { doubleNearest } from '../nn/convolution.ts'
import { createLossScaling } from '../optimizers/lossScaling.ts'
import { createAdversary } from './adversary.ts'
import type { Game, Told } from './adversary.ts'
import { createGrown, modelOf, playing, shownTogether, weightsOf, type Grown } from './grown.ts'
import { joined } from './judging.ts'
import { fromPictures, picturesOneByOne } from './pictures.ts'
import { slopeOf, steepnessTerms } from './steepness.ts'
import { takeOver, type Shape } from './takeOver.ts'
import type { Trainee } from './trainee.ts'
import type { Pictures, SeatedJudge, Shown, TrainBatch, Trainer, TrainerContext } from './trainer.ts'

/** What a step is a function of, besides the state. Pictures have the side of the stage. */
type Feeds = {
  realB: Tensor4D
  codes: Tensor4D
  codesG: Tensor4D
  between: Tensor4D
  fade: Scalar
  augment: AugmentFeeds | undefined
}

const CODES = counterOf('progressive.codes')
const CODES_G = counterOf('progressive.codesG')
const BETWEEN = counterOf('progressive.between')
const GALLERY = counterOf('progressive.gallery')
/** Keeps the critic's score near 0, as published. */
const DRIFT = 0.001

/**
 * Progressive growing (Karras, Aila, Laine, Lehtinen 2018): both networks learn pictures of 4 px first; then doublings are faded
 * in, one after another. The critic is that of WGAN-GP. Where a run is in its schedule is a function of its step.
 * @throws Refused `crop-size`
 */
export function createProgressiveTrainer(options: Options, context: TrainerContext): Trainer {
  const { cropSizePx, latent, ngf, steps } = options
  const sides = sidesTo(cropSizePx)
  const scaling = createLossScaling(context.precision)
  const shape = { latent, channels: context.outputChannels, ngf }
  const { netG, netD } = createGrown(options, shape, scaling)
  const trainees = [netG, netD].flatMap(({ blocks, layers }) => [...blocks, ...layers])
  const place = createPlace()
  const stageOf = (step: number): Stage => stageAt(step, steps ?? 1, sides.length, options.fadeShare)
  const here = (): Stage => stageOf(Math.max(1, place.step()))
  const shapeAt = ({ stage }: Stage) => ({ ...shape, sizePx: at(sides, stage) })
  const make = ({ row = 0 }: Shown): Promise<Pictures> => {
    const codes: Pictures = drawCodes({ latent, classes: 0 }, [row], [], options.seed, GALLERY)
    return picturesOneByOne(codes, pictureOf(netG, here(), shapeAt(here()), cropSizePx))
  }
  return createAdversary({
    options,
    scaling,
    context,
    judgeRounds: options.judgeRounds,
    game: (variant) => gameOf(netG, netD, options, { ...shape, sizePx: at(sides, Number(variant)) }),
    stateful: [...trainees, place],
    variantOf: ({ step }) => String(stageOf(step).stage),
    parts: stagesOf(options, sides),
    async prepare({ step, seed }) {
      const stage = stageOf(step)
      if (step === stage.from) {
        for (const one of trainees) one.forget()
        // Before the first step nothing has been learned yet, whatever the stage.
        if (step > 1) await takeOver({ netG, netD }, stage.stage, shapeAt(stage), seed)
      }
      place.goTo(step)
    },
    feed: (batch) => feed(options, batch, stageOf(place.step()), sides),
    visuals: async (inputs) => ({ fakeB: await make(inputs), realB: inputs.realB }),
    judges: [seatOf((shown) => picturesOneByOne(shown, opinionOf(netD, here(), shapeAt(here()))), make)],
    generator() {
      const stage = here()
      const network = buildNetwork('progressive', { ...shapeAt(stage), fade: stage.fade })
      return modelOf(network, playing(netG, stage.stage), latent)
    },
  })
}

/** So many values of layers take as long as what every step takes, whatever its size. Measured on two cores: 1e5 in float32, 3e5 in bfloat16. */
const VALUES_OF_A_START = 2e5

/** The stages: with each the learning rate and Adam begin anew, as published, since what they know is of other losses. */
function stagesOf({ steps, fadeShare, ngf, batchSize }: Options, sides: readonly number[]): Part[] {
  let effort = VALUES_OF_A_START
  const parts = sides.map((side, stage): Part => {
    effort += batchSize * side ** 2 * widthAt(side, ngf)
    return { ...spanOf(stage, steps ?? 1, sides.length, fadeShare), effort }
  })
  return parts.filter((part) => part.steps > 0)
}

function seatOf(judge: SeatedJudge['judge'], make: SeatedJudge['make']): SeatedJudge {
  return { id: 'D', ganLoss: 'wgan', real: 'realB', told: { given: false, label: false }, judge, make }
}

/** How the generator paints as far as it has grown, at the full side. */
function pictureOf(netG: Grown, { stage, fade }: Stage, shape: Shape, sidePx: number) {
  return (x: Tensor4D): Tensor4D =>
    enlargeTo(paintProgressively(x, { ...shape, fade }, shownTogether(playing(netG, stage))), sidePx)
}

/** What the critic, as far as it has grown, makes of a picture of the full side. Alone it has no variety around it: of that it is told none. */
function opinionOf(netD: Grown, stage: Stage, shape: Shape) {
  return (x: Tensor4D): Tensor4D => {
    const seen = asTrained(shrinkTo(x, shape.sizePx), stage)
    return judgeProgressively(
      seen,
      shape,
      shownTogether(playing(netD, stage.stage)),
      fadeOf(shape, stage.fade),
    )
  }
}

/** The first stage fades nothing in. */
function fadeOf<Fade>({ sizePx }: Shape, fade: Fade): Fade | 1 {
  return sizePx === 4 ? 1 : fade
}

/** Real pictures fade in as the made ones do. */
function asTrained(real: Tensor4D, { stage, fade }: Stage): Tensor4D {
  return stage > 0 && fade < 1 ? fadeIn(doubleNearest(halveMean(real)), real, fade) : real
}

/** The step that was last begun, as part of the state: what is shown depends on it. */
function createPlace() {
  const step: Variable = createVariable([], Float32Array.of(0))
  return {
    step: () => Math.round(step.toArray()[0] ?? 0),
    goTo(now: number): void {
      tf.tidy(() => step.assign(tf.scalar(now)))
    },
    variables: () => new Map([['schedule.step', step]]),
    dispose: () => step.dispose(),
  }
}

/** Everything that varies from step to step. Real pictures are brought to the side of the stage, and fade as the made ones do. */
function feed(options: Options, batch: TrainBatch, stage: Stage, sides: readonly number[]): Feeds {
  const { seed, step, realB } = batch
  const [count] = realB.shape
  const places = Array.from({ length: count }, (_, index) => index)
  const codes = (counter: number) =>
    fromPictures(drawCodes({ latent: options.latent, classes: 0 }, places, [], seed, counter, step))
  const shares = places.map((place) => randomUniform(seed, BETWEEN, step, place))
  const sidePx = at(sides, stage.stage)
  return {
    realB: asTrained(shrinkTo(fromPictures(realB), sidePx), stage),
    codes: codes(CODES),
    codesG: codes(CODES_G),
    between: tf.tensor4d(shares, [count, 1, 1, 1]),
    fade: tf.scalar(stage.fade),
    augment: options.diffAugment ? drawAugment(count, sidePx, seed, step) : undefined,
  }
}

function shrinkTo(x: Tensor4D, sidePx: number): Tensor4D {
  let y = x
  while (y.shape[1] > sidePx) y = halveMean(y)
  return y
}

function enlargeTo(x: Tensor4D, sidePx: number): Tensor4D {
  let y = x
  while (y.shape[1] < sidePx) y = doubleNearest(y)
  return tf.clipByValue(y, -1, 1)
}

function gameOf(netG: Grown, netD: Grown, options: Options, shape: Shape): Game<Feeds, Tensor4D> {
  const stage = sidesTo(shape.sizePx).length - 1
  const painters = playing(netG, stage)
  const judges = playing(netD, stage)
  return {
    painters,
    judges: [
      {
        nets: judges,
        loss: (feeds, fakeB, weights, told) =>
          criticLoss(options, feeds, fakeB, told, (x) => judgeOf(judges, weights, shape, x, feeds)),
      },
    ],
    order: 'judges-first',
    make: ({ codes, codesG, fade }, weights, isPractice) =>
      paintProgressively(
        isPractice ? codesG : codes,
        { ...shape, fade: 1 },
        weightsOf(painters, weights),
        fade,
      ),
    loss(feeds, fakeB, _, told) {
      const read = judges.map((one) => one.read())
      return told('G_GAN', foolingLoss('wgan', judgeOf(judges, read, shape, fakeB, feeds)))
    },
  }
}

function criticLoss(
  options: Options,
  { realB, between }: Feeds,
  fakeB: Tensor4D,
  told: Told,
  verdict: (x: Tensor4D) => Tensor4D,
): Scalar {
  const [onReal, onFake] = [verdict(realB), verdict(fakeB)]
  const terms = [ganLoss('wgan', onFake, 'fake'), ganLoss('wgan', onReal, 'real')]
  told('C_distance', tf.neg(tf.addN(terms)) as Scalar)
  terms.push(tf.mul(DRIFT, tf.mean(tf.square(onReal))))
  terms.push(...steepnessTerms(options, { real: realB, fake: fakeB, between }, slopeOf(verdict), told))
  return tf.addN(terms) as Scalar
}

function judgeOf(
  judges: readonly Trainee[],
  weights: readonly (readonly Tensor[])[],
  shape: Shape,
  x: Tensor4D,
  { augment, fade }: Feeds,
): Tensor4D {
  return judgeProgressively(
    joined({ shown: x }, augment),
    shape,
    weightsOf(judges, weights),
    fadeOf(shape, fade),
  )
}
