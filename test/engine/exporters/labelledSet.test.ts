import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { scanDataset } from '../../../src/engine/datasets/scan.ts'
import { writeExport } from '../../../src/engine/exporters/index.ts'
import { writePicture } from '../../../src/engine/imaging/write.ts'
import { put, samplePicture, temporaryFolder } from '../imaging/awkward.ts'

const root = temporaryFolder()

/** A picture of a class with its result at `scale` times its size. */
async function prepare(place: string, scale = 1) {
  const before = join(root, 'source', place)
  const after = join(root, 'made', place)
  await writePicture(before, samplePicture(12, 8), { format: 'png' })
  await writePicture(after, samplePicture(12 * scale, 8 * scale), { format: 'png' })
  return { before, after }
}

/** Rows of a CSV without quoted line ends, as any reader of RFC 4180 takes them. */
function readTable(path: string): string[][] {
  const rows = readFileSync(path, 'utf8').trimEnd().split('\r\n')
  return rows.map((row) =>
    [...row.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, plain]) =>
      quoted === undefined ? (plain ?? '') : quoted.replaceAll('""', '"'),
    ),
  )
}

it('carries classes, splits and annotations over to the results', async () => {
  const items = [
    await prepare('train/shoe/1.png'),
    await prepare('train/bag, "red"/1.png'),
    await prepare('test/shoe/9.png'),
    await prepare('val/loose.png'),
  ]
  const annotation = '3 0.5 0.5 0.2 0.2\n'
  put(join(root, 'source/train/shoe'), '1.txt', annotation)
  put(join(root, 'source/train/shoe'), '1.xml', '<annotation/>')
  const output = join(root, 'set')
  const { failed } = await writeExport({ exporter: 'labelled-set', options: {}, items, output })
  expect(failed).toEqual([])
  expect(readTable(join(output, 'labels.csv'))).toEqual([
    ['file', 'label', 'split', 'original'],
    ['train/shoe/1.png', 'shoe', 'train', '1.png'],
    ['train/bag, "red"/1.png', 'bag, "red"', 'train', '1.png'],
    ['test/shoe/9.png', 'shoe', 'test', '9.png'],
    ['val/loose.png', '', 'val', 'loose.png'],
  ])
  expect(readdirSync(join(output, 'train/shoe')).sort()).toEqual(['1.png', '1.txt', '1.xml'])
  expect(readFileSync(join(output, 'train/shoe/1.txt'), 'utf8')).toBe(annotation)
  expect(readFileSync(join(output, 'train/shoe/1.png'))).toEqual(readFileSync(items[0]?.after ?? ''))
  // A folder of classes is a folder of pictures: it can be a side of a data set again.
  const report = await scanDataset({ kind: 'paired-folders', options: { a: '.', b: '.' } }, output)
  expect(report.counts).toEqual({ train: 2, val: 1, test: 1 })
})

it('names an annotation that would not fit its result any more, and goes on', async () => {
  const items = [await prepare('cat/large.png', 2), await prepare('cat/same.png')]
  put(join(root, 'source/cat'), 'large.xml', '<annotation/>')
  const output = join(root, 'larger')
  const { failed } = await writeExport({ exporter: 'labelled-set', options: {}, items, output })
  expect(failed).toEqual([{ path: items[0]?.before, message: expect.stringContaining('24 x 16 px') }])
  expect(readdirSync(join(output, 'cat'))).toEqual(['same.png'])
  expect(readTable(join(output, 'labels.csv')).slice(1)).toEqual([['cat/same.png', 'cat', '', 'same.png']])
})

it('never writes over an earlier table', async () => {
  const items = [await prepare('dog/1.png')]
  const output = join(root, 'twice')
  for (let time = 0; time < 2; time += 1)
    await writeExport({ exporter: 'labelled-set', options: {}, items, output })
  expect(readdirSync(output).sort()).toEqual(['dog', 'labels (2).csv', 'labels.csv'])
})
