// Restore beside filters that nobody trained: bin/node24 bench/restore.ts DIR [--steps 1600] [--seed 1] [--copies 3]
//
// 26 photographs of the sample to train on, 4 to choose by; 10 are spoiled as the preset says (faded, blurred, noisy, scratched,
// dusty, as JPEG), several times each. The opponents are the bilateral and the median filter with the settings that are best
// on training photographs, found for each metric by itself, with or without the best linear map of colours, fitted there too.
import { join } from 'node:path'
import { derivationSchema } from '../src/core/datasets/derivedPairs.ts'
import { metrics, type MetricId } from '../src/core/evaluation/metrics.ts'
import { presets } from '../src/core/presets/index.ts'
import { openBackend } from '../src/engine/backends/index.ts'
import { applyLinearMap, fitLinearMap } from '../src/engine/evaluation/linearMap.ts'
import type { Plane } from '../src/engine/evaluation/metrics.ts'
import { openModel } from '../src/engine/inference/model.ts'
import { cropPicture } from '../src/engine/imaging/picture.ts'
import { bilateralFilter, medianFilter } from './filters.ts'
import {
  compare,
  learn,
  photographs,
  readArguments,
  readPhotographs,
  scoresOf,
  spoil,
  tell,
  type Case,
  type Contender,
} from './learned.ts'

const { folder, given } = readArguments('restore', { steps: '1600', seed: '1', copies: '3' })
const training = {
  '--steps': given.steps,
  '--seed': given.seed,
  // The photographs are sharp at their own size.
  '--preprocess': 'crop',
  '--checkpoint-every': 500,
}
const judgedBy = ['ssim', 'stLpips'] as const satisfies readonly MetricId[]
/** Squares of training photographs on which the filters are tuned. */
const TUNING_PX = 128

const filters: Contender[] = [
  ...[1, 2, 3].map((radius) => ({
    name: `median ${2 * radius + 1} px`,
    make: (plane: Plane) => medianFilter(plane, radius),
  })),
  ...[1, 2, 3].flatMap((sigmaPx) =>
    [0.05, 0.1, 0.2].map((sigmaColour) => ({
      name: `bilateral, sigma ${sigmaPx} px and ${sigmaColour}`,
      make: (plane: Plane) => bilateralFilter(plane, sigmaPx, sigmaColour),
    })),
  ),
]

/** Each filter as it is, and behind the linear map of colours that undoes fading best on the training photographs. */
function withMap(cases: readonly Case[]): Contender[] {
  const map = fitLinearMap(cases.map(({ name, before, truth }) => ({ name, a: before, b: truth })))
  return filters.flatMap(({ name, make }) => [
    { name, make },
    { name: `${name}, colours mapped`, make: (plane) => make(applyLinearMap(map, plane)) },
  ])
}

/** For each metric the filter that is best by it on the training photographs. */
async function tune(cases: readonly Case[], rivals: readonly Contender[]): Promise<Contender[]> {
  const best = new Map<MetricId, { rival: Contender; score: number }>()
  for (const rival of rivals)
    for (const [metric, values] of await scoresOf(cases, rival, judgedBy)) {
      const sign = metrics[metric].better === 'higher' ? 1 : -1
      const score = (sign * values.reduce((sum, value) => sum + value, 0)) / values.length
      if (score > (best.get(metric)?.score ?? -Infinity)) best.set(metric, { rival, score })
    }
  return [...best].map(([metric, { rival }]) => ({
    ...rival,
    name: `${rival.name} (best by ${metrics[metric].term})`,
  }))
}

async function tunedFilters(): Promise<Contender[]> {
  const pictures = (await readPhotographs('train')).map(({ name, picture }) => {
    const [left, top] = [picture.widthPx, picture.heightPx].map((side) => Math.floor((side - TUNING_PX) / 2))
    const box = { left: left as number, top: top as number, widthPx: TUNING_PX, heightPx: TUNING_PX }
    return { name, picture: cropPicture(picture, box) }
  })
  const cases = await spoil(pictures, derivation)
  return tune(cases, withMap(cases))
}

const derivation = derivationSchema.parse(presets.restore.dataset.options)
const project = join(folder, 'restore')
const { model, trainingMinutes } = learn(project, ['--preset', 'restore', '--folder', photographs], training)
await openBackend()
const ours = await openModel(model)
const cases = await spoil(await readPhotographs('test'), derivation, Number(given.copies))
const standings = await compare(
  cases,
  [
    { name: 'Diptych', make: (plane) => ours.forward(plane) },
    ...(await tunedFilters()),
    { name: 'left as it is', make: (plane) => plane },
  ],
  [...judgedBy, 'psnr'],
)
tell({ bench: 'restore', trainingMinutes, training, derivation, cases: cases.length }, standings)
