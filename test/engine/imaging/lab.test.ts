import { beforeAll, describe, expect, it } from 'vitest'
import { openBackend } from '../../../src/engine/backends/index.ts'
import { tf } from '../../../src/engine/backends/tf.ts'
import type { Tensor, Tensor4D } from '../../../src/engine/backends/tf.ts'
import {
  CHROMA_RANGE,
  colourWith,
  decodeSrgb,
  encodeSrgb,
  labOf,
  luminanceOf,
} from '../../../src/engine/imaging/lab.ts'
import * as onTensors from '../../../src/engine/kernels/lab.ts'
import { pick, readFixtures } from '../support/fixtures.ts'
import { differenceOf, expectTrueGradient, largest, normal, onBoth } from '../support/numbers.ts'

const all = readFixtures('restore.safetensors')
const colours = triples(pick(all, 'lab/rgb').data)

function triples(data: Float32Array): [number, number, number][] {
  return Array.from({ length: data.length / 3 }, (_, index) => {
    const [r = NaN, g = NaN, b = NaN] = data.subarray(3 * index, 3 * index + 3)
    return [r, g, b]
  })
}

describe('sRGB to Lab', () => {
  it("is scikit-image's, given the white of the matrix", () => {
    const ours = colours.flatMap((colour) => [...labOf(...colour)])
    expect(largest(differenceOf(ours, pick(all, 'lab/labOwnWhite').data))).toBeLessThan(1e-3)
    // Its own white is rounded otherwise, and tints greys by up to 0.006.
    expect(largest(differenceOf(ours, pick(all, 'lab/lab').data))).toBeLessThan(1e-2)
  })

  it('goes there and back', () => {
    for (const [r, g, b] of colours) {
      const [, a, chromaB] = labOf(r, g, b)
      expect(largest(differenceOf(colourWith(luminanceOf(r, g, b), a, chromaB), [r, g, b]))).toBeLessThan(
        1e-6,
      )
      expect(encodeSrgb(decodeSrgb(r))).toBeCloseTo(r, 6)
    }
  })

  it('gives greys no chroma, and no chroma greys', () => {
    for (const grey of [0, 0.01, 0.2, 0.5, 1]) {
      const [, a, b] = labOf(grey, grey, grey)
      expect(Math.max(Math.abs(a), Math.abs(b))).toBeLessThan(1e-9)
      const [red, green, blue] = colourWith(decodeSrgb(grey), 0, 0)
      for (const channel of [red, green, blue]) expect(channel).toBeCloseTo(grey, 9)
    }
  })
})

describe('a colour that sRGB does not have', () => {
  it('loses chroma, along its own hue, and keeps its lightness', () => {
    for (const grey of [0, 0.02, 0.3, 0.7, 0.97, 1])
      for (const [a, b] of [
        [100, 0],
        [-90, 90],
        [20, -108],
        [60, 70],
      ] as const) {
        const luminance = decodeSrgb(grey)
        const made = colourWith(luminance, a, b)
        for (const channel of made) expect(channel >= 0 && channel <= 1).toBe(true)
        expect(Math.abs(luminanceOf(...made) - luminance)).toBeLessThan(1e-6)
        const [, madeA, madeB] = labOf(...made)
        expect(madeA * b - madeB * a).toBeCloseTo(0, 0)
        expect(madeA * a + madeB * b).toBeGreaterThan(-1e-2)
        expect(Math.hypot(madeA, madeB)).toBeLessThan(Math.hypot(a, b) + 1e-6)
      }
  })

  it('keeps as much chroma as fits', () => {
    const made = colourWith(decodeSrgb(0.5), 100, 0)
    expect(Math.max(...made) === 1 || Math.min(...made) < 0.01).toBe(true)
  })
})

describe('on tensors', () => {
  beforeAll(async () => {
    await openBackend({ threads: 2 })
  })
  const asPicture = (values: readonly number[], channels: number) =>
    tf.tensor4d([...values], [1, 1, values.length / channels, channels])
  const coded = () =>
    asPicture(
      colours.flat().map((value) => 2 * value - 1),
      3,
    )

  it('gives the same chroma, greys and colours, with TensorFlow and without', async () => {
    const both = await onBoth(() => {
      const [chroma, greys] = [onTensors.chromaOf(coded()), onTensors.greyOf(coded())]
      return [chroma, greys, onTensors.colourWith(greys, chroma)].map((x) => Float32Array.from(x.dataSync()))
    })
    const expectedChroma = colours.flatMap((colour) => labOf(...colour).slice(1))
    const expectedGreys = colours.map((colour) => 2 * encodeSrgb(luminanceOf(...colour)) - 1)
    for (const [chroma, greys, again] of both) {
      const inLab = chroma!.map((value) => value * CHROMA_RANGE)
      expect(largest(differenceOf(inLab, expectedChroma))).toBeLessThan(1e-3)
      expect(largest(differenceOf(greys!, expectedGreys))).toBeLessThan(1e-5)
      expect(largest(differenceOf(again!, coded().dataSync()))).toBeLessThan(2e-4)
    }
  })

  it('has the gradients that finite differences see, inside sRGB and away from its knees', () => {
    const greys = () => tf.sub(tf.mul(tf.sigmoid(normal([1, 3, 3, 1], 4)), 0.6), 0.3) as Tensor4D
    const chroma = tf.mul(normal([1, 3, 3, 2], 5), 0.03)
    expectTrueGradient((x) => onTensors.colourWith(greys(), x as Tensor4D), [chroma], 1e-3)
    const inside = tf.mul(tf.tanh(normal([1, 3, 3, 3], 6)), 0.6)
    expectTrueGradient((x) => onTensors.chromaOf(x as Tensor4D), [inside], 1e-3)
  })

  it('never has an infinite slope: black, white, and colours that do not exist', () => {
    tf.tidy(() => {
      const greys = asPicture([-1, 1, -1, 1, 0], 1)
      const gradient = tf.grad((x: Tensor) => onTensors.colourWith(greys, x as Tensor4D).sum())
      for (const value of gradient(asPicture([0, 0, 0, 0, 1, 1, -1, 1, -1, -1], 2)).dataSync())
        expect(Number.isFinite(value)).toBe(true)
    })
  })
})
