import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ANSWERS } from '../../../src/core/recipes/bicyclegan.ts'
import { recipes } from '../../../src/core/recipes/index.ts'
import { binding } from '../../../src/engine/backends/binding.ts'
import { openBackend } from '../../../src/engine/backends/index.ts'
import { setRecording } from '../../../src/engine/backends/recorded.ts'
import { tf } from '../../../src/engine/backends/tf.ts'
import { trainers } from '../../../src/engine/recipes/index.ts'
import type { Pictures, Trainer } from '../../../src/engine/recipes/trainer.ts'
import { fingerprint, noise, tinyBatch, tinyContext, trainSteps } from '../support/tinyRun.ts'

beforeAll(async () => {
  await openBackend({ threads: 2 })
})

// A few steps are sooner taken than recorded; that both give the same bits is a law of its own (backends/recorded.test.ts).
beforeEach(() => setRecording(false))

const LATENT = 4
const open: Trainer[] = []
function create(changes: Record<string, unknown> = {}, context = tinyContext): Trainer {
  const tiny = { cropSizePx: 32, ngf: 4, ndf: 4, nef: 4, nLayersD: 2, latent: LATENT }
  const trainer = trainers.bicyclegan(recipes.bicyclegan.options.parse({ ...tiny, ...changes }), context)
  open.push(trainer)
  return trainer
}
afterEach(() => {
  setRecording(true)
  for (const trainer of open.splice(0)) trainer.dispose()
})

const valuesOf = (trainer: Trainer) => new Map(trainer.state().map(({ name, data }) => [name, data()]))
const weightsOf = (values: Map<string, Float32Array>, network: string) =>
  [...values].filter(([name]) => name.startsWith(`${network}/`))
const tensorCounts = () => ({
  tfjs: tf.memory().numTensors,
  native: (binding() as unknown as { getNumOfTensors(): number }).getNumOfTensors(),
})
/** Of a square of 32 px: the outermost and the innermost layers of either network have no norm. */
const isBeforeNorm = (name: string) =>
  /^netG\/(down[234]|up[2345])\.bias$|^netD2?\/layer[23]\.bias$/.test(name)

describe('a step', () => {
  it('moves every tensor of all four networks but the biases that a norm takes away', async () => {
    const trainer = create()
    const before = valuesOf(trainer)
    await trainSteps(trainer, 1, 3)
    const after = valuesOf(trainer)
    const weights = ['netG', 'netE', 'netD', 'netD2'].flatMap((name) => weightsOf(before, name))
    expect(weights.length).toBeGreaterThan(40)
    for (const [name, values] of weights)
      expect(
        values.some((value, index) => value !== after.get(name)![index]),
        name,
      ).toBe(!isBeforeNorm(name))
  })

  it('teaches the encoder nothing of codes that it reads from made pictures, and the generator much', async () => {
    const [free, taught] = [create({ lambdaZ: 0 }), create({ lambdaZ: 5 })]
    for (const one of [free, taught]) await one.train(tinyBatch(1))
    const [first, second] = [valuesOf(free), valuesOf(taught)]
    expect(weightsOf(first, 'netE')).toEqual(weightsOf(second, 'netE'))
    expect(weightsOf(first, 'netD2')).toEqual(weightsOf(second, 'netD2'))
    expect(weightsOf(first, 'netG')).not.toEqual(weightsOf(second, 'netG'))
  })

  it('learns: made with their own codes pictures come closer, and drawn codes can be read back', async () => {
    setRecording(true)
    const trainer = create({ lambdaL1: 1, latent: 1, norm: 'none' })
    const losses: Record<string, number>[] = []
    for (let step = 1; step <= 500; step += 1) {
      const pair = tinyBatch((step % 2) + 1)
      // Of one picture there are two answers, dark and bright.
      pair.realB.data.fill(step % 2 === 0 ? 0.8 : -0.8)
      losses.push(await trainer.train({ ...pair, realA: noise(1), step, learningRate: 2e-3 }))
    }
    const meanOf = (part: Record<string, number>[], name: string) =>
      part.reduce((sum, one) => sum + one[name]!, 0) / part.length
    for (const name of ['G_L1', 'G_z'])
      expect(meanOf(losses.slice(-40), name), name).toBeLessThan(0.6 * meanOf(losses.slice(0, 40), name))
    const shown = await trainer.visuals({ realA: noise(1), realB: noise(2) }, 'running')
    const brightness = ANSWERS.map((id) => meanOfPicture(shown[id]!))
    expect(Math.max(...brightness) - Math.min(...brightness)).toBeGreaterThan(0.4)
  })

  it('tells the losses that the recipe declares', async () => {
    const losses = await create({ r1Gamma: 1 }).train(tinyBatch(1))
    expect(Object.keys(losses).toSorted()).toEqual(recipes.bicyclegan.losses.map(({ id }) => id).toSorted())
  })

  it('leaves no tensor behind, and is freed with the trainer', async () => {
    setRecording(true)
    const empty = tensorCounts()
    const trainer = create()
    await trainSteps(trainer, 1, 2)
    const before = tensorCounts()
    await trainSteps(trainer, 3, 12)
    await trainer.visuals({ realA: noise(1), realB: noise(2) }, 'running')
    expect(tensorCounts()).toEqual(before)
    for (const one of open.splice(0)) one.dispose()
    expect(tensorCounts()).toEqual(empty)
  })

  it.each([{ emaDecay: 0.9, diffAugment: true }, { accumulate: 2 }] as const)(
    'resumes to the bits of a run that never stopped: %j',
    async (changes) => {
      const pictures = 'accumulate' in changes ? 2 : 1
      const batchOf = (step: number) => ({
        ...tinyBatch(step),
        realA: noise(2 * step, 3, pictures),
        realB: noise(2 * step + 1, 3, pictures),
      })
      const unbroken = create(changes)
      await trainSteps(unbroken, 1, 4, batchOf)
      const first = create(changes)
      await trainSteps(first, 1, 2, batchOf)
      const resumed = create({ ...changes, seed: 2 })
      resumed.loadState(first.state())
      await trainSteps(resumed, 3, 4, batchOf)
      expect(fingerprint(resumed)).toBe(fingerprint(unbroken))
    },
  )
})

function meanOfPicture({ data }: Pictures): number {
  return data.reduce((sum, value) => sum + value, 0) / data.length
}

describe('what is shown', () => {
  it('is another picture for each code, and the same for the same; the state stays as it is', async () => {
    const trainer = create()
    await trainSteps(trainer, 1, 2)
    const before = fingerprint(trainer)
    const inputs = { realA: noise(3), realB: noise(4) }
    const shown = await trainer.visuals(inputs, 'running')
    expect(Object.keys(shown).toSorted()).toEqual(recipes.bicyclegan.visuals.map(({ id }) => id).toSorted())
    const made = ['fakeB', 'recB', ...ANSWERS].map((id) =>
      Buffer.from(shown[id]!.data.buffer).toString('hex'),
    )
    expect(new Set(made).size).toBe(made.length)
    expect(await trainer.visuals(inputs, 'running')).toEqual(shown)
    expect(fingerprint(trainer)).toBe(before)
  })

  it('is made of each picture by itself, with the code of its own partner', async () => {
    const trainer = create()
    await trainSteps(trainer, 1, 2)
    const [realA, realB] = [noise(3, 3, 2), noise(4, 3, 2)]
    const second = ({ shape: [, ...rest], data }: Pictures): Pictures => ({
      shape: [1, ...rest],
      data: data.subarray(data.length / 2),
    })
    const both = await trainer.visuals({ realA, realB }, 'running')
    const alone = await trainer.visuals({ realA: second(realA), realB: second(realB) }, 'running')
    for (const id of ['fakeB', 'recB', ...ANSWERS])
      expect(second(both[id]!).data, id).toEqual(alone[id]!.data)
  })
})

describe('the model', () => {
  it('says that it is given a code, of which each value changes what it makes', async () => {
    const { network, condition, task } = create().generator()
    expect([condition, task]).toEqual([{ latent: LATENT, labels: [] }, undefined])
    expect([network.architecture, network.inputChannels, network.outputChannels]).toEqual([
      'unet_32',
      3 + LATENT,
      3,
    ])
    const weights = new Map(
      network.parameters.map(({ name, shape }, index) => [
        name,
        tf.randomNormal([...shape], 0, 0.1, 'float32', index),
      ]),
    )
    const paint = async (changed: number) => {
      const x = tf.tidy(() => {
        const code = tf.oneHot(tf.tensor1d([changed], 'int32'), LATENT, 1, 0, 'float32')
        const planes = tf.tile(tf.reshape(code, [1, 1, 1, LATENT]), [1, 32, 32, 1])
        return network.forward(
          tf.concat([tf.zeros([1, 32, 32, 3]), planes], 3) as Parameters<typeof network.forward>[0],
          (name) => weights.get(name)!,
          { norm: 'batch' },
        )
      })
      const values = await x.data()
      x.dispose()
      return Buffer.from(Float32Array.from(values).buffer).toString('hex')
    }
    const made = await Promise.all(
      [...Array.from({ length: LATENT }, (_, index) => index), LATENT].map(paint),
    )
    expect(new Set(made).size).toBe(LATENT + 1)
    tf.dispose([...weights.values()])
  })

  it('takes any number of channels', async () => {
    const trainer = create({}, { inputChannels: 1, outputChannels: 4, scale: 1 })
    const batch = { ...tinyBatch(1), realA: noise(1, 1, 2), realB: noise(2, 4, 2) }
    expect(Number.isFinite((await trainer.train(batch)).G_L1)).toBe(true)
    const { fakeB } = await trainer.visuals(batch, 'running')
    expect(fakeB!.shape).toEqual([2, 32, 32, 4])
  })

  it.each([
    [{ cropSizePx: 40 }, tinyContext, 'multiple of 16'],
    [{ cropSizePx: 32, netG: 'unet_64' }, tinyContext, 'multiple of 64'],
    [{}, { ...tinyContext, scale: 2 }, 'Choose a recipe that enlarges'],
  ])('is refused where it would not fit: %j', (changes, context, remedy) => {
    expect(() => create(changes, context)).toThrow(remedy)
  })
})
