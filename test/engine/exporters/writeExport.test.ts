import { mkdirSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { scanDataset } from '../../../src/engine/datasets/scan.ts'
import { writeExport } from '../../../src/engine/exporters/index.ts'
import { readPicture } from '../../../src/engine/imaging/read.ts'
import { writePicture } from '../../../src/engine/imaging/write.ts'
import { noise, put, refusalFrom, samplePicture, temporaryFolder } from '../imaging/awkward.ts'

const root = temporaryFolder()
let rounds = 0

/** Two pairs of the same names from different folders: one of 16 bits, one grey before and colour after. */
async function prepare() {
  const folder = join(root, `round-${(rounds += 1)}`)
  const at = (path: string) => join(folder, path)
  await writePicture(at('x/a.png'), samplePicture(20, 10, { bitDepth: 16 }), { format: 'png' })
  await writePicture(at('out/1.png'), samplePicture(20, 10, { bitDepth: 16, alpha: true }), { format: 'png' })
  await writePicture(at('y/a.png'), samplePicture(12, 8, { channels: 1 }), { format: 'png' })
  await writePicture(at('out/2.png'), samplePicture(24, 16), { format: 'png' })
  const items = [
    { before: at('x/a.png'), after: at('out/1.png') },
    { before: at('y/a.png'), after: at('out/2.png') },
  ]
  return { items, output: at('export') }
}

describe('pairs that were exported', () => {
  it('in two folders are read back as the same pairs', async () => {
    const { items, output } = await prepare()
    const { written, failed } = await writeExport({
      exporter: 'folder-pairs',
      options: {},
      items: items,
      output,
    })
    expect([written.length, failed]).toEqual([4, []])
    const report = await scanDataset({ kind: 'paired-folders', options: { a: 'A', b: 'B' } }, output)
    expect(report.pairs.map(({ name }) => name)).toEqual(['a', 'a (2)'])
    expect(report.findings.filter(({ level }) => level === 'error')).toEqual([])
    for (const [index, pair] of report.pairs.entries()) {
      const item = items[index]
      expect(readFileSync(pair.a.file.path)).toEqual(readFileSync(item?.before ?? ''))
      expect(readFileSync(pair.b.file.path)).toEqual(readFileSync(item?.after ?? ''))
    }
  })

  it('side by side are read back as the same pairs, sample for sample', async () => {
    const { items, output } = await prepare()
    await writeExport({ exporter: 'side-by-side-pairs', options: { format: 'tiff' }, items: items, output })
    const report = await scanDataset({ kind: 'side-by-side', options: { folder: '.' } }, output)
    const [first, second] = report.pairs
    expect(first).toMatchObject({ a: { widthPx: 20, heightPx: 10 }, b: { widthPx: 20, heightPx: 10 } })
    const left = await readPicture(first?.a.file.path ?? '', { region: 'left' })
    const right = await readPicture(first?.b.file.path ?? '', { region: 'right' })
    expect(left.data).toEqual((await readPicture(items[0]?.before ?? '')).data)
    expect(right.data).toEqual((await readPicture(items[0]?.after ?? '')).data)
    // The smaller original is brought to the size of its result.
    expect(second).toMatchObject({ a: { widthPx: 24, heightPx: 16 }, b: { widthPx: 24, heightPx: 16 } })
    expect([report.a?.channels, report.a?.bitDepth]).toEqual([3, 16])
  })

  it('are upright for readers that know no EXIF', async () => {
    const { output } = await prepare()
    const turned = await noise(30, 20).withMetadata({ orientation: 6 }).jpeg().toBuffer()
    mkdirSync(join(output, 'source'), { recursive: true })
    const before = put(join(output, 'source'), 'turned.jpg', turned)
    await writeExport({
      exporter: 'folder-pairs',
      options: {},
      items: [{ before: before, after: before }],
      output,
    })
    const { width, height, orientation } = await sharp(join(output, 'A/turned.jpg')).metadata()
    expect([width, height, orientation ?? 1]).toEqual([20, 30, 1])
  })
})

describe('an export', () => {
  it('takes the place out of originals and results on request, and keeps the rest', async () => {
    const { output } = await prepare()
    const exif = { IFD0: { Model: 'M3 test' }, IFD3: { GPSMapDatum: 'SECRET-PLACE' } }
    mkdirSync(join(output, 'source'), { recursive: true })
    const jpeg = await noise(30, 20).withExif(exif).jpeg().toBuffer()
    const before = put(join(output, 'source'), 'seen.jpg', jpeg)
    const items = [{ before, after: before }]
    for (const removeGps of [false, true]) {
      const place = join(output, String(removeGps))
      const { written } = await writeExport({
        exporter: 'folder-pairs',
        options: { removeGps },
        items,
        output: place,
      })
      const bytes = written.map((path) => readFileSync(path))
      expect(bytes.map((one) => one.includes('SECRET-PLACE'))).toEqual([!removeGps, !removeGps])
      expect(bytes.map((one) => one.includes('M3 test'))).toEqual([true, true])
    }
  })

  it('overwrites nothing, names what failed, and goes on', async () => {
    const { items, output } = await prepare()
    await writeExport({ exporter: 'pictures', options: {}, items: items, output })
    const first = readFileSync(join(output, 'a.png'))
    mkdirSync(join(output, '..', 'z'))
    const broken = put(join(output, '..', 'z'), 'broken.png', 'text')
    const again = [{ before: broken, after: broken }, ...items]
    const { written, failed } = await writeExport({
      exporter: 'pictures',
      options: { format: 'png' },
      items: again,
      output,
    })
    expect(readdirSync(output).sort()).toEqual(['a (2).png', 'a (3).png', 'a (4).png', 'a.png'])
    expect(readFileSync(join(output, 'a.png'))).toEqual(first)
    expect(written).toHaveLength(2)
    expect(failed).toEqual([{ path: broken, message: expect.stringContaining('text file') }])
  })

  it('refuses options that it does not know', async () => {
    const { items, output } = await prepare()
    expect(
      (await refusalFrom(writeExport({ exporter: 'pictures', options: { size: 3 }, items: items, output })))
        .code,
    ).toBe('option-unknown')
  })
})
