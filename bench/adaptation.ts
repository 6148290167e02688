// What domain adaptation is worth: bin/node24 bench/adaptation.ts DIR [--steps 2000] [--pictures 3000] [--seed 1]
//
// Two cameras see different garments of Fashion-MNIST. The pictures of the first have labels, those of the second have none.
// CycleGAN learns to make first-camera pictures look like the second's; `translate` and `pack` carry the labels over. Then the
// same small classifier is trained on the first camera's pictures, on the translated ones, and on labelled pictures of the
// second camera (which nobody would have), three seeds each, and all are scored on unseen pictures of the second camera.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import sharp from 'sharp'
import { openBackend } from '../src/engine/backends/index.ts'
import { reportOf, type Labelled } from '../src/engine/evaluation/classifier.ts'
import { classes, type Garment, inFirstCamera, inSecondCamera, readGarments, SIDE } from './fashion.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    steps: { type: 'string', default: '2000' },
    pictures: { type: 'string', default: '3000' },
    seed: { type: 'string', default: '1' },
    epochs: { type: 'string', default: '8' },
  },
})
const folder = resolve(positionals[0] ?? 'adaptation')
const pictures = Number(values.pictures)
const epochs = Number(values.epochs)
const diptych = join(dirname(fileURLToPath(import.meta.url)), '../bin/diptych')

/** Light enough for two cores: 32 px, a generator of 3 blocks. The cameras differ in colour, so no identity is asked for. */
const training = {
  '--recipe': 'cyclegan',
  '--steps': values.steps,
  '--seed': values.seed,
  '--crop-size-px': SIDE,
  '--load-size-px': SIDE,
  '--batch-size': 4,
  '--net-g': 'resnet_3blocks',
  '--ngf': 32,
  '--ndf': 32,
  '--n-layers-d': 2,
  '--lambda-identity': 0,
  '--checkpoint-every': 500,
  '--sample-every': 500,
}

function run(...args: string[]): void {
  process.stderr.write(`diptych ${args.join(' ')}\n`)
  execFileSync(diptych, args, { stdio: ['ignore', 2, 2] })
}

async function writePictures(
  place: string,
  garments: readonly Garment[],
  see: (garment: Garment, index: number) => Uint8Array,
) {
  for (const [index, garment] of garments.entries()) {
    const path = join(folder, place, classes[garment.label] ?? '', `${String(index).padStart(5, '0')}.png`)
    mkdirSync(dirname(path), { recursive: true })
    await sharp(see(garment, index), { raw: { width: SIDE, height: SIDE, channels: 3 } })
      .png()
      .toFile(path)
  }
}

/** A set as its labels.csv tells it: what any training program would read. */
async function readPacked(place: string): Promise<Labelled[]> {
  const rows = readFileSync(join(place, 'labels.csv'), 'utf8').trimEnd().split('\r\n').slice(1)
  return Promise.all(
    rows.map(async (row) => {
      const [file = '', label = ''] = row.split(',')
      const picture = await sharp(join(place, file)).removeAlpha().toColourspace('srgb').raw().toBuffer()
      return { label: classes.findIndex((name) => name === label), picture: new Uint8Array(picture) }
    }),
  )
}

const all = readGarments(folder, 'train')
const first = all.slice(0, pictures)
const second = all.slice(pictures, 2 * pictures)
const unseen = readGarments(folder, 't10k')
const seen = (garment: Garment, index: number) => inSecondCamera(garment, index + 1)
const asSecond = (garments: readonly Garment[], offset: number): Labelled[] =>
  garments.map((garment, index) => ({
    label: garment.label,
    picture: inSecondCamera(garment, offset + index + 1),
  }))

const project = join(folder, 'project')
if (!existsSync(join(project, 'project.json'))) {
  await writePictures('first', first, inFirstCamera)
  await writePictures('second', second, seen)
  run(
    'new',
    project,
    '--kind',
    'unpaired-folders',
    '--a',
    join(folder, 'first'),
    '--b',
    join(folder, 'second'),
    '--name',
    'adaptation',
  )
}
const startedAt = Date.now()
if (!existsSync(join(project, 'models')))
  run('train', project, ...Object.entries(training).flat().map(String))
const trainingMinutes = (Date.now() - startedAt) / 60_000
const translated = join(folder, 'translated')
const packed = join(folder, 'packed')
if (!existsSync(packed)) {
  run(
    'translate',
    join(folder, 'first'),
    '--model',
    join(project, 'models/adaptation-run-001.safetensors'),
    '--output',
    translated,
  )
  run(
    'pack',
    '--as',
    'labelled-set',
    '--before',
    join(folder, 'first'),
    '--after',
    translated,
    '--output',
    packed,
  )
}

await openBackend()
const test = asSecond(unseen, 1_000_000)
const sets = {
  source: first.map((garment) => ({ label: garment.label, picture: inFirstCamera(garment) })),
  translated: await readPacked(packed),
  target: asSecond(second, 0),
}
const accuracy: Record<string, { mean: number; seeds: number[] }> = {}
for (const [name, set] of Object.entries(sets)) {
  const seeds: number[] = []
  const steps = epochs * Math.ceil(set.length / 64)
  for (const seed of [1, 2, 3])
    seeds.push((await reportOf(set, test, { seed, steps, classes: classes.length })).accuracy)
  const mean = seeds.reduce((sum, one) => sum + one, 0) / seeds.length
  accuracy[name] = { mean, seeds }
  process.stderr.write(`${name.padEnd(12)} ${(100 * mean).toFixed(1)}%\n`)
}
const [source, adapted, target] = ['source', 'translated', 'target'].map(
  (name) => accuracy[name]?.mean ?? NaN,
) as [number, number, number]
/** Of one accuracy over n pictures, 95%. */
const interval = 1.96 * Math.sqrt((adapted * (1 - adapted)) / test.length)
const closed = (adapted - source) / (target - source)
console.log(
  JSON.stringify({ accuracy, closed, interval, trainingMinutes, pictures, test: test.length, training }),
)
