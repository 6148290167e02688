import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { splitNames } from '../../src/core/datasets/report.ts'
import { projectFile } from '../../src/core/project/project.ts'
import { copySample } from '../../src/engine/storage/samples.ts'

const samplesDir = fileURLToPath(new URL('../../resources/samples', import.meta.url))
const halfTileDegrees = (256 / 4096) * 180

const band = z.tuple([z.number(), z.number()])
const bandsOf = z.record(z.enum(splitNames), z.array(band))
const sampleCard = z.object({
  id: z.string(),
  tiles: z.record(z.enum(splitNames), z.number()),
  rule: z.object({ longitudes: bandsOf }),
  files: z.record(z.string(), z.string()),
})

function readCard(id: string) {
  return sampleCard.parse(JSON.parse(readFileSync(path.join(samplesDir, id, 'sample.json'), 'utf8')))
}

function listPictures(id: string): string[] {
  return ['A', 'B'].flatMap((side) =>
    splitNames.flatMap((split) =>
      readdirSync(path.join(samplesDir, id, side, split)).map((name) => `${side}/${split}/${name}`),
    ),
  )
}

const centreLongitude = (name: string) => Number(/_lon([+-]\d{3})\.png$/.exec(name)?.[1])

describe.each(['map-to-satellite', 'day-to-night'])('sample %s', (id) => {
  const card = readCard(id)
  const files = listPictures(id)

  test('holds exactly the files of sample.json, byte for byte', () => {
    const hashes = files.map((file) => [
      file,
      createHash('sha256')
        .update(readFileSync(path.join(samplesDir, id, file)))
        .digest('hex'),
    ])
    expect(Object.fromEntries(hashes)).toEqual(card.files)
  })

  test('pairs every picture, as many as it says', () => {
    for (const split of splitNames) {
      const names = readdirSync(path.join(samplesDir, id, 'A', split)).sort()
      expect(readdirSync(path.join(samplesDir, id, 'B', split)).sort()).toEqual(names)
      expect(names).toHaveLength(card.tiles[split])
    }
  })

  test('is 256 pixels on each side, in every picture', async () => {
    for (const file of files) {
      const { width, height, format } = await sharp(path.join(samplesDir, id, file)).metadata()
      expect([file, width, height, format]).toEqual([file, 256, 256, 'png'])
    }
  })

  test('never shows test or validation ground while training: longitudes are disjoint', () => {
    const bands = splitNames.flatMap((split) =>
      card.rule.longitudes[split].map(([from, to]) => ({ split, from, to })),
    )
    bands.sort((one, other) => one.from - other.from)
    for (const [index, next] of bands.entries()) {
      const previous = bands[index - 1]
      if (previous === undefined) continue
      const apart = next.from - previous.to
      expect(apart).toBeGreaterThanOrEqual(previous.split === 'train' || next.split === 'train' ? 2.8 : 0)
    }
    for (const split of splitNames) {
      for (const name of readdirSync(path.join(samplesDir, id, 'A', split))) {
        const [west, east] = [
          centreLongitude(name) - halfTileDegrees,
          centreLongitude(name) + halfTileDegrees,
        ]
        // Names round the centre to whole degrees.
        const inside = card.rule.longitudes[split].some(
          ([from, to]) => west >= from - 0.51 && east <= to + 0.51,
        )
        expect([name, inside]).toEqual([name, true])
      }
    }
  })

  test('has a project.json that the studio opens', () => {
    const file: unknown = JSON.parse(readFileSync(path.join(samplesDir, id, 'project.json'), 'utf8'))
    expect(projectFile.parse(file).sample).toBe(id)
  })
})

const ground = z.object({
  tiles: z.object({ A: z.record(z.enum(splitNames), z.number()), B: z.record(z.enum(splitNames), z.number()) }),
  rule: z.object({
    tilePx: z.record(z.enum(splitNames), z.number()),
    longitudes: z.record(z.enum(['trainA', 'trainB', 'val', 'test']), z.array(band)),
  }),
  files: z.record(z.string(), z.string()),
})

function hashesOf(id: string, files: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    files.map((file) => [
      file,
      createHash('sha256')
        .update(readFileSync(path.join(samplesDir, id, file)))
        .digest('hex'),
    ]),
  )
}

function readJson(id: string, file: string): unknown {
  return JSON.parse(readFileSync(path.join(samplesDir, id, file), 'utf8'))
}

describe('sample day-to-night-unpaired', () => {
  const id = 'day-to-night-unpaired'
  const card = ground.parse(readJson(id, 'sample.json'))
  const files = listPictures(id)
  const { trainA, trainB, val, test: scored } = card.rule.longitudes
  const overlaps = (one: readonly [number, number][], other: readonly [number, number][], apart: number) =>
    one.some(([from, to]) => other.some(([start, end]) => from < end + apart && start < to + apart))

  test('holds exactly the files of sample.json, in their sizes, as many as it says', async () => {
    expect(hashesOf(id, files)).toEqual(card.files)
    for (const side of ['A', 'B'] as const)
      for (const split of splitNames) {
        const own = files.filter((file) => file.startsWith(`${side}/${split}/`))
        expect(own).toHaveLength(card.tiles[side][split])
        for (const file of own) {
          const { width, height } = await sharp(path.join(samplesDir, id, file)).metadata()
          expect([file, width, height]).toEqual([file, card.rule.tilePx[split], card.rule.tilePx[split]])
        }
      }
  })

  test('shows no ground on both sides while training, and none that scores', () => {
    expect(overlaps(trainA, trainB, 0)).toBe(false)
    const training = [...trainA, ...trainB]
    expect([overlaps(training, val, 2.8), overlaps(training, scored, 2.8), overlaps(val, scored, 0)]).toEqual([
      false,
      false,
      false,
    ])
    const strips = { 'A/train': trainA, 'B/train': trainB, 'A/val': val, 'B/val': val, 'A/test': scored, 'B/test': scored }
    for (const [folder, bands] of Object.entries(strips)) {
      const half = (card.rule.tilePx[folder.slice(2) as (typeof splitNames)[number]] / 4096) * 180
      for (const name of readdirSync(path.join(samplesDir, id, folder))) {
        const centre = Number(/_lon([+-]\d{3})\.webp$/.exec(name)?.[1])
        const inside = bands.some(([from, to]) => centre - half >= from - 0.51 && centre + half <= to + 0.51)
        expect([folder, name, inside]).toEqual([folder, name, true])
      }
    }
  })

  test('withholds true pairs under the same names, to score and to choose by', () => {
    for (const split of ['val', 'test'] as const)
      expect(readdirSync(path.join(samplesDir, id, 'A', split)).sort()).toEqual(
        readdirSync(path.join(samplesDir, id, 'B', split)).sort(),
      )
    const { dataset, sample } = projectFile.parse(readJson(id, 'project.json'))
    expect([sample, dataset?.options.scoreByName]).toEqual([id, true])
  })
})

describe('samples of photographs and paintings', () => {
  const cardSchema = z.object({
    borrowed: z.record(z.string(), z.string()).default({}),
    pictures: z.array(
      z.object({
        file: z.string(),
        author: z.string().min(1),
        licence: z.enum(['public domain', 'CC0-1.0']),
        original: z.string().min(1),
      }),
    ),
    files: z.record(z.string(), z.string()),
  })
  const listFolder = (id: string, folder: string) =>
    splitNames.flatMap((split) =>
      readdirSync(path.join(samplesDir, id, folder, split)).map((name) => `${folder}/${split}/${name}`),
    )

  test.each([
    ['photographs', 'photographs', 40],
    ['photo-to-painting', 'B', 8],
  ])('%s names author and licence of every picture, byte for byte', (id, folder, count) => {
    const card = cardSchema.parse(readJson(id, 'sample.json'))
    const files = listFolder(id, folder)
    expect(files).toHaveLength(count)
    expect(hashesOf(id, files)).toEqual(card.files)
    expect(card.pictures.map(({ file }) => file).sort()).toEqual(files.sort())
    expect(projectFile.parse(readJson(id, 'project.json')).sample).toBe(id)
  })

  test('a project of photo-to-painting gets its photographs from the other sample', async () => {
    const { borrowed } = cardSchema.parse(readJson('photo-to-painting', 'sample.json'))
    const folder = mkdtempSync(path.join(tmpdir(), 'diptych-sample-'))
    try {
      await copySample('photo-to-painting', folder)
      const photographs = listFolder(path.relative(samplesDir, folder), 'A')
      expect(photographs).toHaveLength(24)
      for (const [to, from] of Object.entries(borrowed))
        expect(readFileSync(path.join(folder, to)).equals(readFileSync(path.join(samplesDir, from)))).toBe(true)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

/** Reads one picture as rows of [r, g, b]. */
async function readPixels(file: string): Promise<number[][]> {
  const bytes = await sharp(path.join(samplesDir, file)).removeAlpha().toColourspace('srgb').raw().toBuffer()
  return Array.from({ length: bytes.length / 3 }, (_, i) => [...bytes.subarray(i * 3, i * 3 + 3)])
}

test('map and satellite show the same ground: blue water of A is blue in B', async () => {
  for (const name of ['lat+23_lon+034.png', 'lat+00_lon-056.png', 'lat-22_lon+124.png']) {
    const map = await readPixels(`map-to-satellite/A/test/${name}`)
    const ground = await readPixels(`map-to-satellite/B/test/${name}`)
    const blueness = ground.map(([r = 0, , b = 0]) => b - r)
    const isWater = map.map(([r, , b]) => r !== b)
    const mean = (wet: boolean) => {
      const values = blueness.filter((_, i) => isWater[i] === wet)
      return values.reduce((sum, value) => sum + value, 0) / values.length
    }
    expect([name, mean(true) - mean(false) > 40]).toEqual([name, true])
  }
})

describe('sample fashion', () => {
  const id = 'fashion'
  const counts = { train: 1000, val: 100, test: 200 }
  const card = z
    .object({
      licence: z.literal('MIT'),
      sheets: z.array(z.object({ file: z.string(), into: z.string(), count: z.number() })),
      files: z.record(z.string(), z.string()),
    })
    .parse(readJson(id, 'sample.json'))

  test('holds exactly the sheets of sample.json, byte for byte, and the licence', () => {
    const files = card.sheets.map(({ file }) => file)
    expect(hashesOf(id, files)).toEqual(Object.fromEntries(files.map((file) => [file, card.files[file]])))
    const present = readdirSync(path.join(samplesDir, id, 'sheets'), { recursive: true, encoding: 'utf8' })
    expect(present.filter((name) => name.endsWith('.png'))).toHaveLength(files.length)
    expect(readFileSync(path.join(samplesDir, id, 'LICENSE.txt'), 'utf8')).toContain('Zalando')
  })

  test('a new project of it has as many pictures of each class as it says, no two alike', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'diptych-fashion-'))
    try {
      const { sample } = await copySample(id, folder)
      expect(sample).toBe(id)
      const hashes: string[] = []
      for (const split of splitNames) {
        const classes = readdirSync(path.join(folder, 'pictures', split))
        expect(classes).toHaveLength(10)
        for (const name of classes) {
          const own = readdirSync(path.join(folder, 'pictures', split, name))
          expect([split, name, own.length]).toEqual([split, name, counts[split]])
          for (const file of own)
            hashes.push(
              createHash('sha256')
                .update(readFileSync(path.join(folder, 'pictures', split, name, file)))
                .digest('hex'),
            )
        }
      }
      // Fashion-MNIST itself has a few pictures twice.
      expect(new Set(hashes).size).toBeGreaterThan(hashes.length - 10)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})
