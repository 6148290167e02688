/** What the samples of the Earth say about themselves, and how each is cut; make-samples.mjs does it. */
import { readFileSync } from 'node:fs'
import path from 'node:path'

const apart = (tilePx) => ({ tilePx, stridePx: { x: tilePx, y: tilePx } })

function pairedTiling(trainStridePx) {
  return { train: { tilePx: 256, stridePx: trainStridePx }, val: apart(256), test: apart(256) }
}

export const samples = [
  {
    id: 'map-to-satellite',
    name: 'Map to satellite',
    description:
      'Side A is a map: land height in greys, water in blue. Side B is the same ground as a satellite sees it by day. ' +
      'Learn to paint the ground from its relief, its coasts and its rivers.',
    direction: 'AtoB',
    layers: { A: 'map', B: 'day' },
    sourceFiles: ['earth-topology.png', 'earth-water.png', 'earth-blue-marble.jpg'],
    isPaired: true,
    extension: 'png',
    tiling: pairedTiling({ x: 104, y: 128 }),
  },
  {
    id: 'day-to-night',
    name: 'Day to night',
    description:
      'Side A is the Earth by day, side B the same ground at night with the lights of its towns. ' +
      'Learn where the lights go on.',
    direction: 'AtoB',
    layers: { A: 'day', B: 'night' },
    sourceFiles: ['earth-blue-marble.jpg', 'earth-night.jpg'],
    isPaired: true,
    extension: 'png',
    tiling: pairedTiling({ x: 256, y: 192 }),
  },
  {
    id: 'day-to-night-unpaired',
    name: 'Day and night, unpaired',
    description:
      'Side A holds the Earth by day, side B other ground at night: no place is on both sides while training. ' +
      'Learn what night looks like without one true pair. Pairs of other longitudes are kept back, and only score.',
    direction: 'AtoB',
    layers: { A: 'day', B: 'night' },
    sourceFiles: ['earth-blue-marble.jpg', 'earth-night.jpg'],
    isPaired: false,
    extension: 'webp',
    tiling: { train: { tilePx: 224, stridePx: { x: 224, y: 192 } }, val: apart(128), test: apart(128) },
  },
]

/** The licence file of the package the pictures come from. */
export function licenceOf(packageDir) {
  return readFileSync(path.join(packageDir, 'LICENSE'), 'utf8')
}

const cutAsPairs = 'cut into tiles of 256 pixels and saved as PNG'
const cutApart =
  'cut into tiles (224 pixels to train, 128 to choose and to test) and saved as WebP without loss'

/** Says exactly what is known of where the pictures come from, and what was done to them. */
export function sourceText({ name, sourceFiles, isPaired }) {
  return `${name}

The pictures are cut from these files of the npm package three-globe 2.45.2, folder example/img:
${sourceFiles.map((file) => `  ${file}`).join('\n')}

The package is published under the MIT licence, copyright (c) 2019 Vasco Asturiano; its text is in LICENSE.txt.
The package does not state where the pictures themselves come from. They look like NASA's Blue Marble (day),
Black Marble (night), and a topography and water mask derived from public data; that is our reading,
not a statement of the package.

Changes: the layers were brought to 4096 x 2048 pixels, ${isPaired ? cutAsPairs : cutApart}. In map
pictures, land is grey by the square root of its height and water is blue where the water mask is at least one half.
sample.json holds the whole rule and the SHA-256 of every file. scripts/make-samples.mjs makes the set again.
`
}
