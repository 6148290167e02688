import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import type { Sharp } from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { randomUniform } from '../../../src/core/random.ts'
import { openBackend } from '../../../src/engine/backends/index.ts'
import { tf } from '../../../src/engine/backends/tf.ts'
import { openFeatures } from '../../../src/engine/evaluation/features.ts'
import type { FeatureNetwork } from '../../../src/engine/evaluation/features.ts'
import { inceptionLayers } from '../../../src/engine/evaluation/inceptionLayers.ts'
import { writeSafetensors } from '../../../src/engine/interchange/safetensors.ts'
import type { WritableTensor } from '../../../src/engine/interchange/safetensors.ts'
import type { Pictures } from '../../../src/engine/recipes/trainer.ts'
import { pick, readFixtures } from '../support/fixtures.ts'
import { differenceOf, norm } from '../support/numbers.ts'

const folder = mkdtempSync(join(tmpdir(), 'diptych-inception-'))
const imported = join(folder, 'inception.safetensors')
const reference = readFixtures('metrics/inception.safetensors')

/** The weights of test/reference/metrics/make_inception.py: published ones cannot be shipped, drawn ones need not be. */
function drawnTensors(): WritableTensor[] {
  const parts = ['conv.weight', 'bn.weight', 'bn.bias', 'bn.running_mean', 'bn.running_var']
  return inceptionLayers.flatMap(({ name, shape }, layer) =>
    parts.map((partName, part): WritableTensor => {
      const tensorShape: readonly number[] = part === 0 ? shape : [shape[0]]
      const reach = Math.sqrt(6 / (shape[1] * shape[2] * shape[3]))
      const place = (drawn: number) => {
        if (part === 0) return (2 * drawn - 1) * reach
        return part === 1 || part === 4 ? 0.5 + drawn : 0.2 * (drawn - 0.5)
      }
      const length = tensorShape.reduce((product, side) => product * side, 1)
      const data = () =>
        Float32Array.from({ length }, (_, index) => place(randomUniform(21, layer, part, index)))
      return { name: `${name}.${partName}`, shape: tensorShape, data }
    }),
  )
}

let network: FeatureNetwork

beforeAll(async () => {
  await openBackend({ threads: 2 })
  await writeSafetensors(imported, {}, drawnTensors())
  network = await openFeatures({ inception: imported })
}, 120_000)

afterAll(() => {
  network.dispose()
  rmSync(folder, { recursive: true })
})

async function firstTile(
  side: 'A' | 'B',
  cut: (picture: Sharp) => Sharp = (picture) => picture,
): Promise<Pictures> {
  const train = fileURLToPath(
    new URL(`../../../resources/samples/day-to-night/${side}/train`, import.meta.url),
  )
  const [name = ''] = readdirSync(train).sort()
  const { data, info } = await cut(sharp(join(train, name)).removeAlpha())
    .raw()
    .toBuffer({ resolveWithObject: true })
  return {
    shape: [1, info.height, info.width, 3],
    data: Float32Array.from(data, (value) => value / 127.5 - 1),
  }
}

async function expectLikeReference(picture: Pictures, name: string): Promise<void> {
  const [found = new Float64Array()] = await network.featuresOf(picture)
  const expected = pick(reference, name).data
  expect(found).toHaveLength(2048)
  expect(norm(differenceOf(found, expected)) / norm(expected)).toBeLessThan(1e-3)
}

describe("imported Inception weights against torch-fidelity's extractor, to 1e-3 of the length of the features", () => {
  it.each(['A', 'B'] as const)('a tile of 256 px, side %s', async (side) => {
    await expectLikeReference(await firstTile(side), `tile/${side}`)
  })

  it('a picture of 75 x 62 px', async () => {
    const cut = (picture: Sharp) => picture.extract({ left: 30, top: 10, width: 75, height: 62 })
    await expectLikeReference(await firstTile('A', cut), 'crop/A')
  })
})

describe('a file that a person imports', () => {
  it('is refused where a tensor is missing, of another shape, or not there at all', async () => {
    const before = tf.memory().numTensors
    const other = (name: string) => join(folder, name)
    const bias: WritableTensor = { name: 'bias', shape: [1], data: () => Float32Array.of(1) }
    await writeSafetensors(other('foreign.safetensors'), {}, [bias])
    const thin = inceptionLayers.flatMap(({ name }): WritableTensor[] => [
      { ...bias, name: `${name}.conv.weight` },
    ])
    await writeSafetensors(other('thin.safetensors'), {}, thin)
    writeFileSync(other('text.safetensors'), 'no tensors here, only words')
    const codes = ['foreign', 'thin', 'text', 'absent'].map((name) =>
      openFeatures({ inception: other(`${name}.safetensors`) }).catch(
        (error: { refusal?: { code: string } }) => error.refusal?.code,
      ),
    )
    expect(await Promise.all(codes)).toEqual([
      'inception-foreign',
      'inception-foreign',
      'safetensors-damaged',
      'model-missing',
    ])
    expect(tf.memory().numTensors).toBe(before)
  })
})
