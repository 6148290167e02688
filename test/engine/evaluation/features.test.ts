import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openBackend } from '../../../src/engine/backends/index.ts'
import { tf } from '../../../src/engine/backends/tf.ts'
import { openFeatures } from '../../../src/engine/evaluation/features.ts'
import type { FeatureNetwork } from '../../../src/engine/evaluation/features.ts'
import type { Pictures } from '../../../src/engine/recipes/trainer.ts'
import { pick, readFixtures } from '../support/fixtures.ts'
import { differenceOf, norm } from '../support/numbers.ts'

const tiles = fileURLToPath(new URL('../../../resources/samples/day-to-night/', import.meta.url))
const reference = readFixtures('metrics/features.safetensors')

let network: FeatureNetwork

beforeAll(async () => {
  await openBackend({ threads: 2 })
  network = await openFeatures()
})

afterAll(() => network.dispose())

/** The formula of test/reference/metrics/make_efficientnet.py. */
function formula(height: number, width: number, channels: number): Pictures {
  const data = new Float32Array(height * width * channels)
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1)
      for (let c = 0; c < channels; c += 1)
        data[(y * width + x) * channels + c] = Math.sin(0.11 * x + 0.07 * y * (c + 1) + 0.0007 * x * y)
  return { shape: [1, height, width, channels], data }
}

async function readTiles(side: 'A' | 'B', count: number): Promise<Pictures> {
  const folder = join(tiles, side, 'train')
  const names = readdirSync(folder).sort().slice(0, count)
  const data = new Float32Array(count * 256 * 256 * 3)
  for (const [index, name] of names.entries()) {
    const bytes = await sharp(join(folder, name)).removeAlpha().raw().toBuffer()
    data.set(
      Float32Array.from(bytes, (value) => value / 127.5 - 1),
      index * 256 * 256 * 3,
    )
  }
  return { shape: [count, 256, 256, 3], data }
}

/** Distance of two vectors, as a share of the length of the second. */
function relative(found: Float64Array | undefined, expected: Float32Array): number {
  return norm(differenceOf(found ?? [], expected)) / norm(expected)
}

describe('EfficientNet-Lite0 against PyTorch, to 1e-4 of the length of the features', () => {
  it.each(['A', 'B'] as const)('real tiles, more than a batch of them: side %s', async (side) => {
    const found = await network.featuresOf(await readTiles(side, 9))
    const expected = pick(reference, `tiles/${side}`).data
    expect(found).toHaveLength(9)
    for (const [index, vector] of found.entries())
      expect(relative(vector, expected.subarray(index * 1280, (index + 1) * 1280))).toBeLessThan(1e-4)
  })

  it.each([
    [224, 224, 3],
    [64, 80, 3],
    [500, 333, 1],
    [120, 90, 4],
  ] as const)('a picture of %i x %i x %i', async (height, width, channels) => {
    const [found] = await network.featuresOf(formula(height, width, channels))
    const expected = pick(reference, `formula/${height}x${width}x${channels}`).data
    expect(relative(found, expected)).toBeLessThan(1e-4)
  })
})

it('leaves nothing behind', async () => {
  const before = tf.memory().numTensors
  const second = await openFeatures()
  await second.featuresOf(formula(32, 40, 3))
  second.dispose()
  expect(tf.memory().numTensors).toBe(before)
})
