// CycleGAN without one true pair, beside histogram matching and PyTorch: bin/node24 bench/unpaired.ts DIR
//   [--steps 600] [--seeds 1,2,3] [--torch PYTHON]
//
// The sample's day and night tiles come from different ground. True pairs of other longitudes were withheld: 28 to choose a saved
// state by, 47 that are scored once. Histogram matching gives each day tile the colours of all training nights together.
// With --torch, bench/train_cyclegan.py trains PyTorch's networks with the settings of the same run and scores the same pairs.
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openBackend } from '../src/engine/backends/index.ts'
import { planeOfPicture } from '../src/engine/data/derive/plane.ts'
import type { Plane } from '../src/engine/evaluation/metrics.ts'
import { openModel } from '../src/engine/inference/model.ts'
import { createMatcher } from './histogram.ts'
import { compare, learn, readArguments, readFolder, tell, type Case, type Contender } from './learned.ts'

const sample = 'day-to-night-unpaired'
const tiles = fileURLToPath(new URL(`../resources/samples/${sample}`, import.meta.url))
const { folder, given } = readArguments('unpaired', { steps: '600', seed: '', seeds: '1,2,3', torch: '' })
const seeds = given.seeds.split(',').map(Number)

async function planesIn(part: string): Promise<{ name: string; plane: Plane }[]> {
  const pictures = await readFolder(join(tiles, part))
  return pictures.map(({ name, picture }) => ({ name, plane: planeOfPicture(picture) }))
}

/** The colour that is in the middle of all training nights, everywhere: what looks worst and is hard to beat in L1. */
function medianColour(nights: readonly Plane[]): Plane['data'] {
  const channels = nights[0]?.channels ?? 0
  return Float32Array.from({ length: channels }, (_, channel) => {
    const all = nights.flatMap(({ data }) => [...data.filter((_, at) => at % channels === channel)])
    return all.sort((one, other) => one - other)[all.length >> 1] as number
  })
}

/** The last line that the script prints is one JSON object. */
function trainInTorch(project: string, seed: number): unknown {
  const script = fileURLToPath(new URL('train_cyclegan.py', import.meta.url))
  const config = join(project, 'runs/run-001/config.json')
  const args = ['-B', script, project, '--config', config, '--seed', String(seed), '--steps', given.steps]
  const said = execFileSync(given.torch, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 2] })
  return JSON.parse(said.trimEnd().split('\n').at(-1) ?? '')
}

const nights = (await planesIn('B/train')).map(({ plane }) => plane)
const truths = new Map((await planesIn('B/test')).map(({ name, plane }) => [name, plane]))
const cases: Case[] = (await planesIn('A/test')).map(({ name, plane }) => ({
  name,
  before: plane,
  truth: truths.get(name) as Plane,
}))
const middle = medianColour(nights)
const rivals: Contender[] = [
  { name: 'histogram matching', make: createMatcher(nights) },
  {
    name: 'the median colour of night, everywhere',
    make: ({ data, ...size }) => ({
      ...size,
      data: data.map((_, at) => middle[at % middle.length] as number),
    }),
  },
]

const runs = seeds.map((seed) => {
  const project = join(folder, `unpaired-${seed}`)
  const training = { '--steps': given.steps, '--seed': seed }
  const learned = learn(project, ['--sample', sample], training)
  return { seed, ...learned, torch: given.torch ? trainInTorch(project, seed) : null }
})
await openBackend()
const l1s: number[] = []
for (const { seed, model, trainingMinutes, torch } of runs) {
  const ours = await openModel(model)
  const contenders = [{ name: 'Diptych', make: (plane: Plane) => ours.forward(plane) }, ...rivals]
  const standings = await compare(cases, contenders, ['l1', 'psnr', 'ssim', 'stLpips'])
  ours.dispose()
  l1s.push(standings[0]?.scores.l1?.value ?? NaN)
  tell(
    { bench: 'unpaired', seed, steps: Number(given.steps), trainingMinutes, pairs: cases.length, torch },
    standings,
  )
}
const mean = l1s.reduce((sum, l1) => sum + l1, 0) / l1s.length
console.log(
  `\n${JSON.stringify({ bench: 'unpaired', seeds, l1: l1s, mean, torch: runs.map(({ torch }) => torch) })}`,
)
