import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { recipes } from '../../../src/core/recipes/index.ts'
import { spanOf, stageAt } from '../../../src/core/recipes/progressive.ts'
import { effortLeft, learningRateAt, partAt } from '../../../src/core/training/schedule.ts'
import { openBackend } from '../../../src/engine/backends/index.ts'
import { tf } from '../../../src/engine/backends/tf.ts'
import type { Tensor, Tensor4D } from '../../../src/engine/backends/tf.ts'
import {
  judgeProgressively,
  paintProgressively,
  progressiveSchema,
} from '../../../src/engine/networks/progressive.ts'
import { doubleNearest } from '../../../src/engine/nn/convolution.ts'
import type { Trainer } from '../../../src/engine/recipes/trainer.ts'
import { expectSameLosses } from '../support/numbers.ts'
import { createTiny, fingerprint, opByOp, trainSteps } from '../support/tinyRun.ts'

beforeAll(async () => {
  await openBackend({ threads: 2 })
})

/** Four stages: two steps at 4 px, then four each at 8, 16 and 32 px. */
const STEPS = 14
const SIDE = 32

const open: Trainer[] = []
function create(changes: Record<string, unknown> = {}) {
  const tiny = createTiny('progressive', { batchSize: 4, steps: STEPS, ngf: 2, ...changes })
  open.push(tiny.trainer)
  return tiny
}
const train = ({ trainer, batchOf }: ReturnType<typeof create>, from: number, to: number) =>
  trainSteps(trainer, from, to, batchOf)
afterEach(() => {
  for (const trainer of open.splice(0)) trainer.dispose()
})

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

  it('gives the first stage what the others have left after fading, as published', () => {
    const spans = [0, 1, 2, 3, 4].map((stage) => spanOf(stage, 9000, 5, 0.5))
    expect(spans.map(({ steps }) => steps)).toEqual([1000, 2000, 2000, 2000, 2000])
    expect(spans.map(({ from }) => from)).toEqual([1, 1001, 3001, 5001, 7001])
    expect(spanOf(0, 10, 1, 1)).toEqual({ from: 1, steps: 10 })
    expect(stageAt(1, 10, 2, 1)).toMatchObject({ stage: 1, from: 1 })
  })

  it.each([1, 2, 3, 5, STEPS, 1001])(
    'has parts that make up a run of %i steps, later ones heavier',
    (steps) => {
      const parts = create({ steps }).trainer.parts!
      expect(parts.flatMap((part) => Array.from({ length: part.steps }, (_, at) => part.from + at))).toEqual(
        Array.from({ length: steps }, (_, at) => at + 1),
      )
      const efforts = parts.map(({ effort }) => effort)
      expect(efforts).toEqual(efforts.toSorted((x, y) => x - y))
      expect(effortLeft(parts, 0)).toBe(parts.reduce((sum, part) => sum + part.steps * part.effort, 0))
      expect(effortLeft(parts, steps)).toBe(0)
    },
  )

  it('has the learning rate begin anew with every stage', () => {
    const { parts } = create().trainer
    const rates = Array.from({ length: STEPS }, (_, index) => {
      const { from, steps } = partAt(parts!, index + 1)
      return learningRateAt(index + 2 - from, { steps, learningRate: 1, decayShare: 0.5 })
    })
    const once = [1, 1, 2 / 3, 1 / 3]
    for (const [index, rate] of [1, 1 / 2, ...once, ...once, ...once].entries())
      expect(rates[index]).toBeCloseTo(rate, 12)
  })
})

describe('a run that grows', () => {
  it('tells the losses that it declares, and none is infinite', async () => {
    const losses = await train(create({ r1Gamma: 1 }), 1, STEPS)
    for (const one of losses) {
      expect(Object.keys(one).toSorted()).toEqual(recipes.progressive.losses.map(({ id }) => id).toSorted())
      for (const value of Object.values(one)) expect(Number.isFinite(value)).toBe(true)
    }
  })

  // Where the next stage begins, and in the middle of a fade.
  it.each([6, 7])('resumes after step %i to the bits of one that never stopped', async (stop) => {
    const unbroken = create({ emaDecay: 0.9 })
    await train(unbroken, 1, STEPS)
    const first = create({ emaDecay: 0.9 })
    await train(first, 1, stop)
    const resumed = create({ emaDecay: 0.9, seed: 2 })
    resumed.trainer.loadState(first.trainer.state())
    await train(resumed, stop + 1, STEPS)
    expect(fingerprint(resumed.trainer)).toBe(fingerprint(unbroken.trainer))
  })

  it('gives the same numbers recorded and op by op', async () => {
    const run = () => train(create(), 1, STEPS)
    const recorded = await run()
    expectSameLosses(await opByOp(run), recorded, 1e-3)
  })

  it('hands over a generator of the size that it has reached', async () => {
    const tiny = create()
    for (const [step, sidePx] of [
      [1, 4],
      [3, 8],
      [7, 16],
      [11, 32],
    ] as const) {
      await train(tiny, step, step)
      const { network, tensors } = tiny.trainer.generator()
      expect(network.options).toMatchObject({ sizePx: sidePx })
      expect(tensors.map(({ name }) => name)).toEqual(network.parameters.map(({ name }) => name))
      const { fakeB } = await tiny.trainer.visuals({ ...tiny.batchOf(1), row: 1 }, 'running')
      expect(fakeB!.shape).toEqual([1, SIDE, SIDE, 3])
    }
  })

  it.each([3, 7, 11])('takes over at step %i what it painted and saw before', async (from) => {
    const tiny = create({ ngf: 8 })
    await train(tiny, 1, from)
    const weightsOf = weightsIn(tiny.trainer)
    const options = progressiveSchema.parse(tiny.trainer.generator().network.options)
    tf.tidy(() => {
      const codes = tf.randomNormal([32, 1, 1, options.latent], 0, 1, 'float32', 9) as Tensor4D
      const side = options.sizePx / 2
      const doubled = doubleNearest(tf.randomNormal([32, side, side, 3], 0, 0.5, 'float32', 8) as Tensor4D)
      // Drawn at random, all are 1 and more. Painted pictures differ by their blur, too, and few channels hardly learned anything.
      for (const net of ['netG', 'netG.ema']) {
        const paint = (fade: number) => paintProgressively(codes, options, weightsOf(net), fade)
        expect(apart(paint(0), paint(1))).toBeLessThan(0.6)
      }
      const judge = (fade: number) => judgeProgressively(doubled, options, weightsOf('netD'), fade)
      expect(apart(judge(0), judge(1))).toBeLessThan(0.1)
    })
  })

  it('blurs by the first kernels of a new size, and leaves half of the second ones as they were drawn', async () => {
    const drawn = weightsIn(create({ ngf: 8 }).trainer)('netG')
    const tiny = create({ ngf: 8 })
    await train(tiny, 1, 3)
    const now = weightsIn(tiny.trainer)('netG')
    tf.tidy(() => {
      const middle = (name: string) => tf.slice(drawn(name), [1, 1, 0, 0], [1, 1, -1, -1])
      const everywhere = tf.tensor4d([1, 2, 1, 2, 4, 2, 1, 2, 1], [3, 3, 1, 1])
      const blurred = tf.mul(tf.mul(middle('b8.conv1.weight'), 3 / 16), everywhere)
      expect(furthest(now('b8.conv1.weight'), blurred)).toBeLessThan(ONE_MOVE)
      const alone = tf.mul(middle('b8.conv2.weight'), tf.tensor4d([0, 0, 0, 0, 3, 0, 0, 0, 0], [3, 3, 1, 1]))
      for (const [output, wanted] of [
        [0, alone],
        [1, drawn('b8.conv2.weight')],
      ] as const) {
        const of = (kernel: Tensor) => tf.slice(kernel, [0, 0, 0, output], [-1, -1, -1, 1])
        expect(furthest(of(now('b8.conv2.weight')), of(wanted))).toBeLessThan(ONE_MOVE)
      }
    })
  })

  it('leaves no tensor behind where a size begins', async () => {
    await opByOp(async () => {
      const tiny = create()
      await train(tiny, 1, 6)
      const before = tf.memory().numTensors
      await train(tiny, 7, 7)
      expect(tf.memory().numTensors).toBe(before)
    })
  })

  it('takes nothing over before anything was learned', async () => {
    // Where a whole stage is faded in, the first has no steps.
    const changes = { ngf: 8, fadeShare: 1 }
    const drawn = weightsIn(create(changes).trainer)('netG')
    const tiny = create(changes)
    await train(tiny, 1, 1)
    const now = weightsIn(tiny.trainer)('netG')
    tf.tidy(() => {
      expect(tiny.trainer.generator().network.options).toMatchObject({ sizePx: 8 })
      expect(furthest(now('b8.conv1.weight'), drawn('b8.conv1.weight'))).toBeLessThan(ONE_MOVE)
    })
  })
})

/** More than Adam moves a weight in its first step, which is by the learning rate of 2e-4. */
const ONE_MOVE = 1e-3

/** Weights of a network by their names. */
function weightsIn(trainer: Trainer): (net: string) => (name: string) => Tensor {
  const state = new Map(trainer.state().map((one) => [one.name, one]))
  return (net) => (name) => {
    const { shape, data } = state.get(`${net}/${name}`)!
    return tf.tensor(data(), [...shape])
  }
}

function furthest(one: Tensor, other: Tensor): number {
  return tf.max(tf.abs(tf.sub(one, other))).dataSync()[0]!
}

/** Mean square of the difference, as a share of the variance of the first. */
function apart(before: Tensor, now: Tensor): number {
  const power = (x: Tensor) => tf.mean(tf.square(x)).dataSync()[0]!
  return power(tf.sub(now, before)) / power(tf.sub(before, tf.mean(before)))
}
