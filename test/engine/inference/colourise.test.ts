import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { modelHeader, type ModelHeader } from '../../../src/core/models/modelHeader.ts'
import { openBackend } from '../../../src/engine/backends/index.ts'
import { tf } from '../../../src/engine/backends/tf.ts'
import type { Plane } from '../../../src/engine/evaluation/metrics.ts'
import { CHROMA_RANGE, labOf, type Triple } from '../../../src/engine/imaging/lab.ts'
import { largestSample, type Picture } from '../../../src/engine/imaging/picture.ts'
import { createModel, type OpenModel } from '../../../src/engine/inference/model.ts'
import { translatePicture } from '../../../src/engine/inference/translatePicture.ts'
import { samplePicture } from '../imaging/awkward.ts'
import { headerFor, weightsFor } from './models.ts'

beforeAll(async () => {
  await openBackend({ threads: 2 })
})
const open: OpenModel[] = []
afterEach(() => {
  for (const model of open.splice(0)) model.dispose()
})

const network = { ngf: 4, inputChannels: 1, outputChannels: 2 }

function headerOf(changes: Partial<ModelHeader> = {}): ModelHeader {
  return { ...headerFor('residual_2blocks', network, { channels: [1, 3] }), task: 'colourise', ...changes }
}

/** A colourising model. `bias`: weights of 0, so that it paints these a and b everywhere. */
function modelOf(changes: Partial<ModelHeader> = {}, bias?: [number, number]): OpenModel {
  const header = headerOf({ compose: 'lab-chroma', ...changes })
  const weights = new Map(weightsFor(header))
  if (bias) {
    const head = weights.get('head.weight')!
    weights.set('head.weight', { ...head, data: new Float32Array(head.data.length) })
    weights.set('head.bias', { shape: [2], data: Float32Array.from(bias, (value) => value / CHROMA_RANGE) })
  }
  const model = createModel(header, weights, 'test model')
  open.push(model)
  return model
}

function labsOf({ data, channels, bitDepth }: Picture): Triple[] {
  const top = largestSample(bitDepth)
  return Array.from({ length: data.length / channels }, (_, pixel) => {
    const sample = (channel: number) => data[pixel * channels + Math.min(channel, channels - 1)]! / top
    return labOf(sample(0), sample(1), sample(2))
  })
}

function greatestShift(made: Picture, original: Picture): number {
  const before = labsOf(original)
  return labsOf(made).reduce((most, [l], index) => Math.max(most, Math.abs(l - before[index]![0])), 0)
}

describe('a colourised picture', () => {
  it.each([
    ['grey, 16 bits', 1, 16, 0.01],
    ['colour, 16 bits', 3, 16, 0.01],
    // Half a step of 8 bits in the dark, where Lab is steepest.
    ['grey, 8 bits', 1, 8, 0.3],
    ['colour, 8 bits', 3, 8, 0.3],
  ] as const)('has the lightness of the original: %s', async (_, channels, bitDepth, most) => {
    const model = modelOf()
    const original = samplePicture(60, 45, { channels, bitDepth, alpha: true })
    const made = await translatePicture(model, original, { memoryMb: 500 })
    expect(made).toMatchObject({ channels: 3, bitDepth, colourSpace: 'srgb', widthPx: 60, heightPx: 45 })
    expect(made.alpha).toEqual(original.alpha)
    expect(greatestShift(made, original)).toBeLessThan(most)
    const isColourful = labsOf(made).some(([, a, b]) => Math.hypot(a, b) > 10)
    expect(isColourful).toBe(true)
  })

  it('has the colours that the network paints, and nothing of its own', async () => {
    const model = modelOf({}, [9, -14])
    const original = samplePicture(20, 20, { bitDepth: 16 })
    const muted: Picture = { ...original, data: original.data.map((sample) => 20000 + sample / 4) }
    const made = await translatePicture(model, muted, { memoryMb: 500 })
    for (const [, a, b] of labsOf(made)) {
      expect(a).toBeCloseTo(9, 1)
      expect(b).toBeCloseTo(-14, 1)
    }
    expect(greatestShift(made, muted)).toBeLessThan(0.01)
  })

  it('is the same in tiles as in one pass', async () => {
    const model = modelOf()
    const original = samplePicture(150, 130, { channels: 1, bitDepth: 16 })
    const seen: number[] = []
    const tiled = await translatePicture(model, original, {
      memoryMb: 1,
      onTile: ({ tile }) => seen.push(tile),
    })
    expect(seen.length).toBeGreaterThan(3)
    const whole = await translatePicture(model, original, { memoryMb: 4000 })
    for (let index = 0; index < whole.data.length; index += 1)
      expect(Math.abs(tiled.data[index]! - whole.data[index]!)).toBeLessThan(12)
  })

  it('gets its colours at the size of training, and its lightness at its own', async () => {
    const original = samplePicture(300, 200, { channels: 1, bitDepth: 16 })
    const model = modelOf({ workingSidePx: 40 }, [20, 5])
    const seen: number[] = []
    const compute = model.compute.bind(model)
    model.compute = (samples, height, width, norm) => {
      seen.push(width, height)
      return compute(samples, height, width, norm)
    }
    const made = await translatePicture(model, original, { memoryMb: 500 })
    expect(seen).toEqual([60, 40])
    expect([made.widthPx, made.heightPx]).toEqual([300, 200])
    expect(greatestShift(made, original)).toBeLessThan(0.01)
  })

  it('is stopped by its signal, and refused for data', async () => {
    const model = modelOf()
    const original = samplePicture(40, 40, { channels: 1 })
    const stopped = translatePicture(model, original, {
      memoryMb: 500,
      signal: AbortSignal.abort(new Error('stop')),
    })
    await expect(stopped).rejects.toThrow('stop')
    const data = samplePicture(40, 40, { channels: 5 })
    await expect(translatePicture(model, data, { memoryMb: 500 })).rejects.toThrow('5 channels')
  })
})

describe('in one pass, for measuring', () => {
  it('gives the picture that translating gives', async () => {
    const model = modelOf()
    for (const channels of [1, 3]) {
      const original = samplePicture(33, 21, { channels, bitDepth: 16 })
      const plane: Plane = {
        ...{ widthPx: 33, heightPx: 21, channels },
        data: Float32Array.from(original.data, (sample) => sample / 65535),
      }
      const forward = await model.forward(plane)
      expect(forward).toMatchObject({ widthPx: 33, heightPx: 21, channels: 3 })
      const made = await translatePicture(model, original, { memoryMb: 500 })
      for (const [index, value] of forward.data.entries())
        expect(Math.abs(value - made.data[index]! / 65535)).toBeLessThan(1e-3)
    }
  })

  it('leaves no tensor behind', async () => {
    const model = modelOf()
    const before = tf.memory().numTensors
    await model.forward({ widthPx: 9, heightPx: 9, channels: 1, data: new Float32Array(81) })
    expect(tf.memory().numTensors).toBe(before)
  })
})

describe('the header', () => {
  it('of an older model is still valid, and one that composes what it cannot is damaged', () => {
    expect(modelHeader.parse(headerOf()).compose).toBeUndefined()
    expect(() => createModel(headerOf(), weightsFor(headerOf()), 'm')).toThrow('other channels')
    const wide = headerFor('residual_2blocks', { ...network, scale: 2 }, { channels: [1, 3] })
    const enlarging: ModelHeader = { ...wide, compose: 'lab-chroma' }
    expect(() => createModel(enlarging, weightsFor(enlarging), 'm')).toThrow('other channels')
  })
})
