// Whether bfloat16 costs quality: bin/node24 bench/precision.ts DIR [--steps 1200] [--seeds 1,2,3]
//
// The sample map-to-satellite with its own settings, trained from the same seeds for the same steps in float32 and in bfloat16. Each
// model makes the test pictures once; the same float32 model makes them in both, too. `auto` takes bfloat16 only where the mean
// L1 over the seeds is within 2% of float32's, and pictures from the same weights are within 2/255 on average.
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openBackend } from '../src/engine/backends/index.ts'
import { planeOfPicture } from '../src/engine/data/derive/plane.ts'
import { meanAbsoluteError, type Plane } from '../src/engine/evaluation/metrics.ts'
import { openModel } from '../src/engine/inference/model.ts'
import { compare, learn, readArguments, readFolder, tell, type Case } from './learned.ts'

const sample = 'map-to-satellite'
const tiles = fileURLToPath(new URL(`../resources/samples/${sample}`, import.meta.url))
const { folder, given } = readArguments('precision', { steps: '1200', seed: '', seeds: '1,2,3' })
const seeds = given.seeds.split(',').map(Number)
const precisions = ['float32', 'bfloat16'] as const

async function planesIn(part: string): Promise<{ name: string; plane: Plane }[]> {
  return (await readFolder(join(tiles, part))).map(({ name, picture }) => ({
    name,
    plane: planeOfPicture(picture),
  }))
}

const runs = seeds.map((seed) => ({
  seed,
  learned: precisions.map((precision) => {
    const training = { '--steps': given.steps, '--seed': seed, '--precision': precision }
    return learn(join(folder, `${precision}-${seed}`), ['--sample', sample], training)
  }),
}))
await openBackend()
const truths = new Map((await planesIn('B/test')).map(({ name, plane }) => [name, plane]))
const cases: Case[] = (await planesIn('A/test')).map(({ name, plane }) => ({
  name,
  before: plane,
  truth: truths.get(name) as Plane,
}))
/** By how much pictures from the same weights differ, in levels of 255. */
async function differenceFrom(model: string): Promise<number> {
  const both = await Promise.all(precisions.map((precision) => openModel(model, precision)))
  const [whole, half] = both as [(typeof both)[number], (typeof both)[number]]
  const differences: number[] = []
  for (const { before } of cases)
    differences.push(255 * meanAbsoluteError(await whole.forward(before), await half.forward(before)))
  for (const one of both) one.dispose()
  return mean(differences)
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

const l1s = precisions.map(() => [] as number[])
const differences: number[] = []
for (const { seed, learned } of runs) {
  const models = await Promise.all(learned.map(({ model }) => openModel(model)))
  const contenders = models.map((model, index) => ({
    name: precisions[index] as string,
    make: (before: Plane) => model.forward(before),
  }))
  const standings = await compare(cases, contenders, ['l1', 'ssim'])
  for (const [index, { scores }] of standings.entries()) l1s[index]?.push(scores.l1?.value ?? NaN)
  for (const model of models) model.dispose()
  const levels = await differenceFrom(learned[0]?.model ?? '')
  differences.push(levels)
  tell(
    { bench: 'precision', seed, levels, minutes: learned.map(({ trainingMinutes }) => trainingMinutes) },
    standings,
  )
}
const [float32 = NaN, bfloat16 = NaN] = l1s.map(mean)
const levels = mean(differences)
const passes = bfloat16 / float32 <= 1.02 && levels <= 2
console.log(
  `\n${JSON.stringify({ bench: 'precision', seeds, l1s, float32, bfloat16, ratio: bfloat16 / float32, levels, passes })}`,
)
process.exitCode = passes ? 0 : 1
