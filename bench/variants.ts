// How different the answers of BicycleGAN are, and whether the true one is among them:
// bin/node24 bench/variants.ts DIR [--data map-to-satellite|garments] [--steps 3000] [--seed 1] [--variants 5]
//
// map-to-satellite  that sample in squares of 64 px
// garments          line drawings of the sample "fashion", in squares of 64 px: whether a variant is still of its source's class, too
//
// The last state (the best by L1 is chosen by its middle answer alone) makes so many variants of each test picture (of the first 200),
// with codes as `translate --variants` draws them. Spread: ST-LPIPS of all pairs of variants of one picture, its mean over pictures;
// beside it that of one code used twice, which must be 0, and that of true pictures of different places. L1 to the true picture: of the
// middle answer, of the variants on average, and of the nearest of them. Label: how often a classifier that learned from the real
// training pictures sees the source's class in a variant, and in the true picture.
import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { openBackend } from '../src/engine/backends/index.ts'
import { trainClassifier, type Labelled } from '../src/engine/evaluation/classifier.ts'
import { openHoldout } from '../src/engine/evaluation/holdout.ts'
import { figureOfMean } from '../src/engine/evaluation/means.ts'
import { meanAbsoluteError, type Plane } from '../src/engine/evaluation/metrics.ts'
import { createNetworks } from '../src/engine/evaluation/networks.ts'
import { readPlanes } from '../src/engine/evaluation/planes.ts'
import { openModel } from '../src/engine/inference/model.ts'
import { readSquare } from '../src/engine/generation/square.ts'
import { codeOf } from '../src/engine/inference/variants.ts'
import { readRunConfig } from '../src/engine/storage/runs.ts'
import { exportModel } from '../src/engine/training/exportModel.ts'
import { learn, readArguments, runDiptych } from './learned.ts'

const { folder, given } = readArguments('variants', {
  data: 'map-to-satellite',
  steps: '3000',
  seed: '1',
  variants: '5',
})
const isOfGarments = given.data === 'garments'
const SIDE = 64
const MOST_PICTURES = 200

/** The sample's folders of classes: train, val and test. */
function garments(): string {
  const sample = join(folder, 'sample')
  if (!existsSync(sample)) runDiptych('new', sample, '--sample', 'fashion')
  return join(sample, 'pictures')
}

const makeOfGarments = () => ['--preset', 'sketch', '--folder', garments()]
const project = join(folder, 'variants')
const { trainingMinutes } = learn(
  project,
  isOfGarments ? makeOfGarments() : ['--sample', 'map-to-satellite'],
  {
    '--recipe': 'bicyclegan',
    '--crop-size-px': SIDE,
    ...(isOfGarments && { '--preprocess': 'resize' }),
    '--ngf': 24,
    '--ndf': 16,
    '--nef': 16,
    '--steps': given.steps,
    '--seed': given.seed,
  },
)
await openBackend()
const model = await openModel(await exportModel({ projectFolder: project, step: 'last' }))
const networks = createNetworks()
const numbers = Array.from({ length: Number(given.variants) }, (_, index) => index + 1)
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length

async function meanDistance(pictures: readonly Plane[]): Promise<number> {
  const distances: number[] = []
  for (const [index, one] of pictures.entries())
    for (const other of pictures.slice(index + 1))
      distances.push(await networks.perceptualDistance(one, other))
  return mean(distances)
}

/** A classifier of real training pictures; none where they have no classes. */
async function learnClasses() {
  if (!isOfGarments) return null
  const train = join(garments(), 'train')
  const classes = (await readdir(train)).sort()
  const all: Labelled[] = []
  for (const [label, name] of classes.entries())
    for (const file of await readdir(join(train, name)))
      all.push({
        label,
        picture: await readSquare(join(train, name, file), { innerPx: SIDE, sidePx: SIDE }),
      })
  const classifier = await trainClassifier(all, { seed: 1, steps: 600, classes: classes.length })
  return {
    /** The share of pictures that look to be of this class. */
    shareOf(pictures: readonly Plane[], label: string): number {
      const named = classifier.name(pictures.map((picture) => ({ label: 0, picture: inColour(picture) })))
      return named.filter((found) => classes[found] === label).length / pictures.length
    },
    dispose: () => classifier.dispose(),
  }
}

/** [side,side,3] of 8 bits. */
function inColour({ data, widthPx, heightPx, channels }: Plane): Uint8Array {
  return Uint8Array.from({ length: widthPx * heightPx * 3 }, (_, at) =>
    Math.round(255 * (data[Math.floor(at / 3) * channels + (channels === 3 ? at % 3 : 0)] ?? 0)),
  )
}

const config = await readRunConfig(project, 'run-001')
const { loader, total } = await openHoldout(config, project, 'test', new AbortController().signal)
const pictures = Math.min(total, MOST_PICTURES)
const classifier = await learnClasses()
const kept = {
  spread: [],
  sameCode: [],
  middle: [],
  average: [],
  nearest: [],
  label: [],
  trueLabel: [],
} as Record<string, number[]>
const truths: Plane[] = []
for await (const { name, a, b } of readPlanes(loader.evaluationRows('test', pictures))) {
  const paint = (number: number | null) => {
    model.style(number === null ? undefined : codeOf(model.header, name, number, 1))
    return model.forward(a)
  }
  const variants: Plane[] = []
  for (const number of numbers) variants.push(await paint(number))
  const errors = variants.map((one) => meanAbsoluteError(one, b))
  kept.spread?.push(await meanDistance(variants))
  kept.sameCode?.push(await networks.perceptualDistance(await paint(1), variants[0] as Plane))
  kept.middle?.push(meanAbsoluteError(await paint(null), b))
  kept.average?.push(mean(errors))
  kept.nearest?.push(Math.min(...errors))
  const label = name.split('/').at(-2) ?? ''
  if (classifier) kept.label?.push(classifier.shareOf(variants, label))
  if (classifier) kept.trueLabel?.push(classifier.shareOf([b], label))
  truths.push(b)
}
const figures = Object.fromEntries(
  Object.entries(kept)
    .filter(([, values]) => values.length > 0)
    .map(([name, values]) => [name, figureOfMean(values)]),
)
const trueSpread = await meanDistance(truths.slice(0, 12))
console.log(
  JSON.stringify({ bench: 'variants', ...given, trainingMinutes, pictures, ...figures, trueSpread }),
)
classifier?.dispose()
model.dispose()
networks.dispose()
