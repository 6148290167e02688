import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { openBackend } from '../../../src/engine/backends/index.ts'
import { tf } from '../../../src/engine/backends/tf.ts'
import { createModel, type OpenModel } from '../../../src/engine/inference/model.ts'
import { planAxis, planTiles } from '../../../src/engine/inference/tiles.ts'
import { mirrorIndex } from '../../../src/engine/kernels/mirrorIndex.ts'
import { translatePicture } from '../../../src/engine/inference/translatePicture.ts'
import { samplePicture } from '../imaging/awkward.ts'
import { headerFor, testModel, weightsFor } from './models.ts'

beforeAll(async () => {
  await openBackend({ threads: 2 })
})
const open: OpenModel[] = []
function modelOf(...request: Parameters<typeof testModel>): OpenModel {
  const model = testModel(...request)
  open.push(model)
  return model
}
afterEach(() => {
  for (const model of open.splice(0)) model.dispose()
})

const largest = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((most, value, index) => Math.max(most, Math.abs(value - (b[index] ?? 0))), 0)

describe('tiles', () => {
  it('share every pixel fully, never use their rim, and start on the grid', () => {
    const cases = [
      { multipleOf: 1, context: 10, tilePx: 200, paddedPx: [1000, 201, 333, 6001] },
      { multipleOf: 4, context: 84, tilePx: 1024, paddedPx: [1028, 1600, 6000, 4000] },
      { multipleOf: 256, context: 32, tilePx: 512, paddedPx: [768, 4096, 5888] },
    ].flatMap(({ paddedPx, ...one }) =>
      paddedPx.flatMap((padded) => [true, false].map((isLocal) => ({ ...one, padded, isLocal }))),
    )
    for (const { padded, tilePx: most, multipleOf, context, isLocal } of cases) {
      const { starts, shares, tilePx } = planAxis(padded, most, { multipleOf, context, isLocal })
      expect(tilePx % multipleOf).toBe(0)
      if (isLocal) expect(tilePx).toBeLessThanOrEqual(most)
      else expect(tilePx).toBe(most)
      expect((starts.at(-1) ?? 0) + tilePx).toBe(padded)
      const sums = new Float32Array(padded)
      starts.forEach((start, index) => {
        const share = shares[index] as Float32Array
        share.forEach((value, at) => (sums[start + at] = (sums[start + at] as number) + value))
        if (index > 0) expect(Math.max(...share.slice(0, context - 1))).toBe(0)
        if (index < starts.length - 1) expect(Math.max(...share.slice(-context + 1))).toBe(0)
        expect(start % Math.min(multipleOf, 32)).toBe(0)
      })
      expect(largest(sums, new Float32Array(padded).fill(1))).toBeLessThan(1e-6)
    }
  })

  it('stay under the budget, and take the whole picture where it fits', () => {
    const needs = {
      multipleOf: 4,
      context: 20,
      scale: 1,
      outputChannels: 3,
      bytesPerPx: 1000,
      isLocal: false,
    }
    expect(planTiles(300, 200, { ...needs, budgetBytes: 1e9 }).tiles).toBe(1)
    const plan = planTiles(3000, 2000, { ...needs, budgetBytes: 2e8 })
    expect(plan.tiles).toBeGreaterThan(1)
    expect(plan.x.tilePx ** 2 * 1000 + plan.x.tilePx * 3000 * 12).toBeLessThanOrEqual(2e8)
    // Where only the surroundings count, as many tiles need not be as large.
    const [even, largest] = [true, false].map((isLocal) =>
      planTiles(6000, 4000, { ...needs, budgetBytes: 2e9, isLocal }),
    )
    expect([even?.tiles, largest?.tiles, largest?.x.tilePx]).toEqual([35, 35, 1024])
    expect([even?.x.tilePx, even?.y.tilePx]).toEqual([960, 896])
  })

  it('mirror without repeating the edge', () => {
    expect(Array.from({ length: 12 }, (_, at) => mirrorIndex(at - 4, 4))).toEqual([
      2, 3, 2, 1, 0, 1, 2, 3, 2, 1, 0, 1,
    ])
    expect(mirrorIndex(5, 1)).toBe(0)
  })
})

describe('a picture in tiles', () => {
  it('equals the whole picture in one pass, for networks of a known reach', async () => {
    const cases = [
      modelOf('upconv_7', { scale: 1 }, { low: 0, task: 'restore' }),
      modelOf('upconv_7', { scale: 2 }, { low: 0, task: 'enlarge' }),
      modelOf('resnet_1blocks', { ngf: 4, norm: 'batch', dropout: false }),
      modelOf('resnet_1blocks', {
        ngf: 4,
        norm: 'batch',
        dropout: false,
        downsampling: 'antialiased',
        upsampling: 'antialiased',
      }),
    ]
    for (const model of cases) {
      const picture = samplePicture(173, 151, { bitDepth: 16 })
      const scale = model.network.scale
      const seen: number[] = []
      const tiled = await translatePicture(model, picture, {
        memoryMb: 1,
        onTile: ({ tile }) => seen.push(tile),
      })
      expect(seen.length, 'it was tiled').toBeGreaterThan(3)
      const whole = await translatePicture(model, picture, { memoryMb: 4000 })
      expect([tiled.widthPx, tiled.heightPx, tiled.bitDepth]).toEqual([173 * scale, 151 * scale, 16])
      expect(new Set(whole.data).size).toBeGreaterThan(1000)
      expect(largest(tiled.data, whole.data) / 65535, model.network.architecture).toBeLessThan(1e-4)
    }
  })

  it('may be smaller than the network needs, down to one pixel', async () => {
    const model = modelOf('unet_64', { ngf: 2, norm: 'instance' })
    for (const [width, height] of [
      [1, 1],
      [5, 90],
      [63, 65],
    ] as const) {
      const made = await translatePicture(model, samplePicture(width, height), { memoryMb: 500 })
      expect([made.widthPx, made.heightPx, made.data.length]).toEqual([width, height, width * height * 3])
    }
  })

  it('keeps grey grey where only sharpness changes, and gives a colour model colour', async () => {
    const grey = samplePicture(20, 20, { channels: 1, bitDepth: 16, alpha: true })
    const restore = modelOf('upconv_7', { scale: 2 }, { low: 0, task: 'enlarge' })
    const enlarged = await translatePicture(restore, grey, { memoryMb: 500 })
    expect(enlarged).toMatchObject({ channels: 1, colourSpace: 'grey', bitDepth: 16, widthPx: 40 })
    expect(enlarged.alpha?.length).toBe(1600)
    const colour = await translatePicture(modelOf('unet_16', { ngf: 2 }), grey, { memoryMb: 500 })
    expect(colour).toMatchObject({ channels: 3, colourSpace: 'srgb' })
    expect(colour.alpha).toEqual(grey.alpha)
    const toGrey = modelOf('unet_16', { ngf: 2, inputChannels: 1, outputChannels: 1 }, { channels: [1, 1] })
    expect(await translatePicture(toGrey, samplePicture(9, 9), { memoryMb: 500 })).toMatchObject({
      channels: 1,
    })
  })

  it('takes and gives any number of channels', async () => {
    const options = { ngf: 2, inputChannels: 5, outputChannels: 2 }
    const model = modelOf('unet_16', options, { channels: [5, 2], bitDepth: 16 })
    const made = await translatePicture(model, samplePicture(30, 20, { channels: 5 }), { memoryMb: 500 })
    expect(made).toMatchObject({ channels: 2, bitDepth: 16, colourSpace: 'data' })
    await expect(translatePicture(model, samplePicture(30, 20), { memoryMb: 500 })).rejects.toThrow(
      /5 are needed/,
    )
  })

  it('stops within one tile when it is cancelled, and leaves no tensor behind', async () => {
    const model = modelOf('upconv_7', { scale: 1 }, { low: 0 })
    await model.bytesPerPx()
    const before = tf.memory().numTensors
    const stop = new AbortController()
    let tiles = 0
    const work = translatePicture(model, samplePicture(400, 400), {
      memoryMb: 1,
      signal: stop.signal,
      onTile: ({ tile }) => {
        tiles = tile
        if (tile === 2) stop.abort()
      },
    })
    await expect(work).rejects.toThrow(/abort/i)
    expect(tiles).toBe(2)
    expect(tf.memory().numTensors).toBe(before)
  })

  it('tells a model that gives no numbers, and one whose tensors do not fit', async () => {
    const header = headerFor('unet_16', { ngf: 2 })
    const weights = new Map(weightsFor(header))
    const first = [...weights.keys()][0] ?? ''
    weights.set(first, { shape: weights.get(first)?.shape ?? [], data: new Float32Array(96).fill(NaN) })
    const broken = createModel(header, weights, 'broken')
    open.push(broken)
    await expect(translatePicture(broken, samplePicture(16, 16), { memoryMb: 500 })).rejects.toThrow(
      /diverged/,
    )
    weights.delete(first)
    expect(() => createModel(header, weights, 'broken')).toThrow(/missing/)
  })

  it('in one pass as the report scores it is the same picture', async () => {
    const model = modelOf('resnet_1blocks', { ngf: 4, norm: 'instance', dropout: false })
    const picture = samplePicture(30, 22)
    const plane = {
      data: Float32Array.from(picture.data, (v) => v / 255),
      widthPx: 30,
      heightPx: 22,
      channels: 3,
    }
    const made = await translatePicture(model, picture, { memoryMb: 500 })
    const scored = await model.forward(plane)
    expect(
      largest(
        scored.data,
        Float32Array.from(made.data, (v) => v / 255),
      ),
    ).toBeLessThan(0.51 / 255)
  })
})
