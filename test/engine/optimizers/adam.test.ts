import { beforeAll, expect, it } from 'vitest'
import { openBackend } from '../../../src/engine/backends/index.ts'
import { tf } from '../../../src/engine/backends/tf.ts'
import { createVariable } from '../../../src/engine/backends/variables.ts'
import { applyAdam, feedAdam } from '../../../src/engine/optimizers/adam.ts'
import { manifest, pick, readFixtures, toTensor } from '../support/fixtures.ts'
import { differenceOf, largest, norm } from '../support/numbers.ts'

beforeAll(async () => {
  await openBackend({ threads: 2 })
})

const { file, steps, learningRate, ...options } = manifest.adam
const fixtures = readFixtures(file)

it.each(['tensorflow', 'cpu'])(
  'follows PyTorch through five steps, gradients from 1e-10 to 1e2 (%s)',
  async (backend) => {
    await tf.setBackend(backend)
    try {
      const { shape, data } = pick(fixtures, 'step0/weight')
      const zeros = () => createVariable(shape, new Float32Array(data.length))
      const slot = { weight: createVariable(shape, data), m: zeros(), v: zeros() }
      for (let step = 1; step <= steps; step += 1) {
        const gradient = pick(fixtures, `step${step}/gradient`)
        tf.tidy(() => applyAdam(slot, toTensor(gradient), feedAdam(options, learningRate, step)))
        const expected = (name: string) => pick(fixtures, `step${step}/${name}`).data
        expect(largest(differenceOf(slot.weight.toArray(), expected('weight')))).toBeLessThan(1e-6)
        expect(norm(differenceOf(slot.m.toArray(), expected('m'))) / norm(expected('m'))).toBeLessThan(1e-6)
        // Float32 holds 1 - beta2 to 1.3e-5 only; the bias correction takes it out again, v itself keeps it.
        expect(norm(differenceOf(slot.v.toArray(), expected('v'))) / norm(expected('v'))).toBeLessThan(2e-5)
      }
      for (const variable of Object.values(slot)) variable.dispose()
    } finally {
      await tf.setBackend('tensorflow')
    }
  },
)
