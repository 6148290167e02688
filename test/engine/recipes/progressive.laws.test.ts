import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { recipes } from '../../../src/core/recipes/index.ts'
import { stageAt } from '../../../src/core/recipes/progressive.ts'
import { learningRateAt } from '../../../src/core/training/schedule.ts'
import { randomUniform } from '../../../src/core/random.ts'
import { openBackend } from '../../../src/engine/backends/index.ts'
import { setRecording } from '../../../src/engine/backends/recorded.ts'
import { createTrainer } from '../../../src/engine/recipes/index.ts'
import type { TrainBatch, Trainer } from '../../../src/engine/recipes/trainer.ts'
import { fingerprint } from '../support/tinyRun.ts'

beforeAll(async () => {
  await openBackend({ threads: 2 })
})

const SIDE = 16
const COUNT = 4
const STEPS = 12

const open: Trainer[] = []
function create(changes: Record<string, unknown> = {}): Trainer {
  const options = recipes.progressive.options.parse({
    ...{ cropSizePx: SIDE, batchSize: COUNT, latent: 6, ngf: 2, steps: STEPS },
    ...changes,
  })
  const trainer = createTrainer('progressive', options, { inputChannels: 3, outputChannels: 3, scale: 1 })
  open.push(trainer)
  return trainer
}
afterEach(() => {
  for (const trainer of open.splice(0)) trainer.dispose()
})

function batchOf(step: number): TrainBatch {
  const shape = [COUNT, SIDE, SIDE, 3] as const
  const data = Float32Array.from(
    { length: COUNT * SIDE * SIDE * 3 },
    (_, at) => 2 * randomUniform(step, at) - 1,
  )
  return { step, learningRate: 1e-3, seed: 5, realA: { shape, data }, realB: { shape, data } }
}

async function trainSteps(trainer: Trainer, from: number, to: number): Promise<Record<string, number>[]> {
  const losses = []
  for (let step = from; step <= to; step += 1) losses.push(await trainer.train(batchOf(step)))
  return losses
}

describe('the schedule of stages', () => {
  it.each([
    [12, 3],
    [5000, 5],
    [7, 5],
    [101, 4],
  ])(
    'deals %i steps to %i stages, one after another, and fades every size in but the first',
    (steps, stages) => {
      const all = Array.from({ length: steps }, (_, index) => stageAt(index + 1, steps, stages, 0.5))
      expect(new Set(all.map(({ stage }) => stage)).size).toBe(stages)
      for (const [index, { stage, from, steps: own, fade }] of all.entries()) {
        const mine = all.flatMap((one, at) => (one.stage === stage ? [at + 1] : []))
        expect([from, own]).toEqual([mine[0], mine.length])
        expect(mine.at(-1)).toBe(from + own - 1)
        expect(fade).toBeGreaterThan(0)
        if (stage === 0 || index + 1 === from + own - 1) expect(fade).toBe(1)
      }
    },
  )

  it('has the learning rate begin anew with every stage', () => {
    const { partOf } = create()
    const rates = Array.from({ length: STEPS }, (_, index) => {
      const { from, steps } = partOf!(index + 1)
      return learningRateAt(index + 2 - from, { steps, learningRate: 1, decayShare: 0.5 })
    })
    const once = [1, 1, 2 / 3, 1 / 3]
    for (const [index, rate] of rates.entries()) expect(rate).toBeCloseTo(once[index % 4]!, 12)
  })
})

describe('a run that grows', () => {
  it('tells the losses that it declares, and none is infinite', async () => {
    const losses = await trainSteps(create({ r1Gamma: 1 }), 1, STEPS)
    for (const one of losses) {
      expect(Object.keys(one).toSorted()).toEqual(recipes.progressive.losses.map(({ id }) => id).toSorted())
      for (const value of Object.values(one)) expect(Number.isFinite(value)).toBe(true)
    }
  })

  // Where the next stage begins, and in the middle of a fade.
  it.each([4, 9])('resumes after step %i to the bits of one that never stopped', async (stop) => {
    const unbroken = create({ emaDecay: 0.9 })
    await trainSteps(unbroken, 1, STEPS)
    const first = create({ emaDecay: 0.9 })
    await trainSteps(first, 1, stop)
    const resumed = create({ emaDecay: 0.9, seed: 2 })
    resumed.loadState(first.state())
    await trainSteps(resumed, stop + 1, STEPS)
    expect(fingerprint(resumed)).toBe(fingerprint(unbroken))
  })

  it('gives the same numbers recorded and op by op', async () => {
    const recorded = await trainSteps(create(), 1, STEPS)
    setRecording(false)
    try {
      const plain = await trainSteps(create(), 1, STEPS)
      for (const [step, losses] of recorded.entries())
        for (const [name, value] of Object.entries(losses))
          expect(Math.abs(plain[step]![name]! - value), `${name} in step ${step + 1}`).toBeLessThan(
            1e-3 * Math.max(1, Math.abs(value)),
          )
    } finally {
      setRecording(true)
    }
  })

  it('hands over a generator of the size that it has reached', async () => {
    const trainer = create()
    for (const [step, sidePx] of [
      [1, 4],
      [5, 8],
      [9, 16],
    ] as const) {
      await trainSteps(trainer, step, step)
      const { network, tensors } = trainer.generator()
      expect(network.options).toMatchObject({ sizePx: sidePx })
      expect(tensors.map(({ name }) => name)).toEqual(network.parameters.map(({ name }) => name))
      const { fakeB } = await trainer.visuals({ ...batchOf(1), row: 1 }, 'running')
      expect(fakeB!.shape).toEqual([1, SIDE, SIDE, 3])
    }
  })
})
