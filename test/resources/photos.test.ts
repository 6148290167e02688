import { createHash } from 'node:crypto'
import { readFileSync, readdirSync, statSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import { expect, test } from 'vitest'
import { z } from 'zod'

const photosDir = fileURLToPath(new URL('../../resources/photos', import.meta.url))
const photo = z.strictObject({
  file: z.string(),
  title: z.string().min(1),
  author: z.string().min(1),
  licence: z.enum(['CC0-1.0', 'CC-BY-4.0', 'public domain']),
  package: z.string().min(1),
  original: z.string().min(1),
  changes: z.string().min(1),
  sha256: z.string(),
})
const { photos } = z
  .strictObject({ photos: z.array(photo) })
  .parse(JSON.parse(readFileSync(path.join(photosDir, 'photos.json'), 'utf8')))

test('every photograph that ships has its title, author, licence and bytes named', () => {
  const shipped = readdirSync(photosDir).filter((name) => name.endsWith('.jpg'))
  expect(photos.map(({ file }) => file).sort()).toEqual(shipped.sort())
  for (const { file, sha256 } of photos) {
    const bytes = readFileSync(path.join(photosDir, file))
    expect([file, createHash('sha256').update(bytes).digest('hex')]).toEqual([file, sha256])
  }
})

test('one photograph lies on its side by EXIF, with a colour profile and a GPS position', async () => {
  const { orientation, icc, exif, width, height } = await sharp(
    path.join(photosDir, 'dogs-at-a-window.jpg'),
  ).metadata()
  const gpsTag = Buffer.from([0x25, 0x88])
  expect({ orientation, hasProfile: icc !== undefined, hasGps: exif?.includes(gpsTag), wide: width > height }).toEqual({
    orientation: 6,
    hasProfile: true,
    hasGps: true,
    wide: true,
  })
})

test('all that ships in resources stays under 38 MB, and the networks that measure under 25 MB', () => {
  const root = path.join(photosDir, '..')
  const entries = readdirSync(root, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile())
  const bytesOf = (chosen: typeof files) =>
    chosen.reduce((sum, { parentPath, name }) => sum + statSync(path.join(parentPath, name)).size, 0)
  const measuring = files.filter(({ parentPath }) => path.basename(parentPath) === 'metrics')
  expect(bytesOf(files.filter((file) => !measuring.includes(file)))).toBeLessThan(38e6)
  expect(bytesOf(measuring)).toBeLessThan(25e6)
})
