import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { recipes, type RecipeId } from '../../../src/core/recipes/index.ts'
import { openBackend } from '../../../src/engine/backends/index.ts'
import { tf } from '../../../src/engine/backends/tf.ts'
import { createTrainer } from '../../../src/engine/recipes/index.ts'
import type { Trainer } from '../../../src/engine/recipes/trainer.ts'
import { differenceOf, expectSameLosses, norm } from '../support/numbers.ts'
import { noise, opByOp, tinyBatch } from '../support/tinyRun.ts'

beforeAll(async () => {
  await openBackend({ threads: 2 })
})

const small: Partial<Record<RecipeId, Record<string, unknown>>> = {
  pix2pix: { netG: 'unet_32', norm: 'instance', dropout: false },
  cyclegan: { netG: 'resnet_3blocks', poolSize: 0 },
  cut: { netG: 'resnet_3blocks', patches: 8, projectionWidth: 4 },
  fastcut: { netG: 'resnet_3blocks', patches: 8, projectionWidth: 4 },
  restore: { netG: 'residual_4blocks', lambdaGAN: 0.1, lambdaPerceptual: 0 },
}
const translating = Object.keys(small) as RecipeId[]

const open: Trainer[] = []
function create(id: RecipeId, changes: Record<string, unknown> = {}): Trainer {
  const { netG, ...rest } = small[id] ?? {}
  const shape = recipes[id].options.shape
  const all = { netG, cropSizePx: 32, ngf: 2, ndf: 2, nLayersD: 2, ...rest, ...changes }
  const own = Object.fromEntries(Object.entries(all).filter(([key]) => key in shape))
  const trainer = createTrainer(id, recipes[id].options.parse(own), {
    inputChannels: 3,
    outputChannels: 3,
    scale: 1,
  })
  open.push(trainer)
  return trainer
}
afterEach(() => {
  for (const trainer of open.splice(0)) trainer.dispose()
})

const valuesOf = (trainer: Trainer) => new Map(trainer.state().map(({ name, data }) => [name, data()]))
const two = { ...tinyBatch(1), realA: noise(1, 3, 2), realB: noise(2, 3, 2) }

describe('gradient accumulation', () => {
  it.each(['pix2pix', 'cyclegan', 'restore'] as const)(
    '%s learns from two batches of one picture what it learns from one batch of two',
    async (id) => {
      const whole = create(id)
      const wholeLosses = await whole.train(two)
      const parts = create(id, { accumulate: 2 })
      const partLosses = await parts.train(two)
      for (const [name, value] of Object.entries(wholeLosses))
        expect(Math.abs(partLosses[name]! / value - 1), name).toBeLessThan(1e-4)
      const [one, other] = [valuesOf(whole), valuesOf(parts)]
      for (const [name, values] of one) {
        if (!name.includes('.adam.m/') || norm(values) < 1e-7) continue
        const error = norm(differenceOf(other.get(name)!, values)) / norm(values)
        // The judge's learned weights pass on what rounding makes of Adam's first step.
        expect(error, name).toBeLessThan(name.startsWith('netD') ? 1e-3 : 2e-2)
      }
    },
  )

  it('is the same recorded, batch after batch, and op by op', async () => {
    const train = () => create('pix2pix', { accumulate: 2 }).train(two)
    const recorded = await train()
    const plain = await opByOp(train)
    for (const [name, value] of Object.entries(recorded)) expect(plain[name]! / value).toBeCloseTo(1, 4)
  })
})

describe('the averaged generator', () => {
  it('follows the weights as told, is what is shown, and is what the model is made of', async () => {
    const trainer = create('pix2pix', { emaDecay: 0.75, norm: 'batch' })
    let expected = valuesOf(trainer).get('netG/up1.weight')!
    for (let step = 1; step <= 4; step += 1) {
      await trainer.train(tinyBatch(step))
      const now = valuesOf(trainer).get('netG/up1.weight')!
      expected = expected.map((value, index) => 0.75 * value + 0.25 * now[index]!)
    }
    const after = valuesOf(trainer)
    expect(norm(differenceOf(after.get('netG.ema/up1.weight')!, expected))).toBeLessThan(1e-6)
    const { tensors, prefix } = trainer.generator()
    expect(prefix).toBe('netG.ema/')
    for (const { name, data } of tensors) expect(data(), name).toEqual(after.get(`netG.ema/${name}`))
    expect(after.get('netG.ema/up1.weight')).not.toEqual(after.get('netG/up1.weight'))
  })

  it('stays close to the generator from the first step on, and off unless asked for', async () => {
    expect(
      create('pix2pix')
        .state()
        .some(({ name }) => name.includes('.ema/')),
    ).toBe(false)
    const trainer = create('cyclegan', { emaDecay: 0.999 })
    expect(trainer.reverse?.().prefix).toBe('netG_B.ema/')
    const state = valuesOf(trainer)
    expect(state.get('netG_A.ema/stem.weight')).toEqual(state.get('netG_A/stem.weight'))
  })
})

it('gradients of a network together are no longer than told', async () => {
  const clipNorm = 0.01
  const trainer = create('pix2pix', { clipNorm, beta1: 0 })
  await trainer.train(tinyBatch(1))
  for (const network of ['netG', 'netD']) {
    const squares = trainer
      .state()
      .filter(({ name }) => name.startsWith(`${network}.adam.m/`))
      .reduce((sum, { data }) => sum + norm(data()) ** 2, 0)
    expect(Math.sqrt(squares)).toBeLessThan(clipNorm * 1.001)
    expect(Math.sqrt(squares)).toBeGreaterThan(clipNorm * 0.9)
  }
})

it('the judge learns at its own rate, and the generator at the same as before', async () => {
  const moved = async (judgeRate: number) => {
    const trainer = create('cyclegan', { judgeRate })
    const before = valuesOf(trainer)
    await trainer.train(tinyBatch(1))
    const after = valuesOf(trainer)
    const by = (name: string) => norm(differenceOf(after.get(name)!, before.get(name)!))
    return { judge: by('netD_A/layer1.weight'), painter: by('netG_A/stem.weight') }
  }
  const [once, thrice] = [await moved(1), await moved(3)]
  expect(thrice.judge / once.judge).toBeCloseTo(3, 2)
  expect(thrice.painter).toBe(once.painter)
})

describe.each(translating)('%s', (id) => {
  it('trains with everything switched on, recorded and op by op alike, and leaves nothing behind', async () => {
    const all = {
      diffAugment: true,
      r1Gamma: 1,
      emaDecay: 0.9,
      clipNorm: 10,
      judgeRate: 2,
      accumulate: 2,
      ganLoss: 'hinge',
    }
    const run = async () => {
      const trainer = create(id, all)
      const first = await trainer.train(two)
      await trainer.train({ ...two, step: 2 })
      const before = tf.memory().numTensors
      await trainer.train({ ...two, step: 3 })
      expect(tf.memory().numTensors).toBe(before)
      return first
    }
    const recorded = await run()
    for (const [name, value] of Object.entries(recorded)) expect(Number.isFinite(value), name).toBe(true)
    expect(recorded.R1).toBeGreaterThan(0)
    expectSameLosses([await opByOp(run)], [recorded], 1e-3)
  })
})
