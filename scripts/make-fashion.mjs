/**
 * Rebuilds the sample "fashion" in resources/samples/ from the Debian package dataset-fashion-mnist.
 *
 *   node scripts/make-fashion.mjs
 *
 * Pictures of a class lie on one sheet, row by row; a new project gets them as files. The bytes are the same on every run with the
 * pinned sharp; sample.json lists their SHA-256.
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { format, resolveConfig } from 'prettier'
import sharp from 'sharp'
import { sha256 } from './make-packages.mjs'

const PACKAGE = 'dataset-fashion-mnist'
const TILE = 28
/** The package's own order. */
const classes = [
  'T-shirt',
  'Trouser',
  'Pullover',
  'Dress',
  'Coat',
  'Sandal',
  'Shirt',
  'Sneaker',
  'Bag',
  'Boot',
]
/** How many of each class, from which part of the package, the first ones after those that were taken before. */
const splits = [
  { split: 'train', part: 'train', count: 1000 },
  { split: 'val', part: 'train', count: 100 },
  { split: 'test', part: 't10k', count: 200 },
]
const folder = fileURLToPath(new URL('../resources/samples/fashion', import.meta.url))

function fetchPackage(into) {
  execFileSync('apt-get', ['download', PACKAGE], { cwd: into, stdio: 'inherit' })
  const file = readdirSync(into).find((name) => name.endsWith('.deb'))
  execFileSync('dpkg-deb', ['-x', path.join(into, file), into])
  return {
    file,
    sha256: sha256(readFileSync(path.join(into, file))),
    data: path.join(into, 'usr/share/datasets/fashion-mnist'),
  }
}

/** @returns {Map<number, Buffer[]>} 28 x 28 greys by class, in the package's order */
function readPart(data, part) {
  const images = gunzipSync(readFileSync(path.join(data, `${part}-images-idx3-ubyte.gz`))).subarray(16)
  const labels = gunzipSync(readFileSync(path.join(data, `${part}-labels-idx1-ubyte.gz`))).subarray(8)
  const byClass = new Map(classes.map((_, label) => [label, []]))
  labels.forEach((label, index) =>
    byClass.get(label).push(images.subarray(index * TILE ** 2, (index + 1) * TILE ** 2)),
  )
  return byClass
}

function sheetOf(pictures, columns) {
  const rows = Math.ceil(pictures.length / columns)
  const sheet = Buffer.alloc(columns * rows * TILE ** 2)
  pictures.forEach((picture, index) => {
    const [left, top] = [(index % columns) * TILE, Math.floor(index / columns) * TILE]
    for (let y = 0; y < TILE; y += 1)
      picture.copy(sheet, (top + y) * columns * TILE + left, y * TILE, (y + 1) * TILE)
  })
  return sharp(sheet, { raw: { width: columns * TILE, height: rows * TILE, channels: 1 } })
    .png({ compressionLevel: 9, adaptiveFiltering: true })
    .toColourspace('b-w')
    .toBuffer()
}

const work = mkdtempSync(path.join(os.tmpdir(), 'diptych-fashion-'))
try {
  const source = fetchPackage(work)
  const parts = { train: readPart(source.data, 'train'), t10k: readPart(source.data, 't10k') }
  rmSync(folder, { recursive: true, force: true })
  const files = {}
  const sheets = []
  const write = (name, bytes) => {
    const file = path.join(folder, name)
    mkdirSync(path.dirname(file), { recursive: true })
    writeFileSync(file, bytes)
    files[name] = sha256(bytes)
  }
  const taken = { train: 0, t10k: 0 }
  for (const { split, part, count } of splits) {
    for (const [label, name] of classes.entries()) {
      const pictures = parts[part].get(label).slice(taken[part], taken[part] + count)
      const file = `sheets/${split}/${name}.png`
      write(file, await sheetOf(pictures, 40))
      sheets.push({ file, into: `pictures/${split}/${name}`, sidePx: TILE, count })
    }
    taken[part] += count
  }
  const shown = Array.from({ length: 6 }, (_, row) =>
    classes.map((_, label) => parts.train.get(label)[row]),
  ).flat()
  write('cover.png', await sheetOf(shown, 10))
  const json = async (name, value) => {
    const config = await resolveConfig(folder)
    writeFileSync(path.join(folder, name), await format(JSON.stringify(value), { ...config, parser: 'json' }))
  }
  await json('sample.json', {
    id: 'fashion',
    name: 'Clothes from nothing',
    description:
      'Ten kinds of clothes, a thousand small pictures of each. Learn to make new ones from random numbers, of the kind that you ask for, and a whole synthetic data set with labels.',
    source: { package: `${PACKAGE} (Debian)`, file: source.file, sha256: source.sha256 },
    licence: 'MIT',
    cover: 'cover.png',
    sheets,
    files,
  })
  await json('project.json', {
    schema: 1,
    name: 'Clothes from nothing',
    dataset: { kind: 'picture-folder', options: { folder: 'pictures' } },
    training: {
      recipe: 'cgan',
      options: {
        cropSizePx: 28,
        ngf: 32,
        ndf: 32,
        steps: 3000,
        sampleEvery: 250,
        checkpointEvery: 500,
        sampleCount: 20,
      },
    },
    presets: {
      quick: {
        label: 'A quick look, two minutes',
        recipe: 'cgan',
        options: {
          cropSizePx: 28,
          ngf: 16,
          ndf: 16,
          steps: 600,
          sampleEvery: 100,
          checkpointEvery: 200,
          sampleCount: 20,
        },
      },
      dense: {
        label: 'As in the first lessons: dense layers, without labels',
        recipe: 'gan',
        options: {
          cropSizePx: 28,
          netG: 'dense',
          steps: 4000,
          sampleEvery: 250,
          checkpointEvery: 500,
          sampleCount: 20,
        },
      },
      steady: {
        label: 'WGAN-GP, slower and steadier',
        recipe: 'wgan-gp',
        options: {
          cropSizePx: 28,
          ngf: 32,
          ndf: 32,
          steps: 2000,
          sampleEvery: 250,
          checkpointEvery: 500,
          sampleCount: 20,
        },
      },
    },
    sample: 'fashion',
  })
  const licence = path.join(work, 'usr/share/doc', PACKAGE, 'copyright')
  writeFileSync(path.join(folder, 'LICENSE.txt'), readFileSync(licence))
  writeFileSync(
    path.join(folder, 'SOURCE.txt'),
    `Clothes from nothing

Fashion-MNIST (Han Xiao, Kashif Rasul, Roland Vollgraf 2017, arXiv:1708.07747), from the Debian package ${source.file}, under the MIT
licence (LICENSE.txt). Of its 60,000 training pictures the first 1,000 of each class are here to train on and the next 100 to choose the
best state; of its 10,000 test pictures the first 200 of each class are the test.

Changes: pictures of a class lie on one sheet here; a new project holds each as a PNG file. Classes have shorter names.
scripts/make-fashion.mjs makes the set again.
`,
  )
} finally {
  rmSync(work, { recursive: true, force: true })
}
