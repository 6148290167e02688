import { readFileSync } from 'node:fs'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { recipes } from '../../../src/core/recipes/index.ts'
import { openBackend } from '../../../src/engine/backends/index.ts'
import { tf } from '../../../src/engine/backends/tf.ts'
import type { Tensor, Tensor4D } from '../../../src/engine/backends/tf.ts'
import { buildNetwork } from '../../../src/engine/networks/index.ts'
import { trainers } from '../../../src/engine/recipes/index.ts'
import { isMirroredStep } from '../../../src/engine/recipes/patches.ts'
import type { Trainer } from '../../../src/engine/recipes/trainer.ts'
import { below, pick, readFixtures, toTensor } from '../support/fixtures.ts'
import { differenceOf, largest, norm } from '../support/numbers.ts'
import { batchOf, enter, expectGradients, expectLosses, valuesOf } from '../support/parity.ts'

beforeAll(async () => {
  await openBackend({ threads: 2 })
})

const manifest = z
  .object({
    forward: z.array(
      z.object({
        name: z.string(),
        file: z.string(),
        network: z.string(),
        options: z.record(z.string(), z.unknown()),
        cancelled: z.array(z.string()),
      }),
    ),
    steps: z.array(
      z.object({
        name: z.string(),
        recipe: z.enum(['cut', 'fastcut']),
        file: z.string(),
        settings: z.looseObject({
          netG: z.string(),
          inputNc: z.number(),
          outputNc: z.number(),
          learningRate: z.number(),
          beta1: z.number(),
          flipEquivariance: z.boolean(),
        }),
        seed: z.number(),
        size: z.number(),
        cancelled: z.array(z.string()),
        steps: z.array(z.object({ mirrored: z.boolean(), losses: z.record(z.string(), z.number()) })),
      }),
    ),
  })
  .parse(JSON.parse(readFileSync(new URL('../../reference/manifest-cut.json', import.meta.url), 'utf8')))

describe.each(manifest.forward)('an antialiased $name', (one) => {
  const fixtures = readFixtures(one.file)
  const network = buildNetwork(one.network, one.options)
  const saved = below(fixtures, 'net')

  it('declares the tensors of the published network and gives the output and gradients of PyTorch', () => {
    expect(new Map(network.parameters.map(({ name, shape }) => [name, [...shape]]))).toEqual(
      new Map([...saved].map(([name, { shape }]) => [name, shape])),
    )
    const input = toTensor(pick(fixtures, 'input')) as Tensor4D
    const run = (...given: Tensor[]) => {
      const byName = new Map(network.parameters.map(({ name }, index) => [name, given[index]!]))
      return network.forward(input, (name) => pick(byName, name), { norm: 'batch' })
    }
    tf.tidy(() => {
      const weights = network.parameters.map(({ name }) => toTensor(pick(saved, name)))
      const output = pick(fixtures, 'output').data
      expect(largest(differenceOf(run(...weights).dataSync(), output))).toBeLessThan(1e-4)
      const probe = toTensor(pick(fixtures, 'probe'))
      const found = tf.grads((...given: Tensor[]) => tf.sum(tf.mul(run(...given), probe)))(weights)
      for (const [index, { name }] of network.parameters.entries()) {
        if (one.cancelled.includes(name)) continue
        const { data } = pick(fixtures, `gradient/${name}`)
        const error = norm(differenceOf(found[index]!.dataSync(), data)) / norm(data)
        expect(error, name).toBeLessThan(1e-3)
      }
    })
    input.dispose()
  })
})

let trainer: Trainer | undefined
afterEach(() => {
  trainer?.dispose()
  trainer = undefined
})

function createLike({ recipe, settings, size }: (typeof manifest.steps)[number]): Trainer {
  const { inputNc, outputNc, netG, ...rest } = settings
  const options = recipes[recipe].options.parse({ ...rest, cropSizePx: size })
  // The declaration offers fewer depths than the engine builds.
  trainer = trainers[recipe](Object.assign(options, { netG }), {
    inputChannels: inputNc,
    outputChannels: outputNc,
    scale: 1,
  })
  return trainer
}

describe.each(manifest.steps)('$recipe, $name', (one) => {
  const fixtures = readFixtures(one.file)
  const { seed, settings } = one

  it.each([1, 2, 3])('computes the losses and gradients of PyTorch in step %i', async (step) => {
    const { mirrored, losses } = one.steps[step - 1]!
    expect(settings.flipEquivariance && isMirroredStep(seed, step)).toBe(mirrored)
    const own = createLike(one)
    enter(own, fixtures, step)
    const before = valuesOf(own)
    const found = await own.train({
      step,
      seed,
      learningRate: settings.learningRate,
      ...batchOf(fixtures, step),
    })
    expectLosses(found, losses)
    expectGradients(fixtures, step, settings.beta1, { before, after: valuesOf(own) }, (name) =>
      one.cancelled.includes(name),
    )
  })
})

it('has cases of both recipes, mirrored and not', () => {
  expect(new Set(manifest.steps.map(({ recipe }) => recipe)).size).toBe(2)
  const mirrored = manifest.steps.filter(({ recipe }) => recipe === 'fastcut').flatMap(({ steps }) => steps)
  expect(new Set(mirrored.map((step) => step.mirrored)).size).toBe(2)
})
