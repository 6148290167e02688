import { mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { DatasetConfig } from '../../../src/core/datasets/index.ts'
import { createLoader, type LoaderOptions } from '../../../src/engine/data/loader.ts'
import { scanDataset } from '../../../src/engine/datasets/scan.ts'
import { writePicture } from '../../../src/engine/imaging/write.ts'
import type { Pictures } from '../../../src/engine/recipes/trainer.ts'
import { refusalFrom, samplePicture, temporaryFolder } from '../imaging/awkward.ts'

const root = temporaryFolder()
let projects = 0

/** A picture of one value, so that a batch tells which picture it is of. */
async function flat(path: string, value: number, side = 20, channels: 1 | 3 = 3): Promise<void> {
  mkdirSync(dirname(path), { recursive: true })
  const picture = samplePicture(side, side, { channels })
  picture.data.fill(value)
  await writePicture(path, picture, { format: 'png' })
}

/** Sides of other lengths: A holds 10, 11, ..., B holds 100, 101, ... */
async function unpaired(inA: number, inB: number, names = ['', ''], options = {}) {
  const folder = join(root, `project-${(projects += 1)}`)
  for (let index = 0; index < inA; index += 1)
    await flat(join(folder, 'A', `${names[0]}${index}.png`), 10 + index)
  for (let index = 0; index < inB; index += 1)
    await flat(join(folder, 'B', `${names[1]}${index}.png`), 100 + index, 30)
  const dataset: DatasetConfig = { kind: 'unpaired-folders', options: { a: 'A', b: 'B', ...options } }
  return { folder, dataset, report: await scanDataset(dataset, folder) }
}

const options: LoaderOptions = {
  preprocess: 'resize_and_crop',
  loadSizePx: 18,
  cropSizePx: 16,
  flip: true,
  batchSize: 1,
  direction: 'AtoB',
}
const valueOf = ({ data }: Pictures) => Math.round((((data[0] as number) + 1) * 255) / 2)

describe('pictures without partners', () => {
  it('are counted and dealt a side, and hold no pairs', async () => {
    const { report } = await unpaired(20, 10)
    expect(report.pairs).toEqual([])
    expect(report.counts).toEqual({ train: 16, val: 2, test: 2 })
    expect([report.unpaired?.a.length, report.unpaired?.b.length]).toEqual([20, 10])
    expect([report.a?.largestPx, report.b?.largestPx]).toEqual([
      [20, 20],
      [30, 30],
    ])
  })

  it('come from two shuffles of their own: each side once an epoch of its own length', async () => {
    const { report } = await unpaired(7, 4, ['', ''], { validationShare: 0, testShare: 0 })
    const loader = createLoader({ report, options, seed: 3, split: 'train' })
    expect(loader.count).toBe(7)
    const seen: { a: number[]; b: number[] } = { a: [], b: [] }
    for (let step = 1; step <= 28; step += 1) {
      const { realA, realB } = await loader.next(step)
      seen.a.push(valueOf(realA))
      seen.b.push(valueOf(realB))
    }
    for (let epoch = 0; epoch < 4; epoch += 1)
      expect(new Set(seen.a.slice(7 * epoch, 7 * epoch + 7)).size).toBe(7)
    for (let epoch = 0; epoch < 7; epoch += 1)
      expect(new Set(seen.b.slice(4 * epoch, 4 * epoch + 4)).size).toBe(4)
    const meetings = new Set(seen.a.map((a, index) => `${a} ${seen.b[index] ?? 0}`))
    expect(meetings.size).toBeGreaterThan(14)
  })

  it('give the same batch for the same seed and step, and the other side by direction', async () => {
    const { report } = await unpaired(5, 9)
    const there = createLoader({ report, options, seed: 1, split: 'train' })
    const back = createLoader({
      report,
      options: { ...options, direction: 'BtoA' },
      seed: 1,
      split: 'train',
      cacheBytes: 1,
      readAhead: 0,
    })
    for (const step of [9, 2, 5]) {
      const [one, other] = [await there.next(step), await back.next(step)]
      expect(other.realA).toEqual(one.realB)
      expect(other.realB).toEqual(one.realA)
    }
  })

  it('show each picture of the look that is wanted once, whatever the sides count', async () => {
    const { report } = await unpaired(10, 40)
    const wantedOf = async (direction: 'AtoB' | 'BtoA') => {
      const loader = createLoader({ report, options: { ...options, direction }, seed: 1, split: 'train' })
      return (await Array.fromAsync(loader.targets('val'))).map(valueOf)
    }
    const held = (side: 'a' | 'b') => report.unpaired?.[side].filter(({ split }) => split === 'val').length
    const b = await wantedOf('AtoB')
    expect([b.length, new Set(b).size]).toEqual([held('b'), held('b')])
    expect(b.every((value) => value >= 100)).toBe(true)
    const a = await wantedOf('BtoA')
    expect([a.length, a.every((value) => value < 100)]).toEqual([held('a'), true])
  })

  it('score by held-out pictures of the same name where that is asked for, and never train on such pairs', async () => {
    const folder = join(root, 'withheld')
    for (const [split, name, value] of [
      ['train', 'x', 1],
      ['train', 'same', 2],
      ['val', 'x', 3],
      ['test', 'y', 4],
      ['test', 'z', 5],
    ] as const) {
      await flat(join(folder, 'A', split, `${name}.png`), 10 + value)
      await flat(join(folder, 'B', split, `${name === 'z' ? 'lonely' : name}.png`), 100 + value)
    }
    const scanned = (scoreByName: boolean) =>
      scanDataset({ kind: 'unpaired-folders', options: { a: 'A', b: 'B', scoreByName } }, folder)
    expect((await scanned(false)).pairs).toEqual([])
    const report = await scanned(true)
    expect(report.pairs.map(({ name, split }) => [name, split])).toEqual([
      ['test/y', 'test'],
      ['val/x', 'val'],
    ])
    const loader = createLoader({ report, options, seed: 1, split: 'train' })
    expect([loader.hasPairs('train'), loader.hasPairs('val')]).toEqual([false, true])
    const rows = await Array.fromAsync(loader.evaluationRows('test', 9))
    expect(rows.map(({ name, isPair }) => [name, isPair])).toEqual([
      ['test/y', true],
      ['test/z', false],
    ])
    expect(rows.map(({ realA, realB }) => [valueOf(realA), valueOf(realB)])[0]).toEqual([14, 104])
    expect(await Array.fromAsync(loader.evaluationPairs('test', 9))).toHaveLength(1)
    expect(report.fingerprint).not.toBe((await scanned(false)).fingerprint)
  })

  it('of different channels on the sides are kept so', async () => {
    const folder = join(root, 'channels')
    for (let index = 0; index < 3; index += 1) {
      await flat(join(folder, 'A', `${index}.png`), 5, 20, 1)
      await flat(join(folder, 'B', `${index}.png`), 9)
    }
    const report = await scanDataset({ kind: 'unpaired-folders', options: { a: 'A', b: 'B' } }, folder)
    const loader = createLoader({ report, options, seed: 1, split: 'train' })
    expect([loader.inputChannels, loader.outputChannels]).toEqual([1, 3])
    expect((await loader.next(1)).realA.shape).toEqual([1, 16, 16, 1])
  })

  it('that are in both folders, or missing on a side, are told', async () => {
    const { folder, report } = await unpaired(1, 1)
    await flat(join(folder, 'A', 'copy.png'), 100, 30)
    const found = await scanDataset({ kind: 'unpaired-folders', options: { a: 'A', b: 'B' } }, folder)
    expect(found.findings.map(({ code }) => code)).toContain('same-in-both')
    expect(report.findings.map(({ code }) => code)).toContain('few-pictures')
    const empty = { ...report, unpaired: { a: report.unpaired?.a ?? [], b: [] } }
    expect(() => createLoader({ report: empty, options, seed: 1, split: 'train' })).toThrow(/two folders/)
  })
})

describe('copies that are spoiled on purpose', () => {
  async function derived(harm: object) {
    const folder = join(root, `project-${(projects += 1)}`)
    for (let index = 0; index < 10; index += 1) {
      const path = join(folder, 'photos', `${index}.png`)
      mkdirSync(dirname(path), { recursive: true })
      await writePicture(path, samplePicture(40, 30), { format: 'png' })
    }
    return scanDataset({ kind: 'derived-pairs', options: { folder: 'photos', ...harm } }, folder)
  }

  it('are smaller and grey where asked, and are told as such', async () => {
    const report = await derived({ downscale: 2, grey: true })
    expect(report.a).toMatchObject({ channels: 1, smallestPx: [20, 15] })
    const loader = createLoader({ report, options, seed: 1, split: 'train' })
    expect(loader).toMatchObject({ scale: 2, inputChannels: 1, outputChannels: 3 })
    const { realA, realB } = await loader.next(1)
    expect([realA.shape, realB.shape]).toEqual([
      [1, 8, 8, 1],
      [1, 16, 16, 3],
    ])
    const odd = { ...options, cropSizePx: 17 }
    expect(() => createLoader({ report, options: odd, seed: 1, split: 'train' })).toThrow('2 times smaller')
  })

  it('differ from step to step in training, and are the same for every run when they are scored', async () => {
    const report = await derived({ noiseSigma: 50 })
    const load = (seed: number) => createLoader({ report, options, seed, split: 'train' })
    const [first, again] = [await load(1).next(1), await load(1).next(1)]
    expect(first.realA).toEqual(again.realA)
    expect(first.realA).not.toEqual(first.realB)
    const nextEpoch = await load(1).next(1 + report.counts.train)
    expect(nextEpoch.realA).not.toEqual(first.realA)
    const rows = async (seed: number) => Array.fromAsync(load(seed).evaluationRows('test', 9))
    expect(await rows(1)).toEqual(await rows(2))
  })

  it('have a fingerprint of their own, and doing nothing is refused', async () => {
    const one = await derived({ noiseSigma: 50 })
    const other = await derived({ noiseSigma: 51 })
    expect(one.fingerprint).not.toBe(other.fingerprint)
    const refusal = await refusalFrom(derived({ downscaleKernel: 'area' }))
    expect(refusal.code).toBe('derivation-none')
  })
})
