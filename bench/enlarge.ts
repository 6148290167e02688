// Enlarge x2, trained by us without a judge, beside bicubic and the starter model: bin/node24 bench/enlarge.ts DIR
//   [--steps 4000] [--seed 1]
//
// 26 photographs of the sample to train on, 4 to choose by; 10 are made half as large (bicubic, antialiased), enlarged again
// by each contender and compared with the originals.
import { join } from 'node:path'
import { derivationSchema } from '../src/core/datasets/derivedPairs.ts'
import { presets } from '../src/core/presets/index.ts'
import { openBackend } from '../src/engine/backends/index.ts'
import { kernels, resample } from '../src/engine/data/derive/resample.ts'
import type { Plane } from '../src/engine/evaluation/metrics.ts'
import { openModel } from '../src/engine/inference/model.ts'
import {
  compare,
  learn,
  photographs,
  readArguments,
  readPhotographs,
  spoil,
  starterModels,
  tell,
} from './learned.ts'

const { folder, given } = readArguments('enlarge', { steps: '4000', seed: '1' })
const training = {
  '--steps': given.steps,
  '--seed': given.seed,
  // The photographs are sharp at their own size.
  '--preprocess': 'crop',
  '--lambda-gan': 0,
  '--checkpoint-every': 500,
}
const project = join(folder, 'enlarge')
const { model, trainingMinutes } = learn(project, ['--preset', 'enlarge', '--folder', photographs], training)

function bicubic(small: Plane): Plane {
  const large = resample(small, 2 * small.widthPx, 2 * small.heightPx, kernels.bicubic)
  return { ...large, data: large.data.map((value) => Math.min(1, Math.max(0, value))) }
}

await openBackend()
const ours = await openModel(model)
const starter = await openModel(join(starterModels, 'enlarge-x2.safetensors'))
const cases = await spoil(
  await readPhotographs('test'),
  derivationSchema.parse(presets.enlarge.dataset.options),
)
const standings = await compare(
  cases,
  [
    { name: 'Diptych', make: (small) => ours.forward(small) },
    { name: 'bicubic, aligned', make: bicubic },
    { name: 'starter model enlarge-x2', make: (small) => starter.forward(small) },
  ],
  ['psnr', 'ssim', 'stLpips'],
)
tell({ bench: 'enlarge', trainingMinutes, training, photographs: cases.length }, standings)
