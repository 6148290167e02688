import { readFileSync } from 'node:fs'
import { afterEach, beforeAll, describe, it } from 'vitest'
import { z } from 'zod'
import { recipes } from '../../../src/core/recipes/index.ts'
import { openBackend } from '../../../src/engine/backends/index.ts'
import { trainers } from '../../../src/engine/recipes/index.ts'
import type { Trainer } from '../../../src/engine/recipes/trainer.ts'
import { readFixtures } from '../support/fixtures.ts'
import { batchOf, enter, expectGradients, expectLosses, valuesOf } from '../support/parity.ts'

beforeAll(async () => {
  await openBackend({ threads: 2 })
})

const manifest = z
  .object({
    steps: z.array(
      z.object({
        name: z.string(),
        file: z.string(),
        settings: z.looseObject({ learningRate: z.number(), beta1: z.number() }),
        seed: z.number(),
        size: z.number(),
        cancelled: z.array(z.string()),
        steps: z.array(z.object({ losses: z.record(z.string(), z.number()) })),
      }),
    ),
  })
  .parse(
    JSON.parse(readFileSync(new URL('../../reference/manifest-bicyclegan.json', import.meta.url), 'utf8')),
  )

let trainer: Trainer | undefined
afterEach(() => {
  trainer?.dispose()
  trainer = undefined
})

describe.each(manifest.steps)('$name', ({ file, settings, seed, size, cancelled, steps }) => {
  const fixtures = readFixtures(file)

  it.each([1, 2, 3])('computes the losses and gradients of PyTorch in step %i', async (step) => {
    const options = recipes.bicyclegan.options.parse({ ...settings, cropSizePx: size })
    const own = trainers.bicyclegan(options, { inputChannels: 3, outputChannels: 3, scale: 1 })
    trainer = own
    enter(own, fixtures, step)
    const before = valuesOf(own)
    const { learningRate, beta1 } = settings
    const losses = await own.train({ step, seed, learningRate, ...batchOf(fixtures, step) })
    expectLosses(losses, steps[step - 1]!.losses)
    const states = { before, after: valuesOf(own) }
    expectGradients(fixtures, step, beta1, states, (name) => cancelled.includes(name))
  })
})
