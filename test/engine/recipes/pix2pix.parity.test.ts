import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { recipes } from '../../../src/core/recipes/index.ts'
import { openBackend } from '../../../src/engine/backends/index.ts'
import { trainers } from '../../../src/engine/recipes/index.ts'
import type { Trainer } from '../../../src/engine/recipes/trainer.ts'
import { manifest, pick, readFixtures } from '../support/fixtures.ts'
import type { Fixture, StepsCase } from '../support/fixtures.ts'
import { differenceOf, norm } from '../support/numbers.ts'
import { batchOf, enter, expectGradients, expectLosses, valuesOf } from '../support/parity.ts'

type Fixtures = ReadonlyMap<string, Fixture>

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
    scale: 1,
  })
  return trainer
}

function takeStep(into: Trainer, { settings }: StepsCase, fixtures: Fixtures, step: number) {
  return into.train({ step, learningRate: settings.learningRate, seed: 1, ...batchOf(fixtures, step) })
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
    expectLosses(losses, one.steps[step - 1]!.losses)
    const states = { before, after: valuesOf(own) }
    expectGradients(fixtures, step, one.settings.beta1, states, (name) => isCancelled(one, name))
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
