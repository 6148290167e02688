import { beforeAll, describe, expect, it } from 'vitest'
import { recipes } from '../../../src/core/recipes/index.ts'
import { openBackend } from '../../../src/engine/backends/index.ts'
import { createTrainer } from '../../../src/engine/recipes/index.ts'
import { randomUniform } from '../../../src/core/random.ts'

beforeAll(async () => {
  await openBackend({ threads: 2 })
})

const SIDE = 32
const classes = ['summer', 'autumn', 'winter']

/** What an untrained generator makes of one picture of this class, turned into the next. */
async function turned(own: number): Promise<Float32Array> {
  const options = recipes.attribute.options.parse({
    cropSizePx: SIDE,
    netG: 'resnet_3blocks',
    ngf: 4,
    ndf: 4,
    initGain: 0.2,
  })
  const trainer = createTrainer('attribute', options, {
    inputChannels: 3,
    outputChannels: 3,
    scale: 1,
    classes,
  })
  const shape = [1, SIDE, SIDE, 3] as const
  const data = Float32Array.from({ length: SIDE * SIDE * 3 }, (_, at) => 2 * randomUniform(7, at) - 1)
  const pictures = { shape, data }
  const { fakeB } = await trainer.visuals({ realA: pictures, realB: pictures, labels: [own] }, 'batch')
  trainer.dispose()
  return fakeB!.data
}

describe('the generator of the attribute recipe', () => {
  it('sees which class it is asked for, at every place: no norm takes it out again', async () => {
    const [one, other] = [await turned(0), await turned(1)]
    const spread = Math.max(...one) - Math.min(...one)
    const middle = SIDE * 3 * (SIDE / 2) + (SIDE / 2) * 3
    const difference = (from: number, to: number) =>
      one.slice(from, to).reduce((sum, value, at) => sum + Math.abs(value - other[from + at]!), 0) /
      (to - from)
    expect(difference(0, one.length)).toBeGreaterThan(spread / 200)
    expect(difference(middle, middle + 12)).toBeGreaterThan(spread / 200)
  })
})
