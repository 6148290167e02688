import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { openBackend } from '../../../src/engine/backends/index.ts'
import { tf } from '../../../src/engine/backends/tf.ts'
import { recipes } from '../../../src/core/recipes/index.ts'
import type { OptionsOf } from '../../../src/core/recipes/index.ts'
import { trainers } from '../../../src/engine/recipes/index.ts'
import { decide } from '../../../src/engine/recipes/imagePool.ts'
import type { Trainer } from '../../../src/engine/recipes/trainer.ts'
import { fingerprint, hasEffect, noise, tinyBatch, tinyContext, trainSteps } from '../support/tinyRun.ts'

beforeAll(async () => {
  await openBackend({ threads: 2 })
})

type Options = OptionsOf<'cyclegan'>
const open: Trainer[] = []
function create(changes: Partial<Options> = {}, context = tinyContext): Trainer {
  const tiny = { netG: 'resnet_3blocks', cropSizePx: 32, ngf: 2, ndf: 2, nLayersD: 2, poolSize: 2 }
  const trainer = trainers.cyclegan(recipes.cyclegan.options.parse({ ...tiny, ...changes }), context)
  open.push(trainer)
  return trainer
}
afterEach(() => {
  for (const trainer of open.splice(0)) trainer.dispose()
})

const valuesOf = (trainer: Trainer) => new Map(trainer.state().map(({ name, data }) => [name, data()]))

describe('a step', () => {
  it('returns the losses that the recipe declares, without identity or R1 where nobody asks for it', async () => {
    const declared = recipes.cyclegan.losses.map(({ id }) => id)
    expect(Object.keys(await create({ r1Gamma: 1 }).train(tinyBatch(1))).toSorted()).toEqual(
      declared.toSorted(),
    )
    const without = Object.keys(await create({ lambdaIdentity: 0 }).train(tinyBatch(1)))
    expect(without.toSorted()).toEqual(
      declared.filter((id) => id !== 'R1' && !id.startsWith('idt')).toSorted(),
    )
  })

  it('moves every number of both judges and something in every tensor of both generators', async () => {
    const trainer = create()
    const before = valuesOf(trainer)
    await trainSteps(trainer, 1, 2)
    const after = valuesOf(trainer)
    for (const [name, values] of before) {
      if (!/^net[GD]_[AB]\//.test(name)) continue
      const moved = values.filter((value, index) => value !== after.get(name)?.[index]).length
      if (!hasEffect(name)) expect(moved, name).toBe(0)
      else if (name.startsWith('netD')) expect(moved, name).toBe(values.length)
      else expect(moved, name).toBeGreaterThan(0)
    }
  })

  it('keeps the updates apart: what the generators are taught leaves the judges of the first step as they are', async () => {
    const one = create({ lambdaA: 10 })
    const other = create({ lambdaA: 0 })
    for (const trainer of [one, other]) await trainSteps(trainer, 1, 1)
    const [first, second] = [valuesOf(one), valuesOf(other)]
    for (const [name, values] of first)
      if (/^netD_[AB]\//.test(name)) expect(second.get(name), name).toEqual(values)
    expect(second.get('netG_A/stem.weight')).not.toEqual(first.get('netG_A/stem.weight'))
  })

  it('leaves no tensor behind, over 60 steps', async () => {
    const trainer = create()
    await trainSteps(trainer, 1, 3)
    const before = tf.memory().numTensors
    await trainSteps(trainer, 4, 63)
    await trainer.visuals({ realA: noise(1), realB: noise(2) }, 'running')
    fingerprint(trainer)
    expect(tf.memory().numTensors).toBe(before)
    trainer.dispose()
    open.pop()
  }, 120_000)

  it('learns the way back: what is lost in a cycle falls', async () => {
    const trainer = create({ lambdaIdentity: 0, ngf: 4 })
    const lost: number[] = []
    for (let step = 1; step <= 40; step += 1)
      lost.push((await trainer.train({ ...tinyBatch(1), step, learningRate: 2e-3 })).cycle_A ?? NaN)
    expect(lost.at(-1)).toBeLessThan(0.85 * (lost[0] ?? 0))
  }, 60_000)

  it.each([
    { netG: 'unet_64', cropSizePx: 64, nLayersD: 3 },
    { norm: 'batch' },
    { ganLoss: 'vanilla' },
    { upsampling: 'resize' },
    { dropout: true },
    { poolSize: 0 },
  ] as const)('works with %j', async (changes) => {
    const side = 'cropSizePx' in changes ? changes.cropSizePx : 32
    const shape = [1, side, side, 3] as const
    const flat = { shape, data: new Float32Array(side * side * 3).fill(0.25) }
    const losses = await create(changes).train({ ...tinyBatch(1), realA: flat, realB: flat })
    for (const value of Object.values(losses)) expect(Number.isFinite(value)).toBe(true)
  })

  it('takes other channels on each side and several pictures, without identity', async () => {
    const context = { inputChannels: 1, outputChannels: 4, scale: 1 }
    const trainer = create({ lambdaIdentity: 0 }, context)
    const pictures = { realA: noise(1, 1, 3), realB: noise(2, 4, 3) }
    for (const step of [1, 2, 3]) await trainer.train({ ...tinyBatch(step), ...pictures })
    const { fakeA, fakeB, idtA } = await trainer.visuals(pictures, 'running')
    expect([fakeA?.shape, fakeB?.shape, idtA]).toEqual([[3, 32, 32, 1], [3, 32, 32, 4], undefined])
    expect(() => create({}, context)).toThrow('1 and 4 channels')
  })
})

describe('the state', () => {
  it('resumes to the bits of a run that never stopped, pools included, at any moment', async () => {
    const unbroken = create()
    await trainSteps(unbroken, 1, 8)
    for (const stop of [1, 2, 5]) {
      const first = create()
      await trainSteps(first, 1, stop)
      const resumed = create({ seed: 2 })
      resumed.loadState(first.state())
      await trainSteps(resumed, stop + 1, 8)
      expect(fingerprint(resumed)).toBe(fingerprint(unbroken))
    }
  })

  it('depends on the pool: another history gives other judges', async () => {
    const trainer = create({ poolSize: 1 })
    await trainSteps(trainer, 1, 3)
    const forgetful = create({ poolSize: 0 })
    await trainSteps(forgetful, 1, 3)
    expect(valuesOf(trainer).get('netD_A/layer1.weight')).not.toEqual(
      valuesOf(forgetful).get('netD_A/layer1.weight'),
    )
  })

  it('hands out the generator of the direction it was asked for', () => {
    const trainer = create()
    const [first] = trainer.generator().tensors
    expect(first?.data()).toEqual(valuesOf(trainer).get(`netG_A/${first?.name}`))
  })
})

it('shows what the recipe declares and leaves the state alone', async () => {
  const trainer = create()
  const before = fingerprint(trainer)
  const visuals = await trainer.visuals({ realA: noise(1), realB: noise(2) }, 'running')
  expect(Object.keys(visuals).toSorted()).toEqual(recipes.cyclegan.visuals.map(({ id }) => id).toSorted())
  expect(fingerprint(trainer)).toBe(before)
})

describe('the pool', () => {
  it('fills first, then swaps half of the time, over all of its slots, the same every time', () => {
    const decisions = Array.from({ length: 4000 }, (_, position) => decide(50, 3, position))
    expect(decisions.slice(0, 50)).toEqual(
      Array.from({ length: 50 }, (_, slot) => ({ show: 'fresh', keepIn: slot })),
    )
    const swaps = decisions.slice(50).filter(({ show }) => show === 'remembered')
    expect(swaps.length / 3950).toBeCloseTo(0.5, 1)
    expect(new Set(swaps.map(({ keepIn }) => keepIn)).size).toBe(50)
    expect(decide(50, 3, 1234)).toEqual(decisions[1234])
  })
})
