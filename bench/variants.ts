// How different the answers of BicycleGAN are, and whether the true one is among them:
// bin/node24 bench/variants.ts DIR [--steps 3000] [--seed 1] [--variants 5]
//
// The sample map-to-satellite in squares of 64 px, a small setting. The last state (the best by L1 is chosen by its middle answer alone)
// makes so many variants of each test picture, with codes as `translate --variants` draws them. Spread: ST-LPIPS of all pairs of variants
// of one picture, its mean over pictures; beside it that of one code used twice, which must be 0, and that of true pictures of different
// places. L1 to the true picture: of the middle answer, of the variants on average, and of the nearest of them.
import { join } from 'node:path'
import { openBackend } from '../src/engine/backends/index.ts'
import { openHoldout } from '../src/engine/evaluation/holdout.ts'
import { figureOfMean } from '../src/engine/evaluation/means.ts'
import { meanAbsoluteError, type Plane } from '../src/engine/evaluation/metrics.ts'
import { createNetworks } from '../src/engine/evaluation/networks.ts'
import { readPlanes } from '../src/engine/evaluation/planes.ts'
import { openModel } from '../src/engine/inference/model.ts'
import { codeOf } from '../src/engine/inference/variants.ts'
import { readRunConfig } from '../src/engine/storage/runs.ts'
import { exportModel } from '../src/engine/training/exportModel.ts'
import { learn, readArguments } from './learned.ts'

const { folder, given } = readArguments('variants', { steps: '3000', seed: '1', variants: '5' })
const project = join(folder, 'variants')
const { trainingMinutes } = learn(project, ['--sample', 'map-to-satellite'], {
  '--recipe': 'bicyclegan',
  '--crop-size-px': 64,
  '--ngf': 24,
  '--ndf': 16,
  '--nef': 16,
  '--steps': given.steps,
  '--seed': given.seed,
})
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

const config = await readRunConfig(project, 'run-001')
const { loader, total } = await openHoldout(config, project, 'test', new AbortController().signal)
const kept = { spread: [], sameCode: [], middle: [], average: [], nearest: [] } as Record<string, number[]>
const truths: Plane[] = []
for await (const { name, a, b } of readPlanes(loader.evaluationRows('test', total))) {
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
  truths.push(b)
}
const figures = Object.fromEntries(Object.entries(kept).map(([name, values]) => [name, figureOfMean(values)]))
const trueSpread = await meanDistance(truths.slice(0, 12))
console.log(
  JSON.stringify({ bench: 'variants', ...given, trainingMinutes, pictures: total, ...figures, trueSpread }),
)
model.dispose()
networks.dispose()
