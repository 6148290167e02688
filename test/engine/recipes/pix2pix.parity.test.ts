import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { recipes } from '../../../src/core/recipes/index.ts'
import { openBackend } from '../../../src/engine/backends/index.ts'
import { trainers } from '../../../src/engine/recipes/index.ts'
import type { Pictures, Trainer } from '../../../src/engine/recipes/trainer.ts'
import { manifest, pick, readFixtures } from '../support/fixtures.ts'
import type { Fixture, StepsCase } from '../support/fixtures.ts'
import { differenceOf, norm } from '../support/numbers.ts'

beforeAll(async () => {
  await openBackend({ threads: 2 })
})

let trainer: Trainer | undefined
afterEach(() => {
  trainer?.dispose()
  trainer = undefined
})

function createLike({ settings, size }: StepsCase): Trainer {
  const { inputNc, outputNc, netG, ...rest } = settings
  const options = recipes.pix2pix.options.parse({ ...rest, dropout: false, cropSizePx: size })
  // The declaration offers fewer depths than the engine builds.
  trainer = trainers.pix2pix(Object.assign(options, { netG }), {
    inputChannels: inputNc,
    outputChannels: outputNc,
  })
  return trainer
}

/** Puts PyTorch's weights, statistics and moments before step k into the trainer; moments are absent before the first. */
function enter(into: Trainer, fixtures: ReadonlyMap<string, Fixture>, step: number): void {
  into.loadState(
    into.state().map(({ name, shape, data }) => {
      const saved = fixtures.get(`step${step}/${name}`)
      if (!saved) expect(name.includes('.adam.') && step === 1, `${name} in step ${step}`).toBe(true)
      return { name, shape: saved?.shape ?? shape, data: () => saved?.data ?? data().fill(0) }
    }),
  )
}

function picturesOf({ shape, data }: Fixture): Pictures {
  return { shape: shape as unknown as Pictures['shape'], data }
}

function valuesOf(from: Trainer): Map<string, Float32Array> {
  return new Map(from.state().map(({ name, data }) => [name, data()]))
}

function takeStep(
  into: Trainer,
  { settings }: StepsCase,
  fixtures: ReadonlyMap<string, Fixture>,
  step: number,
) {
  const [realA, realB] = ['realA', 'realB'].map((name) => picturesOf(pick(fixtures, `step${step}/${name}`)))
  return into.train({ step, learningRate: settings.learningRate, seed: 1, realA: realA!, realB: realB! })
}

function isCancelled({ cancelled }: StepsCase, name: string): boolean {
  const [network, parameter] = name.split('/') as ['netG' | 'netD', string]
  return cancelled[network].includes(parameter)
}

describe.each(manifest.steps)('$name', (one) => {
  const fixtures = readFixtures(one.file)

  it.each([1, 2, 3])('computes the losses and gradients of PyTorch in step %i', async (step) => {
    const own = createLike(one)
    enter(own, fixtures, step)
    const before = valuesOf(own)
    const losses = await takeStep(own, one, fixtures, step)
    const after = valuesOf(own)

    for (const [name, expected] of Object.entries(one.steps[step - 1]!.losses))
      expect(Math.abs(losses[name]! / expected - 1), name).toBeLessThan(1e-4)
    for (const [name, gradient] of fixtures) {
      if (!name.startsWith(`step${step}/`) || !name.includes('.gradient/')) continue
      const parameter = name.slice(`step${step}/`.length)
      if (isCancelled(one, parameter.replace('.gradient', ''))) continue
      // Adam's first moment tells the gradient that it was given: m' = beta1 m + (1 - beta1) gradient.
      const slot = parameter.replace('.gradient', '.adam.m')
      const seen = pick(after, slot).map(
        (value, index) =>
          (value - one.settings.beta1 * pick(before, slot)[index]!) / (1 - one.settings.beta1),
      )
      const error = norm(differenceOf(seen, gradient.data)) / norm(gradient.data)
      expect(error, parameter).toBeLessThan(1e-3)
    }
  })

  it('drifts from exact arithmetic over three steps at most three times as far as PyTorch does', async () => {
    const own = createLike(one)
    enter(own, fixtures, 1)
    for (const step of [1, 2, 3]) await takeStep(own, one, fixtures, step)
    const values = valuesOf(own)
    const [drift, allowed] = Object.keys(one.weightError)
      .filter((name) => !isCancelled(one, name))
      .reduce(
        ([sum, bound], name) => [
          sum + norm(differenceOf(pick(values, name), pick(fixtures, `afterFloat64/${name}`).data)) ** 2,
          bound + one.weightError[name]!.norm ** 2,
        ],
        [0, 0] as [number, number],
      )
    expect(Math.sqrt(drift)).toBeLessThanOrEqual(3 * Math.sqrt(allowed))
  })
})
