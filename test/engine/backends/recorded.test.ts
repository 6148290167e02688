import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Precision } from '../../../src/core/training/precision.ts'
import { recipeIds } from '../../../src/core/recipes/index.ts'
import { openBackend } from '../../../src/engine/backends/index.ts'
import { bfloat16Unit, bfloat16UnitOf } from '../../../src/engine/backends/hardware.ts'
import { originOf } from '../../../src/engine/backends/graph/origin.ts'
import { createOrder } from '../../../src/engine/backends/graph/order.ts'
import { createRecorded, setRecording, share } from '../../../src/engine/backends/recorded.ts'
import { tf } from '../../../src/engine/backends/tf.ts'
import type { Scalar, Tensor, Tensor4D } from '../../../src/engine/backends/tf.ts'
import { createVariable } from '../../../src/engine/backends/variables.ts'
import { buildNetwork } from '../../../src/engine/networks/index.ts'
import { createTiny, fingerprint, trainSteps } from '../support/tinyRun.ts'

beforeAll(async () => {
  await openBackend({ threads: 2 })
})
afterEach(() => setRecording(true))

async function numbersOf(results: Record<string, Tensor>): Promise<Record<string, number[]>> {
  const read = Object.entries(results).map(([name, tensor]) => ({ name, values: [...tensor.dataSync()] }))
  tf.dispose(results)
  return Object.fromEntries(read.map(({ name, values }) => [name, values]))
}

/** Steps of a recipe, op by op or recorded: what it learned, and what it said of the last step. */
async function learn(
  id: (typeof recipeIds)[number],
  isRecorded: boolean,
  changes = {},
  precision: Precision = 'float32',
) {
  setRecording(isRecorded)
  const { trainer, batchOf } = createTiny(id, changes, precision)
  try {
    return { losses: await trainSteps(trainer, 1, 6, batchOf), state: fingerprint(trainer) }
  } finally {
    trainer.dispose()
  }
}

describe('a recorded step', () => {
  it.each([
    ...recipeIds.map((id) => [id, {}] as const),
    ['pix2pix', { netG: 'resnet_6blocks', norm: 'instance', dropout: true }],
    ['cyclegan', { poolSize: 2, dropout: true }],
    ['restore', { colourSpace: 'lab' }],
  ] as const)('gives the bits of the same step op by op: %s %j', async (id, changes) => {
    expect(await learn(id, true, changes)).toEqual(await learn(id, false, changes))
  })

  it('differs in the last bits at most where TensorFlow fuses what nobody learns through', async () => {
    const changes = { lambdaPerceptual: 0.1, lambdaGAN: 1 }
    const [one, other] = [await learn('restore', true, changes), await learn('restore', false, changes)]
    for (const [step, losses] of other.losses.entries())
      for (const [name, loss] of Object.entries(losses))
        expect(Math.abs((one.losses[step]?.[name] ?? NaN) / loss - 1), name).toBeLessThan(1e-6)
  })

  it('keeps what was used last, and records anew what was not for a long time', async () => {
    const seen: number[] = []
    const recorded = createRecorded(({ x }: { x: Tensor }) => {
      seen.push(x.size)
      return { y: tf.add(x, 1) }
    })
    const run = async (size: number) => {
      const { y } = await numbersOf(await recorded.call(() => ({ x: tf.fill([size], size) })))
      expect(y).toEqual(Array.from({ length: size }, () => size + 1))
    }
    const sizes = Array.from({ length: 17 }, (_, index) => index + 1)
    for (const size of sizes) await run(size)
    // The first is gone, the last is there; and so is the second until something else comes.
    for (const size of [17, 2, 1]) await run(size)
    expect(seen).toEqual([...sizes, 1])
    recorded.dispose()
  })

  it('sees every new value that it is fed, and the variables as they are', async () => {
    const variable = createVariable([], Float32Array.of(1))
    const recorded = createRecorded(({ x }: { x: Scalar }) => {
      const before = tf.mul(variable.read(), x)
      variable.assign(tf.add(variable.read(), x))
      return { before, after: variable.read() }
    })
    for (const [fed, before, after] of [
      [2, 2, 3],
      [5, 15, 8],
    ] as const)
      expect(await numbersOf(await recorded.call(() => ({ x: tf.scalar(fed) })))).toEqual({
        before: [before],
        after: [after],
      })
    variable.assign(tf.scalar(100))
    expect((await numbersOf(await recorded.call(() => ({ x: tf.scalar(1) })))).before).toEqual([100])
    recorded.dispose()
    variable.dispose()
  })

  it('adds up in the order of the code, however many terms and whoever else needs them', async () => {
    const terms = [0, 1, 2, 3].map((at) => tf.randomNormal([70, 60], 10 ** at, 1, 'float32', at + 1))
    const compute = ({ x }: { x: Tensor[] }) => {
      const [a, b, c, d] = x as [Tensor, Tensor, Tensor, Tensor]
      const two = tf.add(a, b)
      return {
        chain: tf.add(tf.add(tf.add(a, b), c), d),
        shared: tf.add(tf.add(two, c), two),
        right: tf.add(a, tf.add(b, tf.add(c, d))),
        many: tf.addN([a, b, c, d, a]),
        row: tf.add(a, tf.slice(b, [0, 0], [1, 60])),
      }
    }
    const expected = await numbersOf(tf.tidy(() => compute({ x: terms })))
    const recorded = createRecorded(compute)
    expect(await numbersOf(await recorded.call(() => ({ x: terms.map((one) => one.clone()) })))).toEqual(
      expected,
    )
    recorded.dispose()
    tf.dispose(terms)
  })

  it('is recorded once a shape and variant, also where one tensor is fed twice', async () => {
    let recordings = 0
    const recorded = createRecorded(({ x, y }: { x: Tensor; y: Tensor }, variant) => {
      recordings += 1
      return { z: variant === 'less' ? tf.sub(x, y) : tf.add(x, y) }
    })
    const call = async (x: number[], y: number[], variant?: string) =>
      (await numbersOf(await recorded.call(() => ({ x: tf.tensor1d(x), y: tf.tensor1d(y) }), variant))).z
    expect(await call([1], [2])).toEqual([3])
    expect(await call([3], [4])).toEqual([7])
    expect(await call([3], [4], 'less')).toEqual([-1])
    expect(await call([1, 2], [3, 4])).toEqual([4, 6])
    expect(recordings).toBe(3)
    const twice = await recorded.call(() => {
      const x = tf.tensor1d([4])
      return { x, y: x }
    })
    expect(await numbersOf(twice)).toEqual({ z: [8] })
    expect(recordings).toBe(4)
    recorded.dispose()
  })

  it('leaves nothing behind but its results', async () => {
    const before = tf.memory().numTensors
    const recorded = createRecorded(({ x }: { x: Tensor }) => ({ y: tf.sum(tf.square(x)) }))
    for (const _ of [1, 2, 3]) tf.dispose(await recorded.call(() => ({ x: tf.ones([3]) })))
    recorded.dispose()
    expect(tf.memory().numTensors).toBe(before)
  })
})

describe.skipIf(bfloat16Unit() === null)('in bfloat16', () => {
  it.each([
    ['pix2pix', {}],
    ['cyclegan', {}],
    ['cut', {}],
    ['restore', { lambdaPerceptual: 0.1, lambdaGAN: 1 }],
    ['restore', { colourSpace: 'lab' }],
  ] as const)(
    'repeats itself bit for bit, whatever memory holds, near float32: %s %j',
    async (id, changes) => {
      const once = await learn(id, true, changes, 'bfloat16')
      // An op that reads memory which it was not given, as oneDNN's convolutions may, would read these.
      tf.tidy(() => {
        for (const size of [1e3, 1e4, 1e5, 1e6]) tf.fill([size], NaN).dataSync()
      })
      expect(await learn(id, true, changes, 'bfloat16')).toEqual(once)
      const whole = await learn(id, true, changes)
      expect(once.state).not.toBe(whole.state)
      // Of the first step; what follows from rounding grows.
      for (const [name, loss] of Object.entries(whole.losses[0] ?? {}))
        expect(Math.abs((once.losses[0]?.[name] ?? NaN) / loss - 1), name).toBeLessThan(0.1)
    },
  )

  it('reads weights that are held in 16 bits, with the same result', async () => {
    const x = tf.randomNormal([1, 16, 16, 64], 0, 1, 'float32', 1) as Tensor4D
    const kernel = tf.randomNormal([4, 4, 64, 64], 0, 1, 'float32', 2) as Tensor4D
    const made: Record<string, number[]>[] = []
    for (const held of ['float32', 'bfloat16'] as const) {
      const free = share([kernel], held)
      const recorded = createRecorded(
        (feeds: { x: Tensor4D }) => ({ y: tf.conv2d(feeds.x, kernel, 1, 'same') }),
        'bfloat16',
      )
      made.push(await numbersOf(await recorded.call(() => ({ x: x.clone() }))))
      recorded.dispose()
      free()
    }
    expect(new Set(made[0]?.y).size).toBeGreaterThan(1000)
    expect(made[1]).toEqual(made[0])
    tf.dispose([x, kernel])
  })

  it('leaves the last layer in float32: pictures of more than 8 bits', async () => {
    const network = buildNetwork('resnet_3blocks', { ngf: 8, norm: 'instance' })
    const weights = new Map(
      network.parameters.map(({ name, shape }, index) => [
        name,
        tf.randomNormal([...shape], 0, 0.1, 'float32', index),
      ]),
    )
    const recorded = createRecorded(
      ({ x }: { x: Tensor4D }) => ({
        y: network.forward(x, (name) => weights.get(name) as Tensor, { norm: 'batch' }),
      }),
      'bfloat16',
    )
    const { y } = await numbersOf(await recorded.call(() => ({ x: tf.randomNormal([1, 32, 32, 3]) })))
    const bits = new Uint32Array(Float32Array.from(y ?? []).buffer)
    // A value of bfloat16 ends in sixteen zeros.
    expect(bits.filter((word) => (word & 0xffff) !== 0).length).toBeGreaterThan(0.9 * bits.length)
    recorded.dispose()
    tf.dispose([...weights.values()])
  })
})

describe('errors', () => {
  it('refuses to freeze a value that is read in the middle', async () => {
    const recorded = createRecorded(({ x }: { x: Tensor }) => ({
      y: tf.mul(x, tf.sum(x).dataSync()[0] ?? 0),
    }))
    await expect(recorded.call(() => ({ x: tf.ones([2]) }))).rejects.toThrow('must not read values')
    // What was being recorded is forgotten: ops run again as ever.
    expect(tf.add(1, 2).dataSync()[0]).toBe(3)
  })

  it('names the innermost line of a recipe, network, loss or metric that asked for the op', () => {
    const frame = (file: string) => `    at f (file:///place/src/engine/${file}:12:5)`
    const stack = ['Error', frame('kernels/gather.ts'), frame('networks/unet.ts'), frame('recipes/cut.ts')]
    expect(originOf(stack.join('\n'))).toBe('src/engine/networks/unet.ts:12')
    expect(originOf(['Error', frame('backends/a.ts'), frame('kernels/b.ts')].join('\n'))).toBe(
      'src/engine/kernels/b.ts:12',
    )
    expect(originOf('Error\n    at other (/elsewhere/x.js:1:1)')).toBe('')
  })
})

it('tells what of a processor computes in bfloat16', () => {
  expect(bfloat16UnitOf('processor : 0\nflags\t\t: fpu avx512f avx512_bf16 amx_bf16\n')).toBe('amx_bf16')
  expect(bfloat16UnitOf('flags : fpu avx512_bf16\n')).toBe('avx512_bf16')
  expect(bfloat16UnitOf('flags : fpu avx2\n')).toBe(null)
  expect(bfloat16UnitOf('Features : asimd bf16\n')).toBe(null)
})

describe('the order of variables', () => {
  it('lets a write wait for earlier reads and the write before, and a read for the write alone', () => {
    const order = createOrder()
    order.know(1)
    order.know(2)
    expect(order.before('ReadVariableOp', [1], 'a')).toEqual([])
    expect(order.before('ReadVariableOp', [1], 'b')).toEqual([])
    expect(order.before('ResourceApplyAdam', [1, 2, 2, 9], 'c')).toEqual(['a', 'b'])
    expect(order.before('ReadVariableOp', [2], 'd')).toEqual(['c'])
    expect(order.before('AssignVariableOp', [1, 9], 'e')).toEqual(['c'])
    expect(order.before('AssignVariableOp', [2, 9], 'f')).toEqual(['c', 'd'])
    expect(order.before('Add', [9, 10], 'g')).toEqual([])
  })
})
