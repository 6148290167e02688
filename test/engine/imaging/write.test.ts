import { chmodSync, existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { removeGps, removeGpsFromXmp } from '../../../src/engine/imaging/exif.ts'
import { makePreview } from '../../../src/engine/imaging/preview.ts'
import { readPicture } from '../../../src/engine/imaging/read.ts'
import { writePicture } from '../../../src/engine/imaging/write.ts'
import { noise, put, refusalFrom, samplePicture, temporaryFolder } from './awkward.ts'

const folder = temporaryFolder()
const exif = {
  IFD0: { Make: 'Leica', Model: 'M3 test', Copyright: 'A. Person' },
  IFD2: { ExposureTime: '1/125', PixelXDimension: '30', PixelYDimension: '20' },
  IFD3: {
    GPSLatitudeRef: 'N',
    GPSLatitude: '51/1 30/1 3230/100',
    GPSLongitudeRef: 'W',
    GPSMapDatum: 'SECRET-PLACE',
  },
}

async function photograph(): Promise<string> {
  const jpeg = await noise(30, 20)
    .withExif(exif)
    .withMetadata({ orientation: 6, density: 240, exif })
    .withIccProfile('p3')
    .jpeg()
    .toBuffer()
  return put(folder, 'photograph.jpg', jpeg)
}

describe('a photograph', () => {
  it('keeps EXIF, profile and resolution in every format, upright once', async () => {
    const source = await photograph()
    const picture = await readPicture(source, { colour: 'own' })
    expect([picture.widthPx, picture.heightPx]).toEqual([20, 30])
    for (const format of ['jpeg', 'png', 'webp', 'avif', 'tiff'] as const) {
      const path = join(folder, `kept.${format}`)
      await writePicture(path, picture, { format })
      const read = await sharp(path).metadata()
      expect([read.width, read.height, read.orientation ?? 1], format).toEqual([20, 30, 1])
      expect(read.icc, format).toEqual((await sharp(source).metadata()).icc)
      const { exif: block } = (await readPicture(path)).metadata
      for (const told of ['M3 test', 'SECRET-PLACE', 'A. Person'])
        expect(block?.includes(told), format).toBe(true)
      if (format === 'jpeg' || format === 'png' || format === 'tiff')
        expect(Math.round(read.density ?? 0), format).toBe(240)
    }
  })

  it('loses the place on request: no byte of it is left in the file', async () => {
    const picture = await readPicture(await photograph())
    for (const format of ['jpeg', 'png', 'webp', 'avif', 'tiff'] as const) {
      const path = join(folder, `nowhere.${format}`)
      await writePicture(path, picture, { format, removeGps: true })
      const bytes = readFileSync(path)
      expect(bytes.includes('SECRET-PLACE'), format).toBe(false)
      const block = (await readPicture(path)).metadata.exif
      expect(block?.includes('M3 test'), format).toBe(true)
      // The pointer to the GPS directory, in either byte order.
      expect(block?.includes(Buffer.from([0x88, 0x25, 0, 4])), format).toBe(false)
      expect(block?.includes(Buffer.from([0x25, 0x88, 4, 0])), format).toBe(false)
    }
  })

  it('loses the place from XMP too', () => {
    const xmp =
      '<rdf:Description exif:GPSLatitude="51,30N" tiff:Make="X"><exif:GPSLongitude>0,7W</exif:GPSLongitude><dc:a/></rdf:Description>'
    expect(removeGpsFromXmp(xmp)).toBe('<rdf:Description tiff:Make="X"><dc:a/></rdf:Description>')
  })

  it('drops EXIF that does not parse instead of trusting it', () => {
    const hostile = [Buffer.from('II*\0\xff\xff\xff\x7f', 'latin1'), Buffer.from('no'), Buffer.alloc(0)]
    for (const block of hostile) expect(removeGps(block)).toBeNull()
  })
})

describe('writing', () => {
  it('leaves nothing behind when it fails, and says why', async () => {
    const blocked = put(folder, 'a-file', 'x')
    const refusal = await refusalFrom(
      writePicture(join(blocked, 'out.png'), samplePicture(4, 4), { format: 'png' }),
    )
    expect(refusal.code).toBe('not-a-folder')
    if (process.getuid?.() !== 0) {
      chmodSync(folder, 0o500)
      const denied = await refusalFrom(
        writePicture(join(folder, 'out.png'), samplePicture(4, 4), { format: 'png' }),
      )
      chmodSync(folder, 0o700)
      expect(denied.code).toBe('write-forbidden')
    }
    const data = samplePicture(4, 4, { channels: 5 })
    expect((await refusalFrom(writePicture(join(folder, 'd.png'), data, { format: 'png' }))).code).toBe(
      'format-cannot-hold',
    )
    expect(readdirSync(folder).filter((name) => name.includes('.tmp'))).toEqual([])
  })

  it('keeps grey grey in JPEG, lays transparency on white there, and reads a broken profile as none', async () => {
    const grey = samplePicture(16, 8, { channels: 1, alpha: true })
    grey.alpha?.fill(0)
    const path = join(folder, 'grey.jpg')
    await writePicture(path, grey, { format: 'jpeg', quality: 100 })
    const read = await readPicture(path)
    expect(read).toMatchObject({ channels: 1, alpha: null, colourSpace: 'grey' })
    expect(Math.min(...read.data)).toBeGreaterThan(253)
    const odd = samplePicture(16, 8)
    const metadata = { ...odd.metadata, icc: Buffer.from('this is not a profile '.repeat(10)) }
    for (const format of ['jpeg', 'png'] as const) {
      await writePicture(join(folder, `odd.${format}`), { ...odd, metadata }, { format })
      expect((await readPicture(join(folder, `odd.${format}`))).widthPx).toBe(16)
    }
  })

  it('writes file names in any script', async () => {
    const path = join(folder, 'Grüße 写真 ñandú.png')
    await writePicture(path, samplePicture(4, 4), { format: 'png' })
    expect((await readPicture(path)).widthPx).toBe(4)
  })
})

describe('previews', () => {
  it('are small, upright, 8-bit, made once and made again when the original changes', async () => {
    const cacheFolder = join(folder, 'previews')
    const path = join(folder, 'big.png')
    await writePicture(path, samplePicture(900, 400, { bitDepth: 16 }), { format: 'png' })
    const request = { maxSidePx: 300, region: 'left', cacheFolder } as const
    const first = await makePreview(path, request)
    expect([first.widthPx, first.heightPx]).toEqual([300, 267])
    expect((await sharp(first.path).metadata()).depth).toBe('uchar')
    expect(await makePreview(path, request)).toEqual(first)
    await writePicture(path, samplePicture(50, 40, { alpha: true }), { format: 'png' })
    const second = await makePreview(path, { ...request, region: 'whole' })
    expect([second.widthPx, second.heightPx, (await sharp(second.path).metadata()).hasAlpha]).toEqual([
      50,
      40,
      true,
    ])
    expect(existsSync(first.path)).toBe(true)
  })

  it('look the same whether libvips shrinks while decoding or not, turned upright, wide colours in sRGB', async () => {
    const cacheFolder = join(folder, 'previews')
    const photo = await sharp({
      create: { width: 900, height: 500, channels: 3, background: { r: 60, g: 200, b: 80 } },
    })
      .withIccProfile('p3')
      .withMetadata({ orientation: 6, icc: 'p3' })
      .jpeg({ quality: 100 })
      .toBuffer()
    const path = put(folder, 'wide-gamut.jpg', photo)
    const preview = await makePreview(path, { maxSidePx: 100, region: 'whole', cacheFolder })
    expect([preview.widthPx, preview.heightPx]).toEqual([56, 100])
    const shown = await readPicture(preview.path)
    expect(shown.metadata.icc).toBeNull()
    for (const [channel, want] of [60, 200, 80].entries())
      expect(Math.abs((shown.data[channel] ?? 0) - want)).toBeLessThanOrEqual(3)
    const half = await makePreview(path, { maxSidePx: 100, region: 'left', cacheFolder })
    expect([half.widthPx, half.heightPx]).toEqual([28, 100])
  })

  it('exist for data of many channels and refuse what cannot be read', async () => {
    const path = join(folder, 'bands.tif')
    await writePicture(path, samplePicture(20, 10, { channels: 5, bitDepth: 16 }), { format: 'tiff' })
    const request = { maxSidePx: 64, region: 'whole', cacheFolder: join(folder, 'previews') } as const
    expect(await makePreview(path, request)).toMatchObject({ widthPx: 20, heightPx: 10 })
    writeFileSync(join(folder, 'text.jpg'), 'hello')
    expect((await refusalFrom(makePreview(join(folder, 'text.jpg'), request))).code).toBe('picture-is-text')
  })
})
