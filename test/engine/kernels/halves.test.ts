import { beforeAll, expect, it } from 'vitest'
import { nativeBackend } from '../../../src/engine/backends/binding.ts'
import type { NativeAttribute } from '../../../src/engine/backends/binding.ts'
import { TF_BFLOAT16 } from '../../../src/engine/backends/halves.ts'
import { openBackend } from '../../../src/engine/backends/index.ts'
import type { Tensor } from '../../../src/engine/backends/tf.ts'
import { largest, normal } from '../support/numbers.ts'

beforeAll(async () => {
  await openBackend({ threads: 2 })
})

/** An op of ours. The inputs that `pictures` tells (the first) are of the type that it computes in, as are as many outputs as `typed` says. */
type Case = {
  op: string
  pictures?: readonly number[]
  typed?: number
  outputs?: number
  inputs: () => Tensor[]
  numbers?: Record<string, number | boolean>
}

const picture = (seed: number, channels = 19) => normal([2, 9, 7, channels], seed)
const channels = (seed: number, count = 19) => normal([count], seed)
const norm = { epsilon: 1e-5, slope: 0.2, per_picture: true }
const normed = (): Tensor[] => [picture(1), channels(2), channels(3)]
/** Of a norm's gradient: statistics that need not be those of x. */
const statistics = () => [4, 5].map((seed) => normal([2, 19], seed)).concat(normal([2, 19], 6).square())
const cases: Case[] = [
  { op: 'DiptychNorm', outputs: 4, inputs: normed, numbers: norm },
  {
    op: 'DiptychNormAdd',
    pictures: [0, 3],
    outputs: 4,
    inputs: () => [...normed(), picture(7)],
    numbers: { ...norm, slope: 1 },
  },
  {
    op: 'DiptychNormGrad',
    pictures: [0, 1],
    outputs: 3,
    inputs: () => [picture(8), ...normed(), ...statistics()],
    numbers: norm,
  },
  {
    op: 'DiptychMirrorPad',
    inputs: () => [picture(9)],
    numbers: { padding: 3 },
  },
  {
    op: 'DiptychMirrorPadGrad',
    inputs: () => [picture(10)],
    numbers: { padding: 2 },
  },
  {
    op: 'DiptychFrame',
    inputs: () => [picture(11)],
    numbers: { top: 2, left: -3, bottom: -1, right: 4 },
  },
  {
    op: 'DiptychActivate',
    inputs: () => [picture(12), channels(13)],
    numbers: { slope: 0.2 },
  },
  {
    op: 'DiptychSum',
    pictures: [0, 1, 2],
    inputs: () => [14, 15, 16].map((seed) => picture(seed)),
    numbers: { N: 3 },
  },
  {
    op: 'DiptychThinConv',
    typed: 0,
    inputs: () => [picture(17), normal([5, 5, 19, 3], 18), channels(19, 3)],
    numbers: { padding: 2 },
  },
  {
    op: 'DiptychThinConvTransposed',
    typed: 0,
    inputs: () => [picture(20), normal([4, 4, 3, 19], 21), channels(22, 3)],
  },
]

/** Casts to bfloat16, or back. */
function cast(id: number, to: 'bfloat16' | 'float32'): number {
  const { binding } = nativeBackend()
  const [from, into] = to === 'bfloat16' ? [binding.TF_FLOAT, TF_BFLOAT16] : [TF_BFLOAT16, binding.TF_FLOAT]
  const types = [
    { name: 'SrcT', type: binding.TF_ATTR_TYPE, value: from },
    { name: 'DstT', type: binding.TF_ATTR_TYPE, value: into },
    { name: 'Truncate', type: binding.TF_ATTR_BOOL, value: false },
  ]
  return binding.executeOp('Cast', types, [id], 1)[0]?.id ?? NaN
}

function attributesOf(numbers: Record<string, number | boolean>, dtype: number): NativeAttribute[] {
  const { binding } = nativeBackend()
  const real = new Set(['epsilon', 'slope'])
  const kindOf = (name: string, value: number | boolean) =>
    typeof value === 'boolean'
      ? binding.TF_ATTR_BOOL
      : real.has(name)
        ? binding.TF_ATTR_FLOAT
        : binding.TF_ATTR_INT
  const rest = Object.entries(numbers).map(([name, value]) => ({ name, type: kindOf(name, value), value }))
  return [{ name: 'T', type: binding.TF_ATTR_TYPE, value: dtype }, ...rest]
}

it.each(cases)(
  '$op gives in bfloat16 what it gives in float32, rounded',
  ({ op, pictures = [0], typed = 1, outputs = 1, inputs, numbers = {} }) => {
    const { binding } = nativeBackend()
    const ids = nativeBackend().getInputTensorIds(inputs())
    const halves = ids.map((id, index) => (pictures.includes(index) ? cast(id, 'bfloat16') : id))
    const wholes = halves.map((id, index) => (pictures.includes(index) ? cast(id, 'float32') : id))
    const inWhole = binding.executeOp(op, attributesOf(numbers, binding.TF_FLOAT), wholes, outputs)
    const inHalf = binding.executeOp(op, attributesOf(numbers, TF_BFLOAT16), halves, outputs)
    for (const [index, { id, dtype, shape }] of inHalf.entries()) {
      expect(dtype).toBe(index < typed ? TF_BFLOAT16 : binding.TF_FLOAT)
      expect(shape).toEqual(inWhole[index]?.shape)
      const values = Array.from(binding.tensorDataSync(index < typed ? cast(id, 'float32') : id))
      const exact = Array.from(binding.tensorDataSync(inWhole[index]?.id ?? NaN))
      if (index === 0) expect(largest(exact)).toBeGreaterThan(0.1)
      // bfloat16 keeps eight bits; what both computed in float32 differs by the order of sums at most.
      const tolerance = index < typed ? 2 ** -8 : 1e-5
      values.forEach((value, at) =>
        expect(Math.abs(value - (exact[at] ?? NaN))).toBeLessThanOrEqual(
          tolerance * Math.max(0.1, Math.abs(exact[at] ?? 0)),
        ),
      )
    }
  },
)
