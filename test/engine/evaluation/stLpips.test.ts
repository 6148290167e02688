import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { openBackend } from '../../../src/engine/backends/index.ts'
import { tf } from '../../../src/engine/backends/tf.ts'
import type { Tensor, Tensor4D } from '../../../src/engine/backends/tf.ts'
import { openStLpips } from '../../../src/engine/evaluation/stLpips.ts'
import type { StLpips } from '../../../src/engine/evaluation/stLpips.ts'
import { pick, readFixtures, toTensor } from '../support/fixtures.ts'
import { expectTrueGradient, normal } from '../support/numbers.ts'

const folder = new URL('../../reference/st-lpips/', import.meta.url)
const published = z
  .record(z.string(), z.object({ float32: z.number(), float64: z.number() }))
  .parse(JSON.parse(readFileSync(new URL('values.json', folder), 'utf8')))

let network: StLpips

beforeAll(async () => {
  await openBackend({ threads: 2 })
  network = await openStLpips()
})

afterAll(() => network.dispose())

/** A PNG of 64 px as [1,64,64,3] in [-1,1]. */
async function readPng(name: string): Promise<Tensor4D> {
  const bytes = await sharp(fileURLToPath(new URL(`${name}.png`, folder)))
    .removeAlpha()
    .raw()
    .toBuffer()
  return tf.tensor4d(
    Float32Array.from(bytes, (value) => value / 127.5 - 1),
    [1, 64, 64, 3],
  )
}

const distance = (x: Tensor, y: Tensor): number =>
  tf.tidy(() => network.distances(x as Tensor4D, y as Tensor4D).dataSync()[0] ?? Number.NaN)

describe("against the authors' package, to 1e-6", () => {
  it('gives the value that its documentation states for its own pair', async () => {
    expect(
      Math.abs(distance(await readPng('ex_p0'), await readPng('ex_ref')) - 0.7777554988861084),
    ).toBeLessThan(1e-6)
  })

  it('gives its value for the other pair of the same reference', async () => {
    const { float64 } = published.ex_p1 ?? { float64: Number.NaN }
    expect(Math.abs(distance(await readPng('ex_p1'), await readPng('ex_ref')) - float64)).toBeLessThan(1e-6)
  })

  it.each(['blurred', 'shifted', 'other'])('sides odd and even, down to 21 px: %s', (name) => {
    const pairs = readFixtures('st-lpips/pairs.safetensors')
    const found = distance(toTensor(pick(pairs, `${name}/x`)), toTensor(pick(pairs, `${name}/y`)))
    expect(Math.abs(found - (published[name]?.float64 ?? Number.NaN))).toBeLessThan(1e-6)
  })
})

describe('as a loss', () => {
  it('has the gradients that finite differences see, in both arguments', () => {
    const pictures = [tf.tanh(normal([2, 40, 32, 3], 1)), tf.tanh(normal([2, 40, 32, 3], 2))]
    expectTrueGradient((x, y) => network.distances(x as Tensor4D, y as Tensor4D), pictures, 2e-3)
  })

  it('has finite gradients where pictures are flat or equal', () => {
    tf.tidy(() => {
      const slope = tf.grad((x: Tensor) => tf.sum(network.distances(x as Tensor4D, tf.zeros([1, 32, 32, 3]))))
      for (const level of [0, 0.5, -1]) {
        const values = slope(tf.fill([1, 32, 32, 3], level)).dataSync()
        expect(values.every((value) => Number.isFinite(value))).toBe(true)
      }
    })
  })
})

describe('laws', () => {
  it('is zero for equal pictures, symmetric, and one by one what it is in a batch', () => {
    tf.tidy(() => {
      const x = tf.tanh(normal([2, 32, 32, 3], 3)) as Tensor4D
      const y = tf.tanh(normal([2, 32, 32, 3], 4)) as Tensor4D
      expect([...network.distances(x, x).dataSync()]).toEqual([0, 0])
      const batch = network.distances(x, y).dataSync()
      const other = network.distances(y, x).dataSync()
      for (const index of [0, 1]) {
        const alone = distance(
          tf.slice(x, [index, 0, 0, 0], [1, -1, -1, -1]),
          tf.slice(y, [index, 0, 0, 0], [1, -1, -1, -1]),
        )
        expect(alone).toBeCloseTo(batch[index] as number, 6)
        expect(other[index]).toBeCloseTo(batch[index] as number, 6)
      }
    })
  })

  it('refuses pictures of two shapes and pictures that are too small', () => {
    expect(() => distance(tf.zeros([1, 32, 32, 3]), tf.zeros([1, 32, 33, 3]))).toThrow('Cannot compare')
    expect(() => distance(tf.zeros([1, 20, 32, 3]), tf.zeros([1, 20, 32, 3]))).toThrow('sides of 21 px')
  })

  it('leaves nothing behind but its result, and nothing at all when closed', async () => {
    const before = tf.memory().numTensors
    const second = await openStLpips()
    const weights = tf.memory().numTensors - before
    tf.dispose(tf.tidy(() => second.distances(tf.zeros([1, 24, 24, 3]), tf.ones([1, 24, 24, 3]))))
    expect(tf.memory().numTensors - before).toBe(weights)
    second.dispose()
    expect(tf.memory().numTensors).toBe(before)
  })
})
