import { createHash } from 'node:crypto'
import { readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { splitNames } from '../../src/core/datasets/report.ts'
import { projectFile } from '../../src/core/project/project.ts'

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
