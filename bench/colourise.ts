// Colourise beside the constant mean colour: bin/node24 bench/colourise.ts DIR [--steps 3000] [--seed 1]
//
// 26 photographs of the sample to train on, 4 to choose by; 10 lose their colours, get them back from each contender and are
// compared with the originals, in the size that training sees. Lightness is kept by both, so all that differs is colour.
import { join } from 'node:path'
import { derivationSchema } from '../src/core/datasets/derivedPairs.ts'
import { presets } from '../src/core/presets/index.ts'
import { openBackend } from '../src/engine/backends/index.ts'
import { planeOfPicture } from '../src/engine/data/derive/plane.ts'
import type { Plane } from '../src/engine/evaluation/metrics.ts'
import { openModel } from '../src/engine/inference/model.ts'
import { colourWith, labOf, luminanceOf } from '../src/engine/imaging/lab.ts'
import { resizePicture } from '../src/engine/imaging/resize.ts'
import {
  compare,
  learn,
  photographs,
  readArguments,
  readPhotographs,
  spoil,
  tell,
  type Named,
} from './learned.ts'

const { folder, given } = readArguments('colourise', { steps: '3000', seed: '1' })
const training = { '--steps': given.steps, '--seed': given.seed, '--checkpoint-every': 500 }
const sidePx = presets.colourise.training.options.cropSizePx

/** As training and evaluation see them: whole, brought to a square. */
async function squares(pictures: readonly Named[]): Promise<Named[]> {
  return Promise.all(
    pictures.map(async ({ name, picture }) => ({
      name,
      picture: await resizePicture(picture, sidePx, sidePx),
    })),
  )
}

/** Mean a and b of Lab over all pixels. */
function meanChroma(planes: readonly Plane[]): [number, number] {
  let [sumA, sumB, pixels] = [0, 0, 0]
  for (const { data } of planes)
    for (let at = 0; at < data.length; at += 3) {
      const [, a, b] = labOf(data[at] as number, data[at + 1] as number, data[at + 2] as number)
      sumA += a
      sumB += b
      pixels += 1
    }
  return [sumA / pixels, sumB / pixels]
}

/** Everything in one colour, of the lightness that it has. */
function tinted({ data: grey, ...size }: Plane, [a, b]: readonly [number, number]): Plane {
  const data = new Float32Array(3 * grey.length)
  grey.forEach((value, pixel) => {
    data.set(colourWith(luminanceOf(value, value, value), a, b), 3 * pixel)
  })
  return { ...size, data, channels: 3 }
}

const project = join(folder, 'colourise')
const { model, trainingMinutes } = learn(
  project,
  ['--preset', 'colourise', '--folder', photographs],
  training,
)
await openBackend()
const ours = await openModel(model)
const learned = await squares(await readPhotographs('train'))
const mean = meanChroma(learned.map(({ picture }) => planeOfPicture(picture)))
const cases = await spoil(
  await squares(await readPhotographs('test')),
  derivationSchema.parse(presets.colourise.dataset.options),
)
const standings = await compare(
  cases,
  [
    { name: 'Diptych', make: (grey) => ours.forward(grey) },
    { name: 'constant mean chroma', make: (grey) => tinted(grey, mean) },
    { name: 'grey', make: (grey) => tinted(grey, [0, 0]) },
  ],
  ['stLpips', 'l1', 'psnr'],
)
tell({ bench: 'colourise', trainingMinutes, training, mean, photographs: cases.length }, standings)
