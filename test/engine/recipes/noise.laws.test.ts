import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { recipes } from '../../../src/core/recipes/index.ts'
import { openBackend } from '../../../src/engine/backends/index.ts'
import { binding } from '../../../src/engine/backends/binding.ts'
import { tf } from '../../../src/engine/backends/tf.ts'
import { createTrainer } from '../../../src/engine/recipes/index.ts'
import type { TrainBatch, Trainer } from '../../../src/engine/recipes/trainer.ts'
import { randomUniform } from '../../../src/core/random.ts'
import { expectSameLosses } from '../support/numbers.ts'
import { fingerprint, opByOp } from '../support/tinyRun.ts'

beforeAll(async () => {
  await openBackend({ threads: 2 })
})

const ids = ['gan', 'cgan', 'wgan', 'wgan-gp'] as const
type Id = (typeof ids)[number]
const SIDE = 16
const COUNT = 4
const classes = ['round', 'square', 'flat']

const open: Trainer[] = []
function create(id: Id, changes: Record<string, unknown> = {}): Trainer {
  const options = recipes[id].options.parse({
    cropSizePx: SIDE,
    batchSize: COUNT,
    latent: 6,
    ngf: 2,
    ndf: 3,
    ...(id.startsWith('wgan') && { judgeRounds: 2 }),
    ...changes,
  })
  const trainer = createTrainer(id, options, { inputChannels: 3, outputChannels: 3, scale: 1, classes })
  open.push(trainer)
  return trainer
}
afterEach(() => {
  for (const trainer of open.splice(0)) trainer.dispose()
})

function batchOf(id: Id, step: number, count = COUNT): TrainBatch {
  const pictures = count * (id.startsWith('wgan') ? 2 : 1)
  const shape = [pictures, SIDE, SIDE, 3] as const
  const data = Float32Array.from(
    { length: pictures * SIDE * SIDE * 3 },
    (_, at) => 2 * randomUniform(step, at) - 1,
  )
  const labels = Array.from({ length: pictures }, (_, index) => (index + step) % classes.length)
  return { step, learningRate: 2e-4, seed: 5, realA: { shape, data }, realB: { shape, data }, labels }
}

async function trainSteps(
  id: Id,
  trainer: Trainer,
  from: number,
  to: number,
): Promise<Record<string, number>[]> {
  const losses = []
  for (let step = from; step <= to; step += 1) losses.push(await trainer.train(batchOf(id, step)))
  return losses
}

const valuesOf = (trainer: Trainer) => new Map(trainer.state().map(({ name, data }) => [name, data()]))
const counts = () => ({
  tfjs: tf.memory().numTensors,
  native: (binding() as unknown as { getNumOfTensors(): number }).getNumOfTensors(),
})

describe.each(ids)('%s', (id) => {
  it.each(['conv', 'dense'] as const)('moves every weight of both networks in a step: %s', async (netG) => {
    const trainer = create(id, { netG, normD: 'none' })
    const before = valuesOf(trainer)
    const [losses] = await trainSteps(id, trainer, 1, 2)
    for (const value of Object.values(losses!)) expect(Number.isFinite(value)).toBe(true)
    const after = valuesOf(trainer)
    for (const [name, values] of before)
      // A critic's last bias moves real and made pictures alike: it has no gradient.
      if (
        /^net[GD]\//.test(name) &&
        !/\.(mean|variance)$/.test(name) &&
        !(id.startsWith('wgan') && /netD\/(verdict|layer5)\.bias/.test(name))
      )
        expect(
          values.some((value, index) => value !== after.get(name)![index]),
          name,
        ).toBe(true)
  })

  it('tells the losses that it declares', async () => {
    const losses = await create(id, { r1Gamma: 1 }).train(batchOf(id, 1))
    expect(Object.keys(losses).toSorted()).toEqual(
      recipes[id].losses
        .map((one) => one.id)
        .filter((one) => one !== 'R1' || 'R1' in losses)
        .toSorted(),
    )
  })

  it('resumes to the bits of a run that never stopped, also with everything switched on', async () => {
    const all = { emaDecay: 0.9, clipNorm: 1, judgeRate: 2, diffAugment: true, r1Gamma: 0.5 }
    for (const changes of [{}, all]) {
      const unbroken = create(id, changes)
      await trainSteps(id, unbroken, 1, 4)
      const first = create(id, changes)
      await trainSteps(id, first, 1, 2)
      const resumed = create(id, { ...changes, seed: 2 })
      resumed.loadState(first.state())
      await trainSteps(id, resumed, 3, 4)
      expect(fingerprint(resumed)).toBe(fingerprint(unbroken))
    }
  })

  it('gives the same numbers recorded and op by op', async () => {
    const train = () => trainSteps(id, create(id, { diffAugment: true }), 1, 3)
    const recorded = await train()
    expectSameLosses(await opByOp(train), recorded, 1e-4)
  })

  it('leaves no tensor behind', async () => {
    const trainer = create(id, { emaDecay: 0.9 })
    await trainSteps(id, trainer, 1, 2)
    const before = counts()
    await trainSteps(id, trainer, 3, 30)
    await trainer.visuals({ ...batchOf(id, 1), row: 3 }, 'running')
    expect(counts()).toEqual(before)
  })

  it('shows the same picture for the same row, others for other rows, and leaves the state alone', async () => {
    const trainer = create(id)
    await trainSteps(id, trainer, 1, 2)
    const before = fingerprint(trainer)
    const show = async (row: number) => [
      ...(await trainer.visuals({ ...batchOf(id, 1), row }, 'running')).fakeB!.data,
    ]
    expect(await show(1)).toEqual(await show(1))
    expect(await show(1)).not.toEqual(await show(2))
    expect(fingerprint(trainer)).toBe(before)
  })

  it('hands over a generator that says what it is given', () => {
    const { network, task, condition, prefix, tensors } = create(id, { emaDecay: 0.5 }).generator()
    expect(task).toBe('generate')
    expect(prefix).toBe('netG.ema/')
    expect(condition).toEqual({ latent: 6, labels: id === 'cgan' ? classes : [] })
    expect(network.inputChannels).toBe(id === 'cgan' ? 9 : 6)
    expect(tensors.map(({ name }) => name)).toEqual(
      [...network.parameters, ...network.statistics].map(({ name }) => name),
    )
  })
})

describe('by label', () => {
  it('another label makes another picture of the same noise, once the embedding has been learned from', async () => {
    const trainer = create('cgan')
    await trainSteps('cgan', trainer, 1, 3)
    const show = async (label: number) => [
      ...(await trainer.visuals({ ...batchOf('cgan', 1), labels: [label], row: 1 }, 'running')).fakeB!.data,
    ]
    expect(await show(0)).not.toEqual(await show(1))
  })

  it('is refused without classes', () => {
    const options = recipes.cgan.options.parse({ cropSizePx: SIDE })
    expect(() => createTrainer('cgan', options, { inputChannels: 3, outputChannels: 3, scale: 1 })).toThrow(
      'recipe gan',
    )
  })
})

describe('the critic of WGAN', () => {
  it('keeps its weights within what they are clipped to', async () => {
    const trainer = create('wgan', { clipWeights: 0.005 })
    await trainSteps('wgan', trainer, 1, 2)
    for (const { name, data } of trainer.state())
      if (/^netD\/.*(weight|bias|scale|offset)$/.test(name))
        expect(
          data().every((value) => Math.abs(value) <= 0.005 + 1e-9),
          name,
        ).toBe(true)
  })

  it('learns as often as it is told before the generator does once: Adam counts its own steps', async () => {
    const trainer = create('wgan-gp', { judgeRounds: 2 })
    const before = valuesOf(trainer)
    await trainSteps('wgan-gp', trainer, 1, 1)
    const after = valuesOf(trainer)
    // beta1 is 0: the first moment is the last gradient; the second has seen two.
    const moved = (name: string) =>
      after.get(name)!.some((value, index) => value !== before.get(name)![index])
    expect(moved('netD.adam.v/verdict.weight')).toBe(true)
    expect(moved('netG.adam.v/project.weight')).toBe(true)
  })
})

it('sizes that cannot be made by doubling are refused', () => {
  expect(() => create('gan', { cropSizePx: 33 })).toThrow('28, 32, 48, 64')
  expect(create('gan', { cropSizePx: 28 }).generator().network.scale).toBe(28)
})
