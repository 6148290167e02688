/**
 * Rebuilds the samples photographs and photo-to-painting in resources/samples/ from the Debian package gcompris-qt-data (apt)
 * with the pinned sharp. Needs apt-get and dpkg-deb.
 *
 *   node scripts/make-photo-samples.mjs
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { format, resolveConfig } from 'prettier'
import sharp from 'sharp'
import { packages, sha256, withPackages } from './make-packages.mjs'
import * as text from './make-photo-samples-text.mjs'
import { readRcc } from './make-rcc.mjs'

const samplesDir = fileURLToPath(new URL('../resources/samples', import.meta.url))
const longerSidePx = 640

function shrink(bytes) {
  return sharp(bytes)
    .removeAlpha()
    .toColourspace('srgb')
    .resize(longerSidePx, longerSidePx, { fit: 'inside' })
    .webp({ quality: 88, effort: 6, smartSubsample: true })
    .toBuffer()
}

/** Writes one side of a sample. @returns what sample.json says of each picture, and its hash by file */
async function writePictures(sampleId, side, pictures, bundles, convert) {
  rmSync(path.join(samplesDir, sampleId, side), { recursive: true, force: true })
  const described = []
  const files = {}
  for (const { shelf, ...picture } of pictures) {
    const origin = text.originOf({ shelf, original: picture.original })
    const bytes = await convert(bundles(origin.bundle).get(origin.path))
    const file = `${side}/${picture.file}`
    mkdirSync(path.dirname(path.join(samplesDir, sampleId, file)), { recursive: true })
    writeFileSync(path.join(samplesDir, sampleId, file), bytes)
    described.push({ ...picture, file, original: `${origin.bundle}: ${origin.path}` })
    files[file] = sha256(bytes)
  }
  return { pictures: described, files }
}

/** `borrowed`: files that a project made of this sample also gets, and where they lie among the samples. */
async function writeCard(card, written, sourceText, borrowed) {
  const source = { package: packages.gcompris.spec, sha256: packages.gcompris.sha256 }
  const place = path.join(samplesDir, card.id)
  const file = path.join(place, 'sample.json')
  const whole = { ...card, source, ...(borrowed && { borrowed }), ...written }
  writeFileSync(file, await format(JSON.stringify(whole), { ...(await resolveConfig(file)), filepath: file }))
  writeFileSync(path.join(place, 'SOURCE.txt'), sourceText)
}

await withPackages(['gcompris'], async ({ gcompris }) => {
  const opened = new Map()
  const bundles = (name) => {
    if (!opened.has(name)) opened.set(name, readRcc(path.join(gcompris, 'usr/share/gcompris-qt/rcc', name)))
    return opened.get(name)
  }
  const { photographsCard, paintingCard, photographs, paintings } = text
  const photos = await writePictures(photographsCard.id, 'photographs', photographs, bundles, shrink)
  await writeCard(photographsCard, photos, text.photographsSource)
  const painted = await writePictures(paintingCard.id, 'B', paintings, bundles, (bytes) => bytes)
  const places = photographs.filter(text.isPlace)
  const borrowed = {
    ...Object.fromEntries(places.map(({ file }) => [`A/${file}`, `photographs/photographs/${file}`])),
    'SOURCE-photographs.txt': 'photographs/SOURCE.txt',
  }
  await writeCard(paintingCard, painted, text.paintingSource, borrowed)
  console.log(
    `${photographs.length} photographs, ${places.length} of them places, and ${paintings.length} paintings.`,
  )
})
