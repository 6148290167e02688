import { describe, expect, it } from 'vitest'
import { derivationSchema, type Derivation } from '../../../src/core/datasets/derivedPairs.ts'
import { randomGaussians } from '../../../src/core/random.ts'
import { deriveA } from '../../../src/engine/data/derive.ts'
import { createSamples, largestSample, type Picture } from '../../../src/engine/imaging/picture.ts'
import { refusalFrom } from '../imaging/awkward.ts'

const none = derivationSchema.parse({})
const everything: Derivation = {
  ...none,
  fading: 0.6,
  blurSigmaPx: 1.5,
  downscale: 2,
  downscaleKernel: 'mixed',
  noiseSigma: 15,
  jpegQuality: 40,
  scratches: 60,
  dust: 600,
}

/** A smooth colourful picture: waves of another length in every channel. */
function waves(widthPx: number, heightPx: number, channels = 3, bitDepth: 8 | 16 = 8): Picture {
  const data = createSamples(widthPx * heightPx * channels, bitDepth)
  const top = largestSample(bitDepth)
  for (let index = 0; index < data.length; index += 1) {
    const [x, y] = [Math.floor(index / channels) % widthPx, Math.floor(index / channels / widthPx)]
    const wave = Math.sin(0.07 * x * ((index % channels) + 1)) * Math.cos(0.05 * y + (index % channels))
    data[index] = Math.round(top * (0.5 + 0.5 * wave))
  }
  const colourSpace = channels === 1 ? 'grey' : channels === 3 ? 'srgb' : 'data'
  return { data, widthPx, heightPx, channels, bitDepth, alpha: null, colourSpace, metadata }
}

const metadata = { format: 'png', icc: null, exif: null, xmp: null, dotsPerInch: null } as const

function flat(shade: number, sizePx = 128, bitDepth: 8 | 16 = 8): Picture {
  const picture = waves(sizePx, sizePx, 3, bitDepth)
  return { ...picture, data: picture.data.map(() => shade) }
}

function meanDifference(a: Picture, b: Picture): number {
  expect(a.data).toHaveLength(b.data.length)
  return statistics(Float64Array.from(a.data, (value, index) => Math.abs(value - (b.data[index] ?? NaN))))
    .mean
}

function statistics(values: ArrayLike<number>): { mean: number; deviation: number } {
  const all = Array.from(values)
  const mean = all.reduce((sum, value) => sum + value, 0) / all.length
  const variance = all.reduce((sum, value) => sum + (value - mean) ** 2, 0) / all.length
  return { mean, deviation: Math.sqrt(variance) }
}

/** CIE L* of linear luminance, from the definition (CIE 15). */
function lightness(luminance: number): number {
  return luminance > (6 / 29) ** 3 ? 116 * Math.cbrt(luminance) - 16 : luminance * (29 / 3) ** 3
}

function luminanceOf(coded: readonly number[]): number {
  const [r = 0, g = r, b = r] = coded.map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
  // The Y row of engine/imaging/lab.ts (Poynton), whose lightness colourising keeps.
  return 0.212671 * r + 0.71516 * g + 0.072169 * b
}

describe('a spoiled copy', () => {
  it.each([8, 16] as const)(
    'is the same on every call, and another for another picture (%i bits)',
    async (bits) => {
      const b = waves(96, 64, 3, bits)
      const before = b.data.slice()
      const first = await deriveA(b, everything, 3, 5)
      expect(await deriveA(b, everything, 3, 5)).toEqual(first)
      expect(b.data).toEqual(before)
      expect((await deriveA(b, everything, 3, 6)).data).not.toEqual(first.data)
      expect((await deriveA(b, everything, 4, 5)).data).not.toEqual(first.data)
    },
  )

  it.each([1, 2, 3, 5])(
    'has the sides, channels and depth that were promised: %i channels',
    async (channels) => {
      for (const bitDepth of [8, 16] as const)
        for (const downscale of [1, 2, 3, 4]) {
          const b = waves(48, 26, channels, bitDepth)
          const a = await deriveA(b, { ...everything, downscale }, 1, 1)
          expect([a.widthPx, a.heightPx]).toEqual([Math.floor(48 / downscale), Math.floor(26 / downscale)])
          expect([a.channels, a.bitDepth, a.colourSpace]).toEqual([channels, bitDepth, b.colourSpace])
          expect(a.data).toHaveLength(a.widthPx * a.heightPx * channels)
        }
    },
  )

  it('is B itself where nothing is on, at both depths', async () => {
    for (const bits of [8, 16] as const) {
      const b = waves(40, 30, 3, bits)
      expect((await deriveA(b, none, 1, 1)).data).toEqual(b.data)
    }
  })

  it('stays within its bounds: none is spoiled more than its strength allows, and not all equally', async () => {
    const b = waves(128, 128)
    for (const [weak, strong] of [
      [{ fading: 0.2 }, { fading: 0.9 }],
      [{ blurSigmaPx: 1 }, { blurSigmaPx: 6 }],
      [{ noiseSigma: 5 }, { noiseSigma: 40 }],
      [{ jpegQuality: 80 }, { jpegQuality: 10 }],
      [{ scratches: 50 }, { scratches: 100 }],
      [{ dust: 300 }, { dust: 2000 }],
    ] as const) {
      const harm = async (some: object) =>
        Promise.all(
          Array.from({ length: 12 }, async (_, position) =>
            meanDifference(await deriveA(b, { ...none, ...some }, 1, position), b),
          ),
        )
      const [little, much] = [statistics(await harm(weak)), statistics(await harm(strong))]
      expect(little.mean).toBeGreaterThan(0)
      expect(much.mean).toBeGreaterThan(little.mean)
      expect(much.deviation).toBeGreaterThan(0)
    }
  })
})

describe('grey', () => {
  it.each([8, 16] as const)('keeps CIE lightness (%i bits)', async (bits) => {
    const b = waves(96, 96, 3, bits)
    const a = await deriveA(b, { ...none, grey: true }, 1, 1)
    const top = largestSample(bits)
    let worst = 0
    a.data.forEach((value, pixel) => {
      const colour = [0, 1, 2].map((channel) => (b.data[3 * pixel + channel] ?? NaN) / top)
      const wanted = lightness(luminanceOf(colour))
      // Half a step either way is what rounding may cost, wherever on the curve.
      const [low, high] = [value - 0.5001, value + 0.5001].map((v) =>
        lightness(luminanceOf([Math.max(0, v) / top])),
      )
      expect(wanted >= (low ?? NaN) - 1e-3 && wanted <= (high ?? NaN) + 1e-3).toBe(true)
      worst = Math.max(worst, Math.abs(lightness(luminanceOf([value / top])) - wanted))
    })
    expect(worst).toBeLessThan(bits === 8 ? 0.25 : 1e-3)
  })

  it('leaves grey pictures alone and refuses data', async () => {
    const grey = waves(20, 20, 1)
    expect((await deriveA(grey, { ...none, grey: true }, 1, 1)).data).toEqual(grey.data)
    const refusal = await refusalFrom(deriveA(waves(20, 20, 4), { ...none, grey: true }, 1, 1))
    expect(refusal.code).toBe('channels-unlike')
  })
})

describe('edges', () => {
  it('draws a dark line on the dark side of an edge, and nothing on flat ground of any shade', async () => {
    const drawn = async (b: Picture) => deriveA(b, { ...none, edges: true }, 1, 1)
    for (const shade of [0, 60, 255]) expect(new Set((await drawn(flat(shade))).data)).toEqual(new Set([255]))
    const step = waves(64, 16)
    step.data.forEach((_, index) => (step.data[index] = Math.floor(index / 3) % 64 < 32 ? 70 : 160))
    const { data, channels } = await drawn(step)
    expect(channels).toBe(1)
    const row = data.subarray(8 * 64, 9 * 64)
    const darkest = row.indexOf(Math.min(...row))
    expect(darkest).toBeGreaterThanOrEqual(29)
    expect(darkest).toBeLessThan(32)
    expect(row[darkest]).toBeLessThan(60)
    expect(row.filter((value) => value < 128).length).toBeLessThanOrEqual(4)
    expect([row[20], row[44]]).toEqual([255, 255])
  })
})

describe('noise', () => {
  it('is normal, with a sigma that is uniform up to its bound', async () => {
    const b = flat(32_768, 128, 16)
    const sigmas = await Promise.all(
      Array.from({ length: 40 }, async (_, position) => {
        const { data } = await deriveA(b, { ...none, noiseSigma: 20 }, 7, position)
        const { mean, deviation } = statistics(data)
        expect(Math.abs(mean - 32_768)).toBeLessThan((4 * deviation) / Math.sqrt(data.length) + 1)
        return deviation / 257
      }),
    )
    expect(Math.max(...sigmas)).toBeLessThan(20.2)
    expect(Math.max(...sigmas)).toBeGreaterThan(16)
    expect(Math.min(...sigmas)).toBeLessThan(4)
    expect(Math.abs(statistics(sigmas).mean - 10)).toBeLessThan((4 * 20) / Math.sqrt(12 * 40))
  })

  it('is drawn from values with the moments of a normal distribution, at even and odd lengths', () => {
    const values = Array.from(randomGaussians(99_999, 3, 1))
    const moment = (power: number) => values.reduce((sum, value) => sum + value ** power, 0) / values.length
    expect(Math.abs(moment(1))).toBeLessThan(4 / Math.sqrt(values.length))
    expect(Math.abs(moment(2) - 1)).toBeLessThan(4 * Math.sqrt(2 / values.length))
    expect(Math.abs(moment(3))).toBeLessThan(4 * Math.sqrt(15 / values.length))
    expect(Math.abs(moment(4) - 3)).toBeLessThan(4 * Math.sqrt(96 / values.length))
    const neighbours = values.slice(1).reduce((sum, value, index) => sum + value * (values[index] ?? NaN), 0)
    expect(Math.abs(neighbours / values.length)).toBeLessThan(4 / Math.sqrt(values.length))
    expect(randomGaussians(5, 3, 1)).toEqual(Float32Array.from(values.slice(0, 5)))
    expect(randomGaussians(5, 3, 2)).not.toEqual(randomGaussians(5, 3, 1))
  })
})

describe('JPEG', () => {
  it('costs little at 95; 16 bits go through 8; data goes channel by channel', async () => {
    const b = waves(64, 64, 3, 16)
    const mild = await deriveA(b, { ...none, jpegQuality: 95 }, 1, 1)
    expect(meanDifference(mild, b) / 257).toBeLessThan(4)
    expect(mild.data.every((value) => value % 257 === 0)).toBe(true)
    const data = waves(64, 64, 2)
    expect(meanDifference(await deriveA(data, { ...none, jpegQuality: 90 }, 1, 1), data)).toBeLessThan(4)
  })
})

describe('scratches and dust', () => {
  it('leave everything else untouched, bright and dark', async () => {
    const b = flat(128, 256)
    const pictures = await Promise.all(
      Array.from({ length: 20 }, (_, position) =>
        deriveA(b, { ...none, scratches: 40, dust: 400 }, 2, position),
      ),
    )
    const touched = pictures.map(({ data }) => data.filter((value) => value !== 128).length / data.length)
    expect(Math.max(...touched)).toBeLessThan(0.08)
    expect(statistics(touched).mean).toBeGreaterThan(0.001)
    const all = pictures.flatMap(({ data }) => [...data])
    expect([all.some((value) => value > 220), all.some((value) => value < 40)]).toEqual([true, true])
    // A mark is grey in all channels.
    expect(all.every((value, index) => value === all[index - (index % 3)])).toBe(true)
  })
})
