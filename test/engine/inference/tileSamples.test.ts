import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { binding, kernels, setKernels } from '../../../src/engine/backends/binding.ts'
import { openBackend } from '../../../src/engine/backends/index.ts'
import { tf } from '../../../src/engine/backends/tf.ts'
import type { Picture } from '../../../src/engine/imaging/picture.ts'
import { blendTile, readTile, roundSamples } from '../../../src/engine/inference/tileSamples.ts'
import { samplePicture } from '../imaging/awkward.ts'
import { normal } from '../support/numbers.ts'

beforeAll(async () => {
  await openBackend({ threads: 2 })
})
afterEach(() => setKernels(kernels))

/** The same by the addon and by JavaScript. */
function byBoth<T>(f: () => T): [T, T] {
  setKernels(kernels)
  const native = f()
  setKernels(kernels.filter((kernel) => kernel !== 'ownSamples'))
  return [native, f()]
}

const space = { low: -1, high: 1 }

describe.each([8, 16] as const)('samples of %i bits', (bitDepth) => {
  it.each([
    { left: 0, top: 0, widthPx: 13, heightPx: 9 },
    { left: 5, top: 7, widthPx: 40, heightPx: 33 },
    { left: 16, top: 10, widthPx: 1, heightPx: 1 },
  ])('are read in the range of the network, mirrored beyond the edges: %j', (rectangle) => {
    const picture: Picture = samplePicture(17, 11, { bitDepth })
    const [native, plain] = byBoth(() => {
      const tile = new Float32Array(rectangle.widthPx * rectangle.heightPx * 3)
      readTile(picture, rectangle, space, tile)
      return tile
    })
    expect(new Set(native).size).toBeGreaterThan(2)
    native.forEach((value, at) => expect(Math.abs(value - (plain[at] ?? NaN))).toBeLessThan(1e-6))
  })

  it('come back as they were, and what lies outside is clipped', () => {
    const top = bitDepth === 8 ? 255 : 65535
    const samples = Float32Array.from({ length: top + 1 }, (_, sample) => -1 + (2 * sample) / top)
    const values = Float32Array.from([...samples, -1.5, 7, -Infinity, Infinity])
    const rounded = byBoth(() => {
      const out = bitDepth === 8 ? new Uint8Array(values.length + 2) : new Uint16Array(values.length + 2)
      roundSamples(values, space, out, 1)
      return out
    })
    const expected = [0, ...Array.from(samples, (_, sample) => sample), 0, top, 0, top, 0]
    for (const out of rounded) expect(Array.from(out)).toEqual(expected)
  })
})

describe('blending', () => {
  const [rows, tileRow, bandRow, left, samples] = [5, 51, 70, 12, 49]
  const shareX = Float32Array.from({ length: samples }, (_, at) => Math.min(1, at / 20))
  const shareY = Float32Array.from([0, 0.5, 1, 1, 0.25])
  const where = { samples, rows, tileRow, left, bandRow }
  const blend = (spoiled: Record<number, number> = {}) =>
    byBoth(() => {
      const values = normal([rows, tileRow], 1).dataSync<'float32'>()
      for (const [at, value] of Object.entries(spoiled)) values[Number(at)] = value
      const band = Float32Array.from({ length: rows * bandRow }, (_, at) => at / 100)
      const made = tf.tensor2d(values, [rows, tileRow])
      const isFinite = blendTile(made, shareX, shareY, where, band)
      made.dispose()
      return { isFinite, band }
    })

  it('adds each value times its shares where it belongs, and nothing elsewhere', () => {
    const [native, plain] = blend()
    expect([native.isFinite, plain.isFinite]).toEqual([true, true])
    native.band.forEach((value, at) => {
      expect(Math.abs(value - (plain.band[at] ?? NaN))).toBeLessThan(1e-6)
      const [row, column] = [Math.floor(at / bandRow), (at % bandRow) - left]
      if (row === 0 || column < 0 || column >= samples) expect(value).toBe(Math.fround(at / 100))
    })
  })

  it.each([NaN, Infinity, -Infinity])('tells of %d where it counts, and only there', (offence) => {
    for (const at of [tileRow, 3 * tileRow + samples - 1])
      for (const { isFinite } of blend({ [at]: offence })) expect(isFinite).toBe(false)
    for (const at of [3, 2 * tileRow + samples])
      for (const { isFinite } of blend({ [at]: offence })) expect(isFinite).toBe(true)
  })

  it('takes the largest numbers for what they are', () => {
    for (const { isFinite } of blend({ 60: 3e38, 61: 3e38, 62: 3e38 })) expect(isFinite).toBe(true)
  })

  it('refuses what does not fit, before anything is written', () => {
    const [made, wrong] = [tf.zeros([rows, tileRow]), tf.zeros([2, 2])]
    const band = new Float32Array(rows * bandRow)
    const refusal = 'blendTile takes a tensor'
    expect(() => blendTile(wrong, shareX, shareY, where, band)).toThrow(refusal)
    expect(() => blendTile(made, shareX, shareY, { ...where, left: 22 }, band)).toThrow(refusal)
    expect(() => blendTile(made, shareX, shareY, { ...where, rows: 6 }, band)).toThrow(refusal)
    expect(() => blendTile(made, shareX.subarray(1), shareY, where, band)).toThrow(refusal)
    expect(() => binding().blendTile(123456, shareX, shareY, [1, 1, 1, 0, 1], band)).toThrow(refusal)
    expect(() => roundSamples(band, space, new Uint8Array(3), 0)).toThrow('roundSamples takes')
    const beyond = { left: 99, top: 0, widthPx: 2, heightPx: 2 }
    expect(() => readTile(samplePicture(17, 11), beyond, space, band)).toThrow('readTile takes')
  })
})
