/**
 * Rebuilds the samples of the Earth in resources/samples/ from the npm package three-globe.
 *
 *   node scripts/make-samples.mjs
 *
 * The bytes are the same on every run with the pinned sharp; sample.json lists their SHA-256.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { format, resolveConfig } from 'prettier'
import sharp from 'sharp'
import { packages, sha256, withPackages } from './make-packages.mjs'
import { licenceOf, sourceText, samples } from './make-samples-text.mjs'

const splits = ['train', 'val', 'test']
const samplesDir = fileURLToPath(new URL('../resources/samples', import.meta.url))

const widthPx = 4096
const heightPx = 2048
const degreesPerPx = 360 / widthPx

/**
 * Columns of the world picture that belong to each split, in pixels from longitude -180, end excluded.
 * Training ground keeps 32 px (2.8 degrees) away from every other split, further than any filter used here reaches.
 */
const bandsPx = {
  train: [
    [0, 992],
    [1568, 2272],
    [2848, 3296],
    [3616, 4096],
  ],
  val: [
    [1024, 1280],
    [2560, 2816],
  ],
  test: [
    [1280, 1536],
    [2304, 2560],
    [3328, 3584],
  ],
}
/** Training ground in strips of one tile, dealt to A and B in turn: no ground is on both sides, and both see every climate. */
const stripPx = 224
const strips = bandsPx.train.flatMap(([from, to]) =>
  Array.from({ length: Math.floor((to - from) / stripPx) }, (_, strip) => [
    from + strip * stripPx,
    from + (strip + 1) * stripPx,
  ]),
)
const stripsPx = {
  A: strips.filter((_, strip) => strip % 2 === 0),
  B: strips.filter((_, strip) => strip % 2 === 1),
}
/** Rows of tiles between 78.75 north and 56.25 south: further out there is ice, and the projection tears. */
const rowsPx = [128, 1664]
const minLandFraction = 0.15

/** Water of the map sheet, and the greys between which land height is drawn. */
const waterRgb = [58, 118, 186]
const lowestGrey = 40

/** @returns {Promise<Buffer>} 8-bit pixels of one layer, 4096 x 2048, with `channels` 1 or 3 */
async function readLayer(file, channels) {
  const scaled = sharp(file).removeAlpha().resize(widthPx, heightPx, { fit: 'fill', kernel: 'cubic' })
  const layer = channels === 1 ? scaled.extractChannel(0) : scaled.toColourspace('srgb')
  return layer.raw().toBuffer()
}

/** Draws the map sheet: land in greys by the square root of its height (most land is low), water in blue. */
function drawMap(topology, water) {
  const map = Buffer.alloc(widthPx * heightPx * 3)
  for (let i = 0; i < topology.length; i++) {
    const grey = Math.round(lowestGrey + (255 - lowestGrey) * Math.sqrt(topology[i] / 255))
    const rgb = water[i] >= 128 ? waterRgb : [grey, grey, grey]
    map.set(rgb, i * 3)
  }
  return map
}

function landFraction(water, left, top, tilePx) {
  let land = 0
  for (let y = top; y < top + tilePx; y++) {
    for (let x = left; x < left + tilePx; x++) land += water[y * widthPx + x] < 128 ? 1 : 0
  }
  return land / tilePx ** 2
}

const signed = (degrees, digits) =>
  (degrees < 0 ? '-' : '+') + String(Math.abs(Math.round(degrees))).padStart(digits, '0')

/** Names a tile by its centre in whole degrees: lat+22_lon-045.png. */
function nameTile(left, top, tilePx, extension) {
  const lat = 90 - (top + tilePx / 2) * degreesPerPx
  const lon = (left + tilePx / 2) * degreesPerPx - 180
  return `lat${signed(lat, 2)}_lon${signed(lon, 3)}.${extension}`
}

const bandsOf = ({ isPaired }, side, split) =>
  split === 'train' && !isPaired ? stripsPx[side] : bandsPx[split]

/** All tiles of one side of a split with enough land, every `stridePx` inside each band. */
function listTiles(sample, side, split, water) {
  const { tilePx, stridePx } = sample.tiling[split]
  const tiles = []
  for (const [from, to] of bandsOf(sample, side, split)) {
    for (let left = from; left + tilePx <= to; left += stridePx.x) {
      for (let top = rowsPx[0]; top + tilePx <= rowsPx[1]; top += stridePx.y) {
        if (landFraction(water, left, top, tilePx) >= minLandFraction)
          tiles.push({ left, top, tilePx, name: nameTile(left, top, tilePx, sample.extension) })
      }
    }
  }
  return tiles
}

/** Cuts one tile without loss: as WebP, or as PNG with a palette where that suffices. */
async function encodeTile(layer, { left, top, tilePx }, extension) {
  const whole = sharp(layer, { raw: { width: widthPx, height: heightPx, channels: 3 } })
  const pixels = await whole.extract({ left, top, width: tilePx, height: tilePx }).raw().toBuffer()
  const tile = sharp(pixels, { raw: { width: tilePx, height: tilePx, channels: 3 } })
  if (extension === 'webp') return tile.webp({ lossless: true, effort: 6 }).toBuffer()
  const palette = await tile.clone().png({ palette: true, quality: 100, dither: 0, effort: 10 }).toBuffer()
  const decoded = await sharp(palette).removeAlpha().toColourspace('srgb').raw().toBuffer()
  if (decoded.equals(pixels)) return palette
  return tile.png({ compressionLevel: 9, adaptiveFiltering: true }).toBuffer()
}

const toLongitudes = (bands) => bands.map((band) => band.map((px) => px * degreesPerPx - 180))

/** One value where all splits have the same. */
function perSplit(sample, key) {
  const values = Object.fromEntries(splits.map((split) => [split, sample.tiling[split][key]]))
  return splits.every((split) => values[split] === values.train) ? values.train : values
}

function describeRule(sample) {
  const training = sample.isPaired
    ? { train: toLongitudes(bandsPx.train) }
    : { trainA: toLongitudes(stripsPx.A), trainB: toLongitudes(stripsPx.B) }
  return {
    projection: 'equirectangular, 4096 x 2048 pixels, pixel 0 at longitude -180 and latitude 90',
    tilePx: perSplit(sample, 'tilePx'),
    stridePx: perSplit(sample, 'stridePx'),
    latitudes: [90 - rowsPx[0] * degreesPerPx, 90 - rowsPx[1] * degreesPerPx],
    minLandFraction,
    longitudes: { ...training, val: toLongitudes(bandsPx.val), test: toLongitudes(bandsPx.test) },
  }
}

/** @returns {Promise<Record<string, Record<string, string>>>} how many, and the hash of each file */
async function writeTiles(sample, layers, water) {
  const folder = path.join(samplesDir, sample.id)
  const files = {}
  const counts = { A: {}, B: {} }
  for (const side of ['A', 'B']) rmSync(path.join(folder, side), { recursive: true, force: true })
  for (const split of splits)
    for (const side of ['A', 'B']) {
      const list = listTiles(sample, side, split, water)
      counts[side][split] = list.length
      mkdirSync(path.join(folder, side, split), { recursive: true })
      for (const tile of list) {
        const bytes = await encodeTile(layers[sample.layers[side]], tile, sample.extension)
        files[`${side}/${split}/${tile.name}`] = sha256(bytes)
        writeFileSync(path.join(folder, side, split, tile.name), bytes)
      }
    }
  return { files, counts }
}

async function writeSample(sample, layers, water) {
  const { id, name, description, direction } = sample
  const { files, counts } = await writeTiles(sample, layers, water)
  const source = { package: packages.globe.spec, sha256: packages.globe.sha256, files: sample.sourceFiles }
  const tiles = sample.isPaired ? counts.A : counts
  const rule = describeRule(sample)
  const card = { id, name, description, direction, source, licence: 'MIT', tiles, rule, files }
  const cardFile = path.join(samplesDir, id, 'sample.json')
  writeFileSync(
    cardFile,
    await format(JSON.stringify(card), { ...(await resolveConfig(cardFile)), filepath: cardFile }),
  )
  writeFileSync(path.join(samplesDir, id, 'SOURCE.txt'), sourceText(sample))
  return counts
}

await withPackages(['globe'], async ({ globe: folder }) => {
  const picture = (name) => path.join(folder, 'example', 'img', name)
  const water = await readLayer(picture('earth-water.png'), 1)
  const layers = {
    map: drawMap(await readLayer(picture('earth-topology.png'), 1), water),
    day: await readLayer(picture('earth-blue-marble.jpg'), 3),
    night: await readLayer(picture('earth-night.jpg'), 3),
  }
  for (const sample of samples) {
    const { A, B } = await writeSample(sample, layers, water)
    writeFileSync(path.join(samplesDir, sample.id, 'LICENSE.txt'), licenceOf(folder))
    console.log(
      `${sample.id}: ${A.train} and ${B.train} to train, ${A.val} pairs to choose by, ${A.test} to test`,
    )
  }
})
