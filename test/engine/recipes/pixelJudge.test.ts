import { beforeAll, expect, it } from 'vitest'
import { openBackend } from '../../../src/engine/backends/index.ts'
import { createTiny, trainSteps } from '../support/tinyRun.ts'

beforeAll(async () => {
  await openBackend({ threads: 2 })
})

const cases = {
  pix2pix: { netG: 'unet_32' },
  cyclegan: { netG: 'resnet_3blocks' },
  cut: { netG: 'resnet_3blocks', patches: 8, projectionWidth: 4 },
  fastcut: { netG: 'resnet_3blocks', patches: 8, projectionWidth: 4 },
  restore: { netG: 'residual_4blocks', lambdaGAN: 0.1 },
} as const

it.each(Object.keys(cases) as (keyof typeof cases)[])(
  '%s learns with a judge of single pixels: every weight of the judge moves, R1 included',
  async (id) => {
    const { trainer, batchOf } = createTiny(id, { ...cases[id], netD: 'pixel', r1Gamma: 1 })
    try {
      const judges = () =>
        new Map(
          trainer
            .state()
            .filter(({ name }) => /^netD(_[AB])?\/layer/.test(name))
            .map(({ name, shape, data }) => [name, { shape, values: data() }]),
        )
      const before = judges()
      expect([...before.values()].every(({ shape }) => shape.length === 1 || shape[0] === 1)).toBe(true)
      const [losses] = await trainSteps(trainer, 1, 2, batchOf)
      expect(Object.values(losses!).every(Number.isFinite)).toBe(true)
      // An instance norm takes the bias before it away again.
      for (const [name, { values }] of judges())
        if (!name.endsWith('layer2.bias')) expect(values, name).not.toEqual(before.get(name)!.values)
    } finally {
      trainer.dispose()
    }
  },
)

it('takes squares in which a judge of patches would see nothing', () => {
  const small = { netG: 'unet_16', cropSizePx: 16, nLayersD: 3 }
  expect(() => createTiny('pix2pix', small)).toThrow('sees nothing in squares of 16 px')
  createTiny('pix2pix', { ...small, netD: 'pixel' }).trainer.dispose()
})
