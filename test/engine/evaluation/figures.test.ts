import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { randomUniform } from '../../../src/core/random.ts'
import { FRECHET_LEAST_PICTURES, frechetDistance, frechetOf } from '../../../src/engine/evaluation/frechet.ts'
import { kernelDistance } from '../../../src/engine/evaluation/kid.ts'
import type { Plane } from '../../../src/engine/evaluation/metrics.ts'
import { multiScaleSimilarity } from '../../../src/engine/evaluation/msSsim.ts'
import { precisionOf, recallOf } from '../../../src/engine/evaluation/precisionRecall.ts'
import { eigenvaluesOf } from '../../../src/engine/evaluation/symmetricEigenvalues.ts'
import { pick, readFixtures } from '../support/fixtures.ts'

const byHeap = z.record(z.string(), z.number())
const pictureCase = z.object({
  height: z.number(),
  width: z.number(),
  channels: z.number(),
  phase: z.number(),
  value: z.number(),
})
/** What numpy, scipy and pytorch-msssim say: test/reference/metrics/make_figures.py. */
const reference = z
  .object({
    kid: byHeap,
    precision: byHeap,
    recall: byHeap,
    frechet: byHeap,
    frechetByRoot: z.number(),
    msSsim: z.array(pictureCase),
  })
  .parse(JSON.parse(readFileSync(new URL('../../reference/metrics/figures.json', import.meta.url), 'utf8')))

/** The heaps of make_figures.py, drawn by the same counters. */
function heap(seed: number, count: number, length: number, spread: number): Float64Array[] {
  return Array.from({ length: count }, (_, row) =>
    Float64Array.from({ length }, (_, column) => {
      if (column === length - 1) return 0.25
      const group = 5000 + Math.floor(column / 16)
      const share = spread * randomUniform(seed, row, column) * randomUniform(seed, row, group)
      return share + 0.1 * randomUniform(seed, column)
    }),
  )
}

function tiles(side: 'A' | 'B'): Float64Array[] {
  const { shape, data } = pick(readFixtures('metrics/features.safetensors'), `tiles/${side}`)
  const [count = 0, length = 0] = shape
  return Array.from({ length: count }, (_, index) =>
    Float64Array.from(data.subarray(index * length, (index + 1) * length)),
  )
}

const heaps = {
  tiles: () => [tiles('A'), tiles('B')] as const,
  alike: () => [heap(1, 200, 64, 1), heap(2, 150, 64, 1)] as const,
  apart: () => [heap(3, 90, 64, 1), heap(4, 120, 64, 1.3)] as const,
  'fewer than features': () => [heap(5, 30, 64, 1), heap(6, 40, 64, 1.2)] as const,
}
const names = Object.keys(heaps) as (keyof typeof heaps)[]

describe.each(names)('%s, against numpy', (name) => {
  const [made, real] = heaps[name]()

  it('KID, to 1e-5', () => {
    expect(
      Math.abs(kernelDistance(made, real).value - pick(new Map(Object.entries(reference.kid)), name)),
    ).toBeLessThan(1e-5)
  })

  it('Frechet distance, to 1e-3 of it', () => {
    const expected = pick(new Map(Object.entries(reference.frechet)), name)
    expect(Math.abs(frechetOf(made, real) / expected - 1)).toBeLessThan(1e-3)
    expect(Math.abs(frechetOf(real, made) / expected - 1)).toBeLessThan(1e-3)
  })

  it('precision and recall, exactly', () => {
    expect(precisionOf(made, real).value).toBe(reference.precision[name])
    expect(recallOf(made, real).value).toBe(reference.recall[name])
  })
})

describe('Frechet distance', () => {
  it(
    'of 1500 and 1600 pictures with 1280 features is what scipy says, to 1e-3 of it',
    { timeout: 120_000 },
    () => {
      const { value } = frechetDistance(heap(8, 1500, 1280, 1), heap(9, 1600, 1280, 1.2))
      expect(Math.abs(value / pick(new Map(Object.entries(reference.frechet)), 'full') - 1)).toBeLessThan(
        1e-6,
      )
      expect(Math.abs(value / reference.frechetByRoot - 1)).toBeLessThan(1e-3)
    },
  )

  it('is not told below 1,500 pictures a side', () => {
    const vectors = Array.from({ length: FRECHET_LEAST_PICTURES - 1 }, () => new Float64Array(4))
    const { value, note } = frechetDistance(vectors, [...vectors, new Float64Array(4)])
    expect([value, note]).toEqual([NaN, 'Needs 1500 pictures a side; there are 1499.'])
  })

  it('is zero between a heap and itself', () => {
    const [made] = heaps.alike()
    expect(Math.abs(frechetOf(made, made))).toBeLessThan(1e-10)
  })
})

describe('eigenvalues', () => {
  it('of the second difference are 2 - 2 cos(k pi / (n + 1))', () => {
    const size = 50
    const matrix = Array.from({ length: size }, (_, i) =>
      Float64Array.from({ length: size }, (_, j) => (i === j ? 2 : Math.abs(i - j) === 1 ? -1 : 0)),
    )
    const found = eigenvaluesOf(matrix).sort()
    for (const [index, value] of found.entries())
      expect(value).toBeCloseTo(2 - 2 * Math.cos(((index + 1) * Math.PI) / (size + 1)), 12)
  })

  it('of x x^T are its length and zeros, and of a diagonal its entries', () => {
    const x = [3, -1, 2, 0, 5]
    const found = eigenvaluesOf(x.map((a) => Float64Array.from(x, (b) => a * b))).sort()
    expect(found[4]).toBeCloseTo(39, 12)
    expect(Math.max(...found.subarray(0, 4).map(Math.abs))).toBeLessThan(1e-13)
    const diagonal = x.map((a, i) => Float64Array.from(x, (_, j) => (i === j ? a : 0)))
    expect([...eigenvaluesOf(diagonal)]).toEqual(x)
  })
})

describe('KID', () => {
  it('has an interval that holds zero for heaps that are alike, and not for heaps apart', () => {
    const alike = kernelDistance(heap(11, 150, 64, 1), heap(11, 300, 64, 1).slice(150))
    expect(alike.low as number).toBeLessThan(0)
    expect(alike.high as number).toBeGreaterThan(0)
    const apart = kernelDistance(heap(3, 150, 64, 1), heap(3, 300, 64, 1.3).slice(150))
    expect(apart.low as number).toBeGreaterThan(0)
  })

  it('has the interval of leaving out one picture at a time', () => {
    const [made, real] = [heap(5, 8, 16, 1), heap(6, 6, 16, 1.2)]
    const { value, low, high } = kernelDistance(made, real)
    const without = (list: Float64Array[], index: number) => list.filter((_, at) => at !== index)
    const spread = (values: number[]) => {
      const mean = values.reduce((sum, each) => sum + each, 0) / values.length
      return ((values.length - 1) / values.length) * values.reduce((sum, each) => sum + (each - mean) ** 2, 0)
    }
    const variance =
      spread(made.map((_, index) => kernelDistance(without(made, index), real).value)) +
      spread(real.map((_, index) => kernelDistance(made, without(real, index)).value))
    expect(low).toBeCloseTo(value - 1.96 * Math.sqrt(variance), 4)
    expect(high).toBeCloseTo(value + 1.96 * Math.sqrt(variance), 4)
  })

  it('cannot be told of two pictures', () => {
    expect(kernelDistance(heap(1, 2, 8, 1), heap(2, 9, 8, 1)).value).toBeNaN()
  })
})

describe('precision and recall', () => {
  it('are one for a heap against itself, and zero for heaps that do not touch', () => {
    const near = heap(1, 30, 8, 1)
    const far = near.map((vector) => vector.map((value) => value + 100))
    expect([precisionOf(near, near).value, recallOf(near, near).value]).toEqual([1, 1])
    expect([precisionOf(near, far).value, recallOf(near, far).value]).toEqual([0, 0])
  })
})

/** The pictures of make_figures.py. */
function picture({ height, width, channels }: z.infer<typeof pictureCase>, phase: number): Plane {
  const data = new Float32Array(height * width * channels)
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1)
      for (let c = 0; c < channels; c += 1) {
        const value = 0.5 + 0.5 * Math.sin(0.37 * x + 0.23 * y * (c + 1) + phase + 0.001 * x * y)
        const noise = phase ? randomUniform(7, y, x, c) : value
        data[(y * width + x) * channels + c] = 0.9 * value + 0.1 * noise
      }
  return { data, widthPx: width, heightPx: height, channels }
}

describe('MS-SSIM', () => {
  it.each(reference.msSsim)(
    'is what pytorch-msssim says, to 1e-4: $width x $height x $channels, $phase',
    (given) => {
      const found = multiScaleSimilarity(picture(given, 0), picture(given, given.phase))
      expect(Math.abs(found - given.value)).toBeLessThan(1e-4)
    },
  )

  it('is one for equal pictures, and not told for a side of 160 px', () => {
    const given = { height: 161, width: 170, channels: 1, phase: 0, value: 0 }
    expect(multiScaleSimilarity(picture(given, 0), picture(given, 0))).toBe(1)
    const small = { ...given, height: 160 }
    expect(multiScaleSimilarity(picture(small, 0), picture(small, 0))).toBeNaN()
  })
})
