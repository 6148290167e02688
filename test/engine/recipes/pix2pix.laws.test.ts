import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { openBackend } from '../../../src/engine/backends/index.ts'
import { binding } from '../../../src/engine/backends/binding.ts'
import { tf } from '../../../src/engine/backends/tf.ts'
import { recipes } from '../../../src/core/recipes/index.ts'
import type { OptionsOf } from '../../../src/core/recipes/index.ts'
import { trainers } from '../../../src/engine/recipes/index.ts'
import type { Trainer } from '../../../src/engine/recipes/trainer.ts'
import { fingerprint, noise, tinyBatch, tinyContext, tinyOptions, trainSteps } from '../support/tinyRun.ts'

beforeAll(async () => {
  await openBackend({ threads: 2 })
})

const open: Trainer[] = []
function create(changes: Partial<OptionsOf<'pix2pix'>> = {}, context = tinyContext): Trainer {
  const trainer = trainers.pix2pix(tinyOptions(changes), context)
  open.push(trainer)
  return trainer
}
afterEach(() => {
  for (const trainer of open.splice(0)) trainer.dispose()
})

const valuesOf = (trainer: Trainer) => new Map(trainer.state().map(({ name, data }) => [name, data()]))
const parametersOf = (values: Map<string, Float32Array>, network: string) =>
  [...values].filter(([name]) => name.startsWith(`${network}/`) && !/\.(mean|variance)$/.test(name))

const tensorCounts = () => ({ tfjs: tf.memory().numTensors, native: tensorsOf(binding()) })
function tensorsOf(native: object): number {
  return (native as { getNumOfTensors(): number }).getNumOfTensors()
}

describe('the generator that nobody chose', () => {
  it.each([
    [256, 'unet_256'],
    [512, 'unet_256'],
    [128, 'unet_128'],
    [96, 'unet_32'],
    [100, 'resnet_9blocks'],
  ])('fits squares of %i px: %s', (cropSizePx, architecture) => {
    expect(create({ netG: 'auto', cropSizePx }).generator().network.architecture).toBe(architecture)
  })

  it('is refused where none fits', () => {
    expect(() => create({ netG: 'auto', cropSizePx: 99 })).toThrow('multiple of 4')
  })
})

describe('a step', () => {
  it('moves every tensor of both networks, and learns: the distance to the true picture falls', async () => {
    const trainer = create({ dropout: false })
    const before = valuesOf(trainer)
    const flat = noise(3)
    flat.data.fill(0.5)
    const batch = { ...tinyBatch(1), realB: flat, learningRate: 2e-3 }
    const distances: number[] = []
    for (let step = 1; step <= 40; step += 1) distances.push((await trainer.train({ ...batch, step })).G_L1!)
    const after = valuesOf(trainer)
    // Not every number of netG: the innermost kernels see padding only at their rims, where nothing can be learned.
    for (const [name, values] of parametersOf(before, 'netG'))
      expect(
        values.some((value, index) => value !== after.get(name)![index]),
        name,
      ).toBe(true)
    for (const [name, values] of parametersOf(before, 'netD'))
      expect(
        values.every((value, index) => value !== after.get(name)![index]),
        name,
      ).toBe(true)
    expect(distances.at(-1)!).toBeLessThan(0.5 * distances[0]!)
  })

  it('keeps the two updates apart: what netG is taught leaves the update of netD as it is', async () => {
    const one = create({ lambdaL1: 100 })
    await trainSteps(one, 1, 1)
    const first = valuesOf(one)

    const taughtOtherwise = create({ lambdaL1: 0 })
    await trainSteps(taughtOtherwise, 1, 1)
    const second = valuesOf(taughtOtherwise)
    for (const [name, values] of parametersOf(first, 'netD')) expect(second.get(name), name).toEqual(values)
    expect(parametersOf(first, 'netG')).not.toEqual(parametersOf(second, 'netG'))
  })

  it('returns the losses that the recipe declares', async () => {
    const losses = await create({ r1Gamma: 1 }).train(tinyBatch(1))
    expect(Object.keys(losses).toSorted()).toEqual(recipes.pix2pix.losses.map(({ id }) => id).toSorted())
  })

  it('leaves no tensor behind, over 200 steps', async () => {
    const trainer = create()
    await trainSteps(trainer, 1, 2)
    const before = tensorCounts()
    await trainSteps(trainer, 3, 202)
    await trainer.visuals({ realA: noise(1), realB: noise(2) }, 'running')
    fingerprint(trainer)
    expect(tensorCounts()).toEqual(before)
  }, 120_000)

  it.each([
    { netG: 'resnet_3blocks' },
    { norm: 'instance' },
    { norm: 'none' },
    { ganLoss: 'lsgan' },
    { upsampling: 'resize' },
    { init: 'xavier' },
    { nLayersD: 1 },
  ] as const)('works with %j', async (changes) => {
    const [losses] = await trainSteps(create(changes), 1, 1)
    for (const value of Object.values(losses!)) expect(Number.isFinite(value)).toBe(true)
  })

  it('takes any number of channels and pictures', async () => {
    const trainer = create({}, { inputChannels: 1, outputChannels: 4, scale: 1 })
    const losses = await trainer.train({ ...tinyBatch(1), realA: noise(1, 1, 3), realB: noise(2, 4, 3) })
    expect(Number.isFinite(losses.G_L1)).toBe(true)
    const { fakeB } = await trainer.visuals({ realA: noise(1, 1, 3), realB: noise(2, 4, 3) }, 'batch')
    expect(fakeB!.shape).toEqual([3, 32, 32, 4])
  })

  it('runs without TensorFlow too, to the same losses', async () => {
    const native = await trainSteps(create({ dropout: false }), 1, 3)
    await tf.setBackend('cpu')
    const slow = trainers.pix2pix(tinyOptions({ dropout: false }), tinyContext)
    try {
      const fallback = await trainSteps(slow, 1, 3)
      for (const [step, losses] of native.entries())
        for (const [name, value] of Object.entries(losses))
          expect(fallback[step]![name]! / value).toBeCloseTo(1, 3)
    } finally {
      slow.dispose()
      await tf.setBackend('tensorflow')
    }
  })
})

describe('the state', () => {
  it('resumes to the bits of a run that never stopped', async () => {
    const unbroken = create()
    await trainSteps(unbroken, 1, 6)
    const first = create()
    await trainSteps(first, 1, 3)
    const resumed = create({ seed: 2 })
    resumed.loadState(first.state())
    await trainSteps(resumed, 4, 6)
    expect(fingerprint(resumed)).toBe(fingerprint(unbroken))
  })

  it('is the same for the same seed, in this process and in another, and different for another seed', async () => {
    const trainer = create()
    await trainSteps(trainer, 1, 8)
    const script = new URL('../support/printFingerprint.ts', import.meta.url).pathname
    const { stdout } = await promisify(execFile)(process.execPath, [script])
    expect(stdout).toBe(fingerprint(trainer))
    const other = create({ seed: 2 })
    await trainSteps(other, 1, 8)
    expect(fingerprint(other)).not.toBe(stdout)
  })

  it('is refused whole when a tensor is missing, unknown or of another shape', () => {
    const trainer = create()
    const before = fingerprint(trainer)
    const saved = trainer.state()
    const strange = { name: 'netG/strange', shape: [1], data: () => new Float32Array(1) }
    expect(() => trainer.loadState(saved.slice(1))).toThrow('netG/down1.weight is missing')
    expect(() => trainer.loadState([...saved, strange])).toThrow('netG/strange is unknown')
    expect(() => trainer.loadState(create({ ngf: 3 }).state())).toThrow('has another shape')
    expect(fingerprint(trainer)).toBe(before)
  })

  it('has unique names, and the generator alone under bare names', () => {
    const trainer = create()
    const names = trainer.state().map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
    const { network, tensors } = trainer.generator()
    expect(tensors.map(({ name }) => name)).toEqual(
      [...network.parameters, ...network.statistics].map(({ name }) => name),
    )
    const first = trainer.state().find(({ name }) => name === `netG/${tensors[0]!.name}`)
    expect(tensors[0]!.data()).toEqual(first!.data())
  })

  it('is freed with the trainer', () => {
    const before = tensorCounts()
    create()
    for (const trainer of open.splice(0)) trainer.dispose()
    expect(tensorCounts()).toEqual(before)
  })
})

describe('visuals', () => {
  it('are what the recipe declares, repeatable, each picture by itself, and leave the state alone', async () => {
    const trainer = create()
    await trainSteps(trainer, 1, 2)
    const before = fingerprint(trainer)
    for (const norm of ['batch', 'running'] as const) {
      const both = await trainer.visuals({ realA: noise(1, 3, 2), realB: noise(2, 3, 2) }, norm)
      expect(Object.keys(both)).toEqual(recipes.pix2pix.visuals.map(({ id }) => id))
      const alone = await trainer.visuals({ realA: noise(1, 3, 1), realB: noise(2, 3, 1) }, norm)
      expect(both.fakeB!.data.slice(0, 32 * 32 * 3)).toEqual(alone.fakeB!.data)
    }
    expect(fingerprint(trainer)).toBe(before)
  })
})

it.each([
  [{ netG: 'unet_64' }, 'a multiple of 64'],
  [{ nLayersD: 5 }, 'at least 96 px'],
] as const)('refuses a crop size that the networks cannot work at: %j', (changes, remedy) => {
  expect(() => create(changes)).toThrow(remedy)
})
