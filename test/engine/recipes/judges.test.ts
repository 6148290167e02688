import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { recipes, recipeIds, type RecipeId } from '../../../src/core/recipes/index.ts'
import { openBackend } from '../../../src/engine/backends/index.ts'
import { tf } from '../../../src/engine/backends/tf.ts'
import type { Beside, Pictures, Trainer } from '../../../src/engine/recipes/trainer.ts'
import { createTiny, fingerprint, noise, trainSteps } from '../support/tinyRun.ts'

beforeAll(async () => {
  await openBackend({ threads: 2 })
})

const changes: Partial<Record<RecipeId, Record<string, unknown>>> = {
  pix2pix: { netG: 'unet_32' },
  cyclegan: { netG: 'resnet_3blocks' },
  cut: { netG: 'resnet_3blocks', patches: 8, projectionWidth: 4 },
  fastcut: { netG: 'resnet_3blocks', patches: 8, projectionWidth: 4 },
  restore: { netG: 'residual_4blocks', lambdaGAN: 0.1 },
  attribute: { netG: 'resnet_3blocks' },
}

/** The names of judges where there is more than one. */
const seats: Partial<Record<RecipeId, string[]>> = { cyclegan: ['D_A', 'D_B'], bicyclegan: ['D2', 'D'] }

const open: Trainer[] = []
afterEach(() => {
  for (const trainer of open.splice(0)) trainer.dispose()
})

function besideFor(told: { given: boolean; label: boolean }): Beside {
  return { ...(told.given && { given: noise(7) }), ...(told.label && { label: 1 }) }
}

const sum = ({ data }: Pictures) => data.reduce((all, value) => all + value, 0)

describe.each(recipeIds)('the judge of %s', (id) => {
  it('is there, says other things of other pictures, is set against what the gallery shows, and moves nothing', async () => {
    const { trainer, batchOf } = createTiny(id, changes[id])
    open.push(trainer)
    await trainSteps(trainer, 1, 2, batchOf)
    const { judges = [] } = trainer
    expect(judges.map(({ id: name }) => name)).toEqual(seats[id] ?? ['D'])
    const before = fingerprint(trainer)
    const tensors = tf.memory().numTensors
    const inputs = { realA: noise(1), realB: noise(2), labels: [2], row: 3 }
    const shown = await trainer.visuals(inputs, 'running')
    for (const judge of judges) {
      const beside = besideFor(judge.told)
      const one = await judge.judge(noise(3), beside, 'running')
      expect(one.shape[0]).toBe(1)
      expect(one.data.every(Number.isFinite)).toBe(true)
      expect(sum(await judge.judge(noise(4), beside, 'running'))).not.toBe(sum(one))
      expect(await judge.judge(noise(3), beside, 'running')).toEqual(one)
      const made = judge.real === 'realB' ? shown[recipes[id].made] : shown['fakeA']
      expect(await judge.make(inputs, 'running')).toEqual(made)
    }
    expect(tf.memory().numTensors).toBe(tensors)
    expect(fingerprint(trainer)).toBe(before)
  })
})

describe('what a judge is told besides the picture', () => {
  it('counts: what it was made of', async () => {
    const { trainer } = createTiny('pix2pix', changes.pix2pix)
    open.push(trainer)
    const [judge] = trainer.judges!
    const of = async (seed: number) => sum(await judge!.judge(noise(3), { given: noise(seed) }, 'running'))
    expect(await of(1)).not.toBe(await of(2))
    await expect(judge!.judge(noise(3), {}, 'running')).rejects.toThrow()
  })

  it('counts: its class, once the judge has learned from classes', async () => {
    const { trainer, batchOf } = createTiny('cgan')
    open.push(trainer)
    await trainSteps(trainer, 1, 2, batchOf)
    const [judge] = trainer.judges!
    const of = async (label: number) => sum(await judge!.judge(noise(3), { label }, 'running'))
    expect(await of(0)).not.toBe(await of(1))
  })
})
