import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createLoader, type Loader, type LoaderOptions } from '../../../src/engine/data/loader.ts'
import { scanDataset } from '../../../src/engine/datasets/scan.ts'
import type { Picture } from '../../../src/engine/imaging/picture.ts'
import { writePicture } from '../../../src/engine/imaging/write.ts'
import { refusalFrom, samplePicture, temporaryFolder } from '../imaging/awkward.ts'

const root = temporaryFolder()
let projects = 0

/** A project whose B is made from its A by `after`. */
async function project(
  count: number,
  {
    bitDepth = 8,
    channels = 3,
    after = (a: Picture): Picture => a,
    size = [40, 30] as [number, number],
  } = {},
) {
  const folder = join(root, `project-${(projects += 1)}`)
  mkdirSync(folder)
  for (let index = 0; index < count; index += 1) {
    const a = samplePicture(size[0], size[1], { bitDepth: bitDepth as 8 | 16, channels })
    a.data.forEach((value, at) => (a.data[at] = value + index * 17))
    const format = channels === 1 || channels === 3 ? ('png' as const) : ('tiff' as const)
    for (const [side, picture] of [
      ['A', a],
      ['B', after(a)],
    ] as const)
      await writePicture(join(folder, side, `${index}.${format}`), picture, { format })
  }
  const report = await scanDataset({ kind: 'paired-folders', options: { a: 'A', b: 'B' } }, folder)
  return { folder, report }
}

const options: LoaderOptions = {
  preprocess: 'resize_and_crop',
  loadSizePx: 24,
  cropSizePx: 16,
  flip: true,
  batchSize: 2,
  direction: 'AtoB',
}
const bytes = (data: Float32Array) =>
  Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64')
const batchOf = async (loader: Loader, step: number) => {
  const { realA, realB } = await loader.next(step)
  return `${bytes(realA.data)} ${bytes(realB.data)}`
}

describe('a batch', () => {
  it('is a pure function of seed and step, whatever was asked before and whatever is cached', async () => {
    const { report } = await project(7)
    const first = createLoader({ report, options, seed: 3, split: 'train' })
    const steps = [1, 2, 3, 4, 5, 6, 7, 8, 9]
    const inOrder: string[] = []
    for (const step of steps) inOrder.push(await batchOf(first, step))
    const tight = createLoader({ report, options, seed: 3, split: 'train', cacheBytes: 1, readAhead: 0 })
    for (const step of [9, 1, 5, 5, 2])
      expect(await batchOf(tight, step), `step ${step}`).toBe(inOrder[step - 1])
    const other = createLoader({ report, options, seed: 4, split: 'train' })
    expect(await batchOf(other, 1)).not.toBe(inOrder[0])
    expect(new Set(inOrder).size).toBe(inOrder.length)
  })

  it('shows every pair once an epoch', async () => {
    const after = (a: Picture): Picture => ({ ...a, data: a.data.map(() => a.data[0] as number) })
    const { report } = await project(6, { after })
    const train = report.counts.train
    const loader = createLoader({ report, options: { ...options, batchSize: 1 }, seed: 1, split: 'train' })
    const epochs: number[][] = []
    for (let epoch = 0; epoch < 3; epoch += 1) {
      const seen: number[] = []
      for (let item = 1; item <= train; item += 1)
        seen.push((await loader.next(epoch * train + item)).realB.data[0] as number)
      expect(new Set(seen).size).toBe(train)
      epochs.push(seen)
    }
    expect(epochs[1]).not.toEqual(epochs[0])
  })

  it('cuts and mirrors both sides alike, and keeps values in [-1,1]', async () => {
    for (const preprocess of ['resize_and_crop', 'crop', 'scale_width_and_crop'] as const)
      for (const bitDepth of [8, 16] as const) {
        const { report } = await project(4, { bitDepth })
        const loader = createLoader({ report, options: { ...options, preprocess }, seed: 5, split: 'train' })
        const mirrored = createLoader({
          report,
          options: { ...options, preprocess, flip: false },
          seed: 5,
          split: 'train',
        })
        let flips = 0
        for (let step = 1; step <= 6; step += 1) {
          const { realA, realB } = await loader.next(step)
          expect(realA.shape).toEqual([2, 16, 16, 3])
          expect(bytes(realA.data)).toBe(bytes(realB.data))
          expect(Math.max(...realA.data)).toBeLessThanOrEqual(1)
          expect(Math.min(...realA.data)).toBeGreaterThanOrEqual(-1)
          if (bytes((await mirrored.next(step)).realA.data) !== bytes(realA.data)) flips += 1
        }
        expect(flips).toBeGreaterThan(0)
      }
  })

  it('maps black to -1, white to 1 and keeps 16-bit steps apart', async () => {
    const ramp = samplePicture(16, 16, { channels: 1, bitDepth: 16 })
    ramp.data.forEach((_, at) => (ramp.data[at] = at === 0 ? 0 : 65535 - 255 + at))
    const { report } = await project(1, { bitDepth: 16, channels: 1, size: [16, 16], after: () => ramp })
    const cropped = { ...options, preprocess: 'crop' as const, flip: false, batchSize: 1 }
    const { realB } = await createLoader({ report, options: cropped, seed: 1, split: 'train' }).next(1)
    expect(realB.data[0]).toBe(-1)
    expect(realB.data[255]).toBe(1)
    expect(new Set(realB.data).size).toBe(256)
  })

  it('gives A and B by direction, with any channels on either side', async () => {
    const after = () => samplePicture(40, 30, { channels: 5, bitDepth: 16 })
    const folder = join(root, 'bands')
    await writePicture(join(folder, 'A/1.png'), samplePicture(40, 30, { channels: 1 }), { format: 'png' })
    await writePicture(join(folder, 'B/1.tif'), after(), { format: 'tiff' })
    const report = await scanDataset({ kind: 'paired-folders', options: { a: 'A', b: 'B' } }, folder)
    const single = { ...options, batchSize: 1 }
    const there = await createLoader({ report, options: single, seed: 1, split: 'train' }).next(1)
    expect([there.realA.shape[3], there.realB.shape[3]]).toEqual([1, 5])
    const back = createLoader({ report, options: { ...single, direction: 'BtoA' }, seed: 1, split: 'train' })
    expect([back.inputChannels, back.outputChannels]).toEqual([5, 1])
    const batch = await back.next(1)
    expect(bytes(batch.realA.data)).toBe(bytes(there.realB.data))
    expect(bytes(batch.realB.data)).toBe(bytes(there.realA.data))
  })
})

describe('held-out pairs', () => {
  it('are spread over the split and always the same', async () => {
    const { report } = await project(30)
    const loader = createLoader({ report, options, seed: 1, split: 'train' })
    const names = async () =>
      (await Array.fromAsync(loader.evaluationPairs('val', 2))).map(({ name }) => name)
    expect(await names()).toEqual(await names())
    expect(await names()).toHaveLength(2)
    const [pair] = await Array.fromAsync(loader.evaluationPairs('val', 1))
    expect(pair?.realA.shape).toEqual([1, 16, 16, 3])
    expect((await Array.fromAsync(loader.evaluationPairs('val', 99))).length).toBe(report.counts.val)
  })
})

describe('trouble', () => {
  it('is told by name when a picture vanishes, and an empty split is refused', async () => {
    const { folder, report } = await project(3)
    expect(() => createLoader({ report, options, seed: 1, split: 'val' })).toThrow(/no pair in val/)
    for (const index of [0, 1, 2]) rmSync(join(folder, `A/${index}.png`))
    const refusal = await refusalFrom(createLoader({ report, options, seed: 1, split: 'train' }).next(1))
    expect(refusal.code).toBe('picture-missing')
    expect(refusal.message).toMatch(/\d\.png/)
  })
})
