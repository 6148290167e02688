import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { readHeader, readPicture } from '../../../src/engine/imaging/read.ts'
import { writePicture } from '../../../src/engine/imaging/write.ts'
import { noise, put, refusalFrom, samplePicture, temporaryFolder } from './awkward.ts'

const folder = temporaryFolder()

describe('what is refused', () => {
  it('names a truncated picture of every format', async () => {
    for (const format of ['jpeg', 'png', 'webp', 'tiff'] as const) {
      const whole = await noise(400, 300).toFormat(format).toBuffer()
      const path = put(folder, `half.${format}`, whole.subarray(0, Math.floor(whole.length * 0.6)))
      const refusal = await refusalFrom(readPicture(path))
      expect(refusal.code, `${format}: ${refusal.message}`).toMatch(/^picture-(truncated|damaged)$/)
      expect(refusal.message).toContain(`half.${format}`)
    }
  })

  it('tells the cause of each file even when many fail at once', async () => {
    const whole = await noise(200, 200).jpeg().toBuffer()
    const half = put(folder, 'half-of-many.jpg', whole.subarray(0, whole.length / 2))
    const empty = put(folder, 'empty-of-many.jpg', '')
    const round = async () => {
      const refusals = await Promise.all(
        [half, empty, half, half].map((path) => refusalFrom(readPicture(path))),
      )
      return refusals.map(({ code }) => code)
    }
    for (let index = 0; index < 30; index += 1)
      expect(await round()).toEqual([
        'picture-truncated',
        'picture-empty',
        'picture-truncated',
        'picture-truncated',
      ])
  })

  it('names empty files, text, drawings, folders and what is not there', async () => {
    const svg = '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'
    const codes = await Promise.all(
      [
        put(folder, 'empty.png', ''),
        put(folder, 'text.png', 'Dear diary, no picture today.'),
        put(folder, 'drawing.png', svg),
        put(
          folder,
          'garbage.jpg',
          Uint8Array.from({ length: 99 }, (_, i) => (i * 37) % 256),
        ),
        folder,
        join(folder, 'nowhere.jpg'),
      ].map(async (path) => (await refusalFrom(readPicture(path))).code),
    )
    expect(codes).toEqual([
      'picture-empty',
      'picture-is-text',
      'picture-unsupported',
      'picture-unsupported',
      'picture-not-a-file',
      'picture-missing',
    ])
  })

  it('names a picture that is too large before decoding it', async () => {
    const png = await noise(4, 4).png().toBuffer()
    png.writeUInt32BE(60000, 16)
    png.writeUInt32BE(60000, 20)
    png.writeUInt32BE(crc32(png.subarray(12, 29)), 29)
    expect((await refusalFrom(readPicture(put(folder, 'bomb.png', png)))).code).toBe('picture-too-large')
    const jpeg = await noise(4, 4).jpeg().toBuffer()
    const size = jpeg.indexOf(Buffer.from([0xff, 0xc0])) + 5
    jpeg.writeUInt16BE(60000, size)
    jpeg.writeUInt16BE(60000, size + 2)
    expect((await refusalFrom(readHeader(put(folder, 'huge.jpg', jpeg)))).code).toBe('picture-too-large')
  })

  it('refuses animations and shows their first frame when asked to', async () => {
    const frames = await Promise.all([noise(8, 6).png().toBuffer(), noise(8, 6).png().toBuffer()])
    const webp = await sharp(frames, { join: { animated: true } })
      .webp({ lossless: true })
      .toBuffer()
    const path = put(folder, 'moving.webp', webp)
    expect((await refusalFrom(readPicture(path))).code).toBe('picture-animated')
    expect(await readPicture(path, { firstFrame: true })).toMatchObject({ widthPx: 8, heightPx: 6 })
  })
})

describe('what is read', () => {
  it('turns every EXIF orientation upright, once', async () => {
    const upright = samplePicture(13, 7)
    const raw = { raw: { width: 13, height: 7, channels: 3 as const } }
    for (let orientation = 1; orientation <= 8; orientation += 1) {
      // What lies in the file is the upright picture with the orientation undone.
      let stored = sharp(upright.data, raw)
      if (orientation === 2) stored = stored.flop()
      if (orientation === 3) stored = stored.rotate(180)
      if (orientation === 4) stored = stored.flip()
      const undo = { 5: 270, 6: 270, 7: 90, 8: 90 }[orientation]
      const buffer = await stored.png().toBuffer()
      const turned =
        undo === undefined ? sharp(buffer) : sharp(await sharp(buffer).rotate(undo).png().toBuffer())
      const mirrored = orientation === 5 || orientation === 7 ? turned.flip() : turned
      const tiff = await mirrored.withMetadata({ orientation }).png().toBuffer()
      const picture = await readPicture(put(folder, `o${orientation}.png`, tiff))
      expect([picture.widthPx, picture.heightPx], `orientation ${orientation}`).toEqual([13, 7])
      expect(Buffer.from(picture.data).equals(Buffer.from(upright.data)), `orientation ${orientation}`).toBe(
        true,
      )
    }
  })

  it('keeps grey as one channel and 16 bits as 16, with and without alpha, sample for sample', async () => {
    for (const format of ['png', 'tiff'] as const)
      for (const channels of [1, 3])
        for (const bitDepth of [8, 16] as const)
          for (const alpha of [false, true]) {
            const made = samplePicture(11, 9, { channels, bitDepth, alpha })
            const path = join(folder, `kept-${channels}-${bitDepth}-${alpha}.${format}`)
            await writePicture(path, made, { format })
            const read = await readPicture(path)
            expect({ ...read, metadata: null }, path).toEqual({ ...made, metadata: null })
            expect(await readHeader(path)).toMatchObject({ channels, bitDepth, hasAlpha: alpha })
          }
  })

  it('reads data of 2, 4, 5 and 9 channels as it was written', async () => {
    for (const channels of [2, 4, 5, 9])
      for (const bitDepth of [8, 16] as const) {
        const made = samplePicture(11, 9, { channels, bitDepth })
        const path = join(folder, `data-${channels}-${bitDepth}.tif`)
        await writePicture(path, made, { format: 'tiff' })
        const read = await readPicture(path)
        expect({ ...read, metadata: null }, path).toEqual({ ...made, metadata: null })
      }
  })

  it('converts wide colours to sRGB, or keeps them with their profile', async () => {
    const green = sharp({
      create: { width: 4, height: 4, channels: 3, background: { r: 60, g: 200, b: 80 } },
    })
    const p3 = await green.withIccProfile('p3').png().toBuffer()
    const path = put(folder, 'p3.png', p3)
    const own = await readPicture(path, { colour: 'own' })
    const srgb = await readPicture(path)
    const close = (data: ArrayLike<number>) =>
      [60, 200, 80].every((want, i) => Math.abs((data[i] ?? 0) - want) <= 2)
    expect(close(srgb.data)).toBe(true)
    expect(close(own.data)).toBe(false)
    expect(own.metadata.icc).toEqual((await sharp(p3).metadata()).icc)
    const again = join(folder, 'p3-again.png')
    await writePicture(again, own, { format: 'png' })
    expect(close((await readPicture(again)).data)).toBe(true)
    await writePicture(again, srgb, { format: 'png' })
    expect(close((await readPicture(again)).data)).toBe(true)
  })

  it('converts wide 16-bit colours to sRGB, not to Display P3', async () => {
    const samples = Uint16Array.from({ length: 48 }, (_, index) => [15000, 51000, 20000][index % 3] ?? 0)
    const plain = sharp(samples, { raw: { width: 4, height: 4, channels: 3 } })
    const untagged = put(folder, 'plain16.png', await plain.toColourspace('rgb16').png().toBuffer())
    expect([...(await readPicture(untagged)).data.slice(0, 3)]).toEqual([15000, 51000, 20000])
    const { icc } = await sharp(await noise(2, 2).withIccProfile('p3').png().toBuffer()).metadata()
    const wide = await readPicture(untagged)
    const path = join(folder, 'p3-16.png')
    await writePicture(path, { ...wide, metadata: { ...wide.metadata, icc: icc ?? null } }, { format: 'png' })
    const read = await readPicture(path)
    expect(read.bitDepth).toBe(16)
    // Display P3 (15000, 51000, 20000) seen in sRGB: red leaves the range below, green rises.
    const eight = await sharp(
      put(
        folder,
        'p3-8.png',
        await sharp(Uint8Array.from([58, 198, 78]), { raw: { width: 1, height: 1, channels: 3 } })
          .png()
          .toBuffer(),
      ),
    )
      .raw()
      .toBuffer()
    expect(read.data[1] as number).toBeGreaterThan((eight[1] as number) * 257)
    expect(read.data[0] as number).toBeLessThan(13000)
  })

  it('reads CMYK as colour, and halves of a side-by-side picture', async () => {
    const cmyk = await noise(9, 6).toColourspace('cmyk').jpeg().toBuffer()
    const picture = await readPicture(put(folder, 'cmyk.jpg', cmyk))
    expect(picture).toMatchObject({ channels: 3, colourSpace: 'srgb', alpha: null })
    const wide = samplePicture(10, 3)
    const path = join(folder, 'wide.png')
    await writePicture(path, wide, { format: 'png' })
    const left = await readPicture(path, { region: 'left' })
    const right = await readPicture(path, { region: 'right' })
    expect([left.widthPx, right.widthPx]).toEqual([5, 5])
    expect([...left.data.slice(0, 15), ...right.data.slice(0, 15)]).toEqual([...wide.data.slice(0, 30)])
  })

  it('reads a file anew after it was written again', async () => {
    const path = put(
      folder,
      'changing.png',
      await sharp(samplePicture(5, 5).data, { raw: { width: 5, height: 5, channels: 3 } })
        .png()
        .toBuffer(),
    )
    const first = await readPicture(path)
    put(folder, 'changing.png', await noise(6, 5).png().toBuffer())
    expect((await readPicture(path)).widthPx).toBe(6)
    expect(first.widthPx).toBe(5)
    expect(readFileSync(path).length).toBeGreaterThan(0)
  })
})
