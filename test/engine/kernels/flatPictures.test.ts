import { afterEach, beforeAll, expect, it } from 'vitest'
import { kernels, setKernels } from '../../../src/engine/backends/binding.ts'
import { openBackend } from '../../../src/engine/backends/index.ts'
import { tf } from '../../../src/engine/backends/tf.ts'
import { instanceNorm } from '../../../src/engine/kernels/normalise.ts'

beforeAll(async () => {
  await openBackend({ threads: 2 })
})

const [SIDE, CHANNELS] = [64, 8]

/** The same in double precision. */
function exactly(x: Float32Array): Float64Array {
  const y = new Float64Array(x.length)
  for (let channel = 0; channel < CHANNELS; channel += 1) {
    const own = x.filter((_, index) => index % CHANNELS === channel)
    const mean = own.reduce((sum, value) => sum + value, 0) / own.length
    const variance = own.reduce((sum, value) => sum + (value - mean) ** 2, 0) / own.length
    for (let index = channel; index < x.length; index += CHANNELS)
      y[index] = ((x[index] ?? NaN) - mean) / Math.sqrt(variance + 1e-5)
  }
  return y
}

const levels = [
  [0, 1],
  [1, 1e-2],
  [5, 1e-3],
  [-1, 1e-4],
] as const
const cases = (['ours', "TensorFlow's"] as const).flatMap((whose) =>
  levels.map(([level, spread]) => ({ whose, level, spread })),
)

afterEach(() => setKernels(kernels))

it.each(cases)(
  'normalises a picture around $level with a spread of $spread as double precision does ($whose)',
  ({ whose, level, spread }) => {
    if (whose !== 'ours') setKernels(kernels.filter((kernel) => kernel !== 'ownNorm'))
    const x = Float32Array.from(
      { length: SIDE * SIDE * CHANNELS },
      (_, index) => level + spread * Math.sin(index * 12.9898 + (index % 97)),
    )
    const y = tf.tidy(() => instanceNorm(tf.tensor4d(x, [1, SIDE, SIDE, CHANNELS])).dataSync())
    const worst = exactly(x).reduce(
      (most, value, index) => Math.max(most, Math.abs(value - (y[index] ?? NaN))),
      0,
    )
    expect(worst).toBeLessThan(2e-6)
  },
)
