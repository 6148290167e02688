import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { recipes } from '../../../src/core/recipes/index.ts'
import type { OptionsOf } from '../../../src/core/recipes/index.ts'
import { binding } from '../../../src/engine/backends/binding.ts'
import { openBackend } from '../../../src/engine/backends/index.ts'
import { tf, type Tensor4D } from '../../../src/engine/backends/tf.ts'
import { luminanceOf } from '../../../src/engine/imaging/lab.ts'
import { enlargeBicubic } from '../../../src/engine/kernels/bicubic.ts'
import { trainers } from '../../../src/engine/recipes/index.ts'
import { fromPictures } from '../../../src/engine/recipes/pictures.ts'
import type { Pictures, TrainBatch, Trainer, TrainerContext } from '../../../src/engine/recipes/trainer.ts'
import { randomUniform } from '../../../src/core/random.ts'
import { fingerprint, hasEffect } from '../support/tinyRun.ts'

beforeAll(async () => {
  await openBackend({ threads: 2 })
})

type Options = Partial<OptionsOf<'restore'>>
const SIDE = 24
const tiny: Options = { netG: 'residual_4blocks', cropSizePx: SIDE, ngf: 4, ndf: 4, nLayersD: 2 }
const lab: Options = { colourSpace: 'lab', netG: 'residual_4blocks' }
const alike: TrainerContext = { inputChannels: 3, outputChannels: 3, scale: 1 }
const grey: TrainerContext = { inputChannels: 1, outputChannels: 3, scale: 1 }

const open: Trainer[] = []
function create(changes: Options = {}, context = alike): Trainer {
  const trainer = trainers.restore(recipes.restore.options.parse({ ...tiny, ...changes }), context)
  open.push(trainer)
  return trainer
}
afterEach(() => {
  for (const trainer of open.splice(0)) trainer.dispose()
})

function noise(seed: number, side: number, channels: number, pictures = 2): Pictures {
  const length = pictures * side * side * channels
  return {
    shape: [pictures, side, side, channels],
    data: Float32Array.from({ length }, (_, index) => 2 * randomUniform(seed, index) - 1),
  }
}

function batchFor({ inputChannels, outputChannels, scale }: TrainerContext, step: number): TrainBatch {
  const realA = noise(2 * step, SIDE / scale, inputChannels)
  return { step, learningRate: 1e-3, seed: 5, realA, realB: noise(2 * step + 1, SIDE, outputChannels) }
}

async function train(trainer: Trainer, context: TrainerContext, from: number, to: number) {
  const losses: Record<string, number>[] = []
  for (let step = from; step <= to; step += 1) losses.push(await trainer.train(batchFor(context, step)))
  return losses
}

const valuesOf = (trainer: Trainer) => new Map(trainer.state().map(({ name, data }) => [name, data()]))
const tensorCounts = () => ({ tfjs: tf.memory().numTensors, native: nativeTensors(binding()) })
function nativeTensors(native: object): number {
  return (native as { getNumOfTensors(): number }).getNumOfTensors()
}

const variants: [string, Options, TrainerContext][] = [
  ['as it comes', {}, alike],
  ['x2', {}, { ...alike, scale: 2 }],
  ['x3', {}, { ...alike, scale: 3 }],
  ['x4', {}, { ...alike, scale: 4 }],
  ['a judge', { lambdaGAN: 0.1 }, alike],
  ['a judge and x2', { lambdaGAN: 0.1, ganLoss: 'vanilla' }, { ...alike, scale: 2 }],
  ['grey to colour', {}, grey],
  ['five channels to two', {}, { inputChannels: 5, outputChannels: 2, scale: 1 }],
  ['looking alike', { lambdaPerceptual: 0.1 }, alike],
  ['looking alike, a judge and x2', { lambdaPerceptual: 0.1, lambdaGAN: 0.1 }, { ...alike, scale: 2 }],
  ['looking alike, in grey', { lambdaPerceptual: 0.1 }, { inputChannels: 1, outputChannels: 1, scale: 1 }],
  ['colours alone, looking alike', { ...lab, lambdaPerceptual: 0.1 }, grey],
  ['colours alone', lab, grey],
  ['colours alone, a judge', { ...lab, lambdaGAN: 0.1 }, grey],
  ['colours alone, from colour', lab, alike],
  ['U-Net', { netG: 'unet_32', cropSizePx: 32 }, alike],
  ['ResNet', { netG: 'resnet_6blocks', norm: 'instance' }, alike],
]

describe.each(variants)('%s', (_, changes, context) => {
  const side = changes.cropSizePx ?? SIDE
  const batch = (step: number): TrainBatch => ({
    ...batchFor(context, step),
    ...(side !== SIDE && { realA: noise(step, side, 3), realB: noise(step + 99, side, 3) }),
  })

  it('learns, and tells the losses of what is switched on', async () => {
    const trainer = create(changes, context)
    const before = valuesOf(trainer)
    const first = await trainer.train(batch(1))
    const expected = [
      ...(changes.lambdaGAN ? ['D', 'G_GAN'] : []),
      'G_L1',
      ...(changes.lambdaPerceptual ? ['G_perceptual'] : []),
    ]
    expect(Object.keys(first).toSorted()).toEqual(expected)
    for (const id of expected) expect(recipes.restore.losses.map((loss) => loss.id)).toContain(id)
    let last = first
    for (let step = 2; step <= 30; step += 1) last = await trainer.train({ ...batch(1), step })
    expect(last.G_L1!).toBeLessThan(first.G_L1!)
    if (changes.lambdaPerceptual) expect(last.G_perceptual!).toBeLessThan(first.G_perceptual!)
    const after = valuesOf(trainer)
    const weights = [...before].filter(
      ([name]) => /^net[GD]\//.test(name) && !/\.(mean|variance)$/.test(name),
    )
    for (const [name, values] of weights)
      expect(
        values.some((value, index) => value !== after.get(name)![index]),
        name,
      ).toBe(hasEffect(name, changes.netG?.startsWith('resnet') ? 'resnet' : 'residual'))
    expect(weights.some(([name]) => name.startsWith('netD/'))).toBe(Boolean(changes.lambdaGAN))
  })

  it('resumes to the bits of a run that never stopped', async () => {
    const unbroken = create(changes, context)
    for (let step = 1; step <= 4; step += 1) await unbroken.train(batch(step))
    const first = create(changes, context)
    for (let step = 1; step <= 2; step += 1) await first.train(batch(step))
    const resumed = create({ ...changes, seed: 2 }, context)
    resumed.loadState(first.state())
    for (let step = 3; step <= 4; step += 1) await resumed.train(batch(step))
    expect(fingerprint(resumed)).toBe(fingerprint(unbroken))
  })

  it('leaves no tensor behind, and is freed with the trainer', async () => {
    const empty = tensorCounts()
    const trainer = create(changes, context)
    await trainer.train(batch(1))
    const before = tensorCounts()
    for (let step = 2; step <= 6; step += 1) await trainer.train(batch(step))
    const { realA, realB } = batch(1)
    await trainer.visuals({ realA, realB }, 'running')
    expect(tensorCounts()).toEqual(before)
    for (const one of open.splice(0)) one.dispose()
    expect(tensorCounts()).toEqual(empty)
  })

  it('shows pictures of the size and the channels of B, each by itself, and leaves the state alone', async () => {
    const trainer = create(changes, context)
    await trainer.train(batch(1))
    const before = fingerprint(trainer)
    const { realA, realB } = batch(2)
    const both = await trainer.visuals({ realA, realB }, 'running')
    expect(Object.keys(both)).toEqual(recipes.restore.visuals.map(({ id }) => id))
    expect(both.fakeB!.shape).toEqual(realB.shape)
    const half = (pictures: Pictures): Pictures => {
      const [, ...rest] = pictures.shape
      return { shape: [1, ...rest], data: pictures.data.subarray(0, pictures.data.length / 2) }
    }
    const alone = await trainer.visuals({ realA: half(realA), realB: half(realB) }, 'running')
    expect(half(both.fakeB!).data).toEqual(alone.fakeB!.data)
    expect(fingerprint(trainer)).toBe(before)
  })
})

describe('the first pictures', () => {
  it.each([1, 2, 3])('are the given ones, enlarged bicubically x%i', async (scale) => {
    const { realA, realB } = batchFor({ ...alike, scale }, 1)
    const { fakeB } = await create({}, { ...alike, scale }).visuals({ realA, realB }, 'running')
    // One by one, as they are shown: of several at once, some processors round otherwise.
    const expected = tf.tidy(() =>
      tf
        .concat(tf.split(fromPictures(realA), 2).map((one) => enlargeBicubic(one as Tensor4D, scale)))
        .dataSync(),
    )
    expect(fakeB!.data).toEqual(Float32Array.from(expected))
  })

  it('are the given greys where colours alone are made', async () => {
    const { realA, realB } = batchFor(grey, 1)
    const { fakeB } = await create(lab, grey).visuals({ realA, realB }, 'running')
    for (let index = 0; index < realA.data.length; index += 1)
      for (let channel = 0; channel < 3; channel += 1)
        expect(fakeB!.data[3 * index + channel]).toBeCloseTo(realA.data[index]!, 5)
  })
})

it('keeps lightness exactly where colours alone are made, however far it has learned', async () => {
  const trainer = create({ ...lab, learningRate: 0.01 }, alike)
  for (let step = 1; step <= 20; step += 1)
    await trainer.train({ ...batchFor(alike, 1), step, learningRate: 0.05 })
  const { realA, realB } = batchFor(alike, 1)
  const { fakeB } = await trainer.visuals({ realA, realB }, 'running')
  const light = ({ data }: Pictures, pixel: number) => {
    const [r = NaN, g = NaN, b = NaN] = data.subarray(3 * pixel, 3 * pixel + 3)
    return luminanceOf((r + 1) / 2, (g + 1) / 2, (b + 1) / 2)
  }
  let hasColour = false
  for (let pixel = 0; pixel < realA.data.length / 3; pixel += 1) {
    expect(Math.abs(light(fakeB!, pixel) - light(realA, pixel))).toBeLessThan(1e-5)
    hasColour ||= Math.abs(fakeB!.data[3 * pixel]! - fakeB!.data[3 * pixel + 1]!) > 0.05
  }
  expect(hasColour).toBe(true)
})

it('builds no judge where its weight is 0, and the generator does not depend on there being one at first', async () => {
  const [without, beside] = [create(), create({ lambdaGAN: 0.1 })]
  expect(without.state().some(({ name }) => name.startsWith('netD'))).toBe(false)
  const first = valuesOf(beside)
  for (const [name, values] of valuesOf(without)) expect(first.get(name)).toEqual(values)
})

it('says what its model is for, and how its output becomes a picture', () => {
  const said = (changes: Options, context: TrainerContext) => {
    const { task, compose } = create(changes, context).generator()
    return [task, compose]
  }
  expect(said({}, alike)).toEqual(['restore', undefined])
  expect(said({}, { ...alike, scale: 2 })).toEqual(['enlarge', undefined])
  expect(said({}, grey)).toEqual(['translate', undefined])
  expect(said(lab, grey)).toEqual(['colourise', 'lab-chroma'])
})

it.each([
  ['unet_32', { netG: 'unet_32', cropSizePx: 64 }, { ...alike, scale: 2 }, 'Choose a residual network'],
  ['squares', { cropSizePx: 25 }, { ...alike, scale: 2 }, 'a multiple of 2'],
  ['a U-Net and its square', { netG: 'unet_32', cropSizePx: 48 }, alike, 'a multiple of 32'],
  ['a judge that sees nothing', { nLayersD: 4, lambdaGAN: 1 }, alike, 'at least 48 px'],
  ['looking alike of data', { lambdaPerceptual: 1 }, { ...alike, outputChannels: 2 }, '1 or 3 channels'],
  ['looking alike in tiny squares', { lambdaPerceptual: 1, cropSizePx: 20 }, alike, 'at least 21 px'],
  ['colours alone of data', lab, { ...grey, outputChannels: 2 }, '--colour-space rgb'],
  ['colours alone, enlarged', lab, { ...grey, scale: 2 }, '--colour-space rgb'],
] as const)('refuses %s', (_, changes, context, remedy) => {
  expect(() => create(changes, context)).toThrow(remedy)
})

it('runs without TensorFlow too, to the same losses', async () => {
  const context = { ...alike, scale: 2 }
  for (const [changes, given] of [
    [{ lambdaGAN: 0.1 }, context],
    [lab, grey],
  ] as const) {
    const native = await train(create(changes, given), given, 1, 2)
    await tf.setBackend('cpu')
    const slow = trainers.restore(recipes.restore.options.parse({ ...tiny, ...changes }), given)
    try {
      for (const [step, losses] of (await train(slow, given, 1, 2)).entries())
        for (const [name, value] of Object.entries(losses))
          expect(value / native[step]![name]!).toBeCloseTo(1, 3)
    } finally {
      slow.dispose()
      await tf.setBackend('tensorflow')
    }
  }
})
