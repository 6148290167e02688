import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { recipes } from '../../../src/core/recipes/index.ts'
import { openBackend } from '../../../src/engine/backends/index.ts'
import { tf } from '../../../src/engine/backends/tf.ts'
import type { Tensor3D, Tensor4D } from '../../../src/engine/backends/tf.ts'
import { patchNceLoss } from '../../../src/engine/losses/patchNce.ts'
import { createProjection } from '../../../src/engine/networks/projection.ts'
import { createModel } from '../../../src/engine/inference/model.ts'
import { trainers } from '../../../src/engine/recipes/index.ts'
import { drawPlaces, gatherPlaces, isMirroredStep } from '../../../src/engine/recipes/patches.ts'
import type { Trainer } from '../../../src/engine/recipes/trainer.ts'
import { headerFor } from '../inference/models.ts'
import { expectTrueGradient, normal } from '../support/numbers.ts'
import { valuesOf } from '../support/parity.ts'
import { fingerprint, hasEffect, noise, tinyBatch, tinyContext, trainSteps } from '../support/tinyRun.ts'

beforeAll(async () => {
  await openBackend({ threads: 2 })
})

const open: Trainer[] = []
const tiny = {
  netG: 'resnet_3blocks',
  cropSizePx: 32,
  ngf: 2,
  ndf: 2,
  nLayersD: 2,
  patches: 8,
  projectionWidth: 8,
}
function create(recipe: 'cut' | 'fastcut', changes: object = {}, context = tinyContext): Trainer {
  const trainer = trainers[recipe](recipes[recipe].options.parse({ ...tiny, ...changes }), context)
  open.push(trainer)
  return trainer
}
afterEach(() => {
  for (const trainer of open.splice(0)) trainer.dispose()
})

it('has the published settings, which differ between the two', () => {
  const [cut, fastcut] = [recipes.cut.options.parse({}), recipes.fastcut.options.parse({})]
  const shared = { lambdaGAN: 1, patches: 256, temperature: 0.07, projectionWidth: 256, ganLoss: 'lsgan' }
  const networks = { sampling: 'antialiased', norm: 'instance', init: 'xavier', initGain: 0.02 }
  expect(cut).toMatchObject({ ...shared, ...networks, lambdaNCE: 1, nceIdentity: true })
  expect(cut).toMatchObject({ flipEquivariance: false, epochs: 400, decayShare: 0.5 })
  expect(fastcut).toMatchObject({ ...shared, ...networks, lambdaNCE: 10, nceIdentity: false })
  expect(fastcut).toMatchObject({ flipEquivariance: true, epochs: 200, decayShare: 0.25 })
})

describe.each(['cut', 'fastcut'] as const)('a step of %s', (recipe) => {
  it('returns the losses that the recipe declares, without identity or R1 where nobody asks for it', async () => {
    const declared = recipes[recipe].losses.map(({ id }) => id)
    const all = await create(recipe, { nceIdentity: true, r1Gamma: 1 }).train(tinyBatch(1))
    expect(Object.keys(all).toSorted()).toEqual(declared.toSorted())
    const without = await create(recipe, { nceIdentity: false }).train(tinyBatch(1))
    expect(Object.keys(without).toSorted()).toEqual(
      declared.filter((id) => id !== 'NCE_Y' && id !== 'R1').toSorted(),
    )
  })

  it('moves something in every tensor of all networks', async () => {
    const trainer = create(recipe)
    const before = valuesOf(trainer)
    await trainSteps(trainer, 1, 2)
    const after = valuesOf(trainer)
    for (const [name, values] of before)
      if (hasEffect(name, 'contrasted')) expect(after.get(name), name).not.toEqual(values)
      else expect(after.get(name), name).toEqual(values)
  })

  it('leaves no tensor behind, over 20 steps', async () => {
    const trainer = create(recipe)
    await trainSteps(trainer, 1, 3)
    const before = tf.memory().numTensors
    await trainSteps(trainer, 4, 23)
    await trainer.visuals({ realA: noise(1), realB: noise(2) }, 'running')
    fingerprint(trainer)
    expect(tf.memory().numTensors).toBe(before)
  }, 120_000)

  it('resumes to the bits of a run that never stopped, at any moment', async () => {
    const unbroken = create(recipe)
    await trainSteps(unbroken, 1, 5)
    for (const stop of [1, 3]) {
      const first = create(recipe)
      await trainSteps(first, 1, stop)
      const resumed = create(recipe, { seed: 2 })
      resumed.loadState(first.state())
      await trainSteps(resumed, stop + 1, 5)
      expect(fingerprint(resumed)).toBe(fingerprint(unbroken))
    }
  })

  it.each([
    { norm: 'batch' },
    { ganLoss: 'vanilla' },
    { sampling: 'strided' },
    { dropout: true },
    { netG: 'resnet_6blocks' },
    { flipEquivariance: true, nceIdentity: true },
  ])('works with %j, on flat pictures too', async (changes) => {
    const flat = { shape: [1, 32, 32, 3] as const, data: new Float32Array(32 * 32 * 3).fill(0.25) }
    const trainer = create(recipe, changes)
    for (const step of [1, 2, 3, 4]) {
      const losses = await trainer.train({ ...tinyBatch(step), realA: flat, realB: flat })
      for (const value of Object.values(losses)) expect(Number.isFinite(value)).toBe(true)
    }
  })

  it('learns to find places again', async () => {
    const trainer = create(recipe, { lambdaGAN: 0, nceIdentity: false })
    const losses: number[] = []
    for (let step = 1; step <= 40; step += 1)
      losses.push((await trainer.train({ ...tinyBatch(1), step, learningRate: 1e-3 })).NCE ?? NaN)
    const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
    expect(mean(losses.slice(-5))).toBeLessThan(0.8 * mean(losses.slice(0, 5)))
  }, 60_000)
})

it('keeps the updates apart: what is compared leaves the judge of the first step as it is', async () => {
  const [one, other] = [create('cut', { lambdaNCE: 1 }), create('cut', { lambdaNCE: 5 })]
  for (const trainer of [one, other]) await trainSteps(trainer, 1, 1)
  const [first, second] = [valuesOf(one), valuesOf(other)]
  for (const [name, values] of first) if (name.startsWith('netD/')) expect(second.get(name)).toEqual(values)
  // Adam's step does not depend on a factor; its memory of the gradient does.
  expect(second.get('netG.adam.m/stem.weight')).not.toEqual(first.get('netG.adam.m/stem.weight'))
})

it('takes several pictures of a batch, which are not compared with each other', async () => {
  const pictures = { realA: noise(1, 3, 3), realB: noise(2, 3, 3) }
  const losses = await create('cut').train({ ...tinyBatch(1), ...pictures })
  expect(losses.NCE).toBeGreaterThan(0)
  const [queries, keys] = [7, 8].map((seed) => normal([2, 5, 4], seed) as Tensor3D)
  const value = (q: Tensor3D, k: Tensor3D) => tf.tidy(() => patchNceLoss(q, k, 0.5).dataSync()[0]!)
  const each = [0, 1].map((picture) =>
    value(tf.slice(queries!, [picture, 0, 0], [1, 5, 4]), tf.slice(keys!, [picture, 0, 0], [1, 5, 4])),
  )
  expect(value(queries!, keys!)).toBeCloseTo((each[0]! + each[1]!) / 2, 5)
})

it('refuses sides of other channels', () => {
  expect(() => create('cut', {}, { ...tinyContext, outputChannels: 1 })).toThrow('3 and 1 channels')
})

it('shows what the recipe declares and leaves the state alone', async () => {
  const trainer = create('cut')
  const before = fingerprint(trainer)
  const visuals = await trainer.visuals({ realA: noise(1), realB: noise(2) }, 'running')
  expect(Object.keys(visuals).toSorted()).toEqual(recipes.cut.visuals.map(({ id }) => id).toSorted())
  expect(fingerprint(trainer)).toBe(before)
})

it('makes a model whose header tells how it changes size, and which paints as the trainer does', async () => {
  const trainer = create('fastcut')
  await trainSteps(trainer, 1, 2)
  const { network, tensors } = trainer.generator()
  expect(network.options).toMatchObject({ downsampling: 'antialiased', upsampling: 'antialiased' })
  const header = headerFor(
    network.architecture,
    JSON.parse(JSON.stringify(network.options)) as object as never,
  )
  const model = createModel(
    header,
    new Map(tensors.map(({ name, shape, data }) => [name, { shape, data: data() }])),
    'model',
  )
  const realA = noise(3)
  const { fakeB } = await trainer.visuals({ realA, realB: noise(4) }, 'running')
  const plane = {
    data: Float32Array.from(realA.data, (value) => (value + 1) / 2),
    widthPx: 32,
    heightPx: 32,
    channels: 3,
  }
  const made = await model.forward(plane)
  model.dispose()
  const largest = made.data.reduce(
    (most, value, index) => Math.max(most, Math.abs(2 * value - 1 - fakeB!.data[index]!)),
    0,
  )
  expect(largest).toBeLessThan(1e-4)
})

describe('places', () => {
  const features = [{ name: 'picture', channels: 3, sideOf: (side: number) => side + 6 }]
  const draw = (step: number, isMirrored = false) =>
    tf.tidy(() => {
      const [places] = drawPlaces(features, { sidePx: 32, count: 256, isMirrored }, 3, step, 0)
      return { keys: [...places!.keys.dataSync()], queries: [...places!.queries.dataSync()] }
    })

  it('are different ones in every step and the same for the same step', () => {
    const { keys, queries } = draw(1)
    expect(new Set(keys).size).toBe(256)
    expect(Math.max(...keys)).toBeLessThan(38 * 38)
    expect(queries).toEqual(keys)
    expect(draw(1).keys).toEqual(keys)
    expect(draw(2).keys).not.toEqual(keys)
  })

  it('are found at the other side of a mirrored picture', () => {
    tf.tidy(() => {
      const [places] = drawPlaces(features, { sidePx: 32, count: 256, isMirrored: true }, 3, 1, 0)
      const x = normal([2, 38, 38, 3], 1) as Tensor4D
      const straight = gatherPlaces(x, places!.keys).dataSync()
      expect(gatherPlaces(tf.reverse(x, 2), places!.queries).dataSync()).toEqual(straight)
    })
  })

  it('are mirrored in half of the steps', () => {
    const count = Array.from({ length: 2000 }, (_, step) => isMirroredStep(3, step)).filter(Boolean).length
    expect(Math.abs(count - 1000)).toBeLessThan(100)
  })

  it('pass gradients to where they were taken', () => {
    const places = tf.tensor1d([5, 0, 11], 'int32')
    expectTrueGradient((x) => gatherPlaces(x as Tensor4D, places), [normal([2, 3, 4, 3], 2)])
  })
})

it('has the gradients that finite differences see, in loss and projection', () => {
  tf.tidy(() => {
    expectTrueGradient(
      (q, k) => patchNceLoss(q as Tensor3D, k as Tensor3D, 0.5),
      [normal([2, 5, 4], 1), normal([2, 5, 4], 2)],
    )
    const network = createProjection(3, 4)
    const shapes = network.parameters.map(({ shape }) => shape)
    expectTrueGradient(
      (x, ...weights) =>
        network.forward(
          x as Tensor4D,
          (name) => weights[network.parameters.findIndex((one) => one.name === name)]!,
          { norm: 'batch' },
        ),
      [normal([2, 4, 1, 3], 21), ...shapes.map((shape, index) => normal(shape, 31 + index))],
      1e-3,
    )
  })
})
