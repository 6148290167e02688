// What lighter settings cost: prints the table of src/core/planning/costs.json; --write puts it there.
//   bin/node24 bench/planning.ts [--steps 600] [--seeds 1] [--threads 2] [--only NAME]... [--write]
// Each study trains full settings on a bundled sample, then each lighter way from the same seeds for the same steps, and
// scores all of them on the sample's test pictures. Studies that are left out keep the rows that the table has.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { parseOptions } from '../src/core/options/parse.ts'
import { costTable, type MeasuredCost } from '../src/core/planning/costs.ts'
import { lighten, lighterWays } from '../src/core/planning/lighter.ts'
import type { TrainingSettings } from '../src/core/project/project.ts'
import { translateNormOf } from '../src/core/recipes/common.ts'
import { recipes } from '../src/core/recipes/index.ts'
import { learningRateAt } from '../src/core/training/schedule.ts'
import { openBackend, precisionFor } from '../src/engine/backends/index.ts'
import { createLoader, type Loader } from '../src/engine/data/loader.ts'
import { scanDataset, type DatasetReport } from '../src/engine/datasets/index.ts'
import { meanScores, scorePicture, type Plane, type Scores } from '../src/engine/evaluation/metrics.ts'
import { planeOf, planeOfPicture } from '../src/engine/evaluation/planes.ts'
import type { Picture } from '../src/engine/imaging/picture.ts'
import { resizePicture } from '../src/engine/imaging/resize.ts'
import { fixedBytes, measureSettings, type Bench, type Measured } from '../src/engine/planning/measure.ts'
import { createTrainer } from '../src/engine/recipes/index.ts'
import { createProject, readProject } from '../src/engine/storage/project.ts'
import { engineEnvironment } from './quiet.ts'

type Study = {
  name: string
  sample: string
  training: TrainingSettings
  ways: readonly string[]
  /** Shares of the steps that are trained, too, as 1/n. */
  stepsBy: readonly number[]
}

const studies: readonly Study[] = [
  {
    name: 'width',
    sample: 'map-to-satellite',
    training: { recipe: 'pix2pix', options: { netG: 'auto' } },
    ways: ['width-32', 'width-16', 'size-128'],
    stepsBy: [2, 4],
  },
  {
    name: 'depth',
    sample: 'map-to-satellite',
    training: { recipe: 'pix2pix', options: { netG: 'resnet_9blocks', cropSizePx: 128, ngf: 32, ndf: 32 } },
    ways: ['depth-2/3'],
    stepsBy: [],
  },
  {
    name: 'cyclegan',
    sample: 'day-to-night-unpaired',
    training: {
      recipe: 'cyclegan',
      options: { preprocess: 'crop', cropSizePx: 128, netG: 'resnet_9blocks' },
    },
    ways: ['depth-2/3', 'width-32', 'width-16', 'recipe-fastcut'],
    stepsBy: [2, 4],
  },
  {
    name: 'restore',
    sample: 'photographs',
    training: { recipe: 'restore', options: { cropSizePx: 96, batchSize: 4 } },
    ways: ['depth-2/3', 'width-32', 'width-16'],
    stepsBy: [2, 4],
  },
]

type Place = { folder: string; report: DatasetReport; threads: number }

function optionsOf({ recipe, options }: TrainingSettings) {
  return parseOptions(recipes[recipe].options, options)
}

/** As a run makes it. */
function makeTrainer({ recipe }: TrainingSettings, options: ReturnType<typeof optionsOf>, loader: Loader) {
  const { inputChannels, outputChannels, scale } = loader
  const precision = precisionFor(options.precision, 'learning')
  return createTrainer(recipe, options, { inputChannels, outputChannels, scale, precision })
}

async function trainOne({ report }: Place, training: TrainingSettings, steps: number, seed: number) {
  const options = { ...optionsOf(training), seed }
  const loader = createLoader({ report, options, seed, split: 'train' })
  const trainer = makeTrainer(training, options, loader)
  for (let step = 1; step <= steps; step += 1) {
    const batch = await loader.next(step)
    await trainer.train({ ...batch, step, seed, learningRate: learningRateAt(step, { ...options, steps }) })
  }
  return { loader, trainer, options }
}

function toPicture({ data, widthPx, heightPx, channels }: Plane): Picture {
  return {
    data: Uint8Array.from(data, (value) => Math.round(255 * value)),
    widthPx,
    heightPx,
    channels,
    bitDepth: 8,
    alpha: null,
    colourSpace: channels === 3 ? 'srgb' : 'grey',
    metadata: { format: 'png', icc: null, exif: null, xmp: null, dotsPerInch: null },
  }
}

/** Smaller squares are brought to the size of the full ones: what they do not show is missing there. */
async function planeLike(made: Plane, truth: Plane): Promise<Plane> {
  if (made.widthPx === truth.widthPx) return made
  return planeOfPicture(await resizePicture(toPicture(made), truth.widthPx, truth.heightPx))
}

/** @param full the loader of the full settings, which shows the true pictures at their size */
async function scoreOne(
  place: Place,
  training: TrainingSettings,
  steps: number,
  seed: number,
  full: Loader,
): Promise<Scores> {
  const { loader, trainer, options } = await trainOne(place, training, steps, seed)
  const scores: Scores[] = []
  const truths = full.evaluationPairs('test', 1000)
  for await (const pair of loader.evaluationPairs('test', 1000)) {
    const truth = await truths.next()
    if (truth.done || truth.value.name !== pair.name) throw new Error('The loaders show other pairs.')
    const { [recipes[training.recipe].made]: made } = await trainer.visuals(pair, translateNormOf(options))
    if (!made) throw new Error('Nothing was made.')
    const real = planeOf(truth.value.realB)
    scores.push(scorePicture(await planeLike(planeOf(made), real), real))
  }
  trainer.dispose()
  return meanScores(scores)
}

async function scoreSeeds(
  place: Place,
  training: TrainingSettings,
  steps: number,
  seeds: number,
  full: Loader,
): Promise<Scores> {
  const all: Scores[] = []
  for (let seed = 1; seed <= seeds; seed += 1) all.push(await scoreOne(place, training, steps, seed, full))
  return meanScores(all)
}

async function measure({ folder, report, threads }: Place, training: TrainingSettings): Promise<Measured> {
  const { dataset } = await readProject(folder)
  if (!dataset) throw new Error('A sample has no data set.')
  const bench: Bench = {
    projectFolder: folder,
    data: { dataset, report, isOwn: true },
    threads,
    signal: new AbortController().signal,
    tell: () => undefined,
  }
  return measureSettings(bench, { ...training, options: { ...training.options, steps: 1000 } })
}

const PAIRED_STEPS = 7

/**
 * By how much a step is quicker: both trainers in turn, and the least disturbed step of each, since other programs may
 * take the processor meanwhile.
 */
async function stepShare({ report }: Place, full: TrainingSettings, lighter: TrainingSettings) {
  const open = (training: TrainingSettings) => {
    const options = optionsOf(training)
    const loader = createLoader({ report, options, seed: 1, split: 'train' })
    const trainer = makeTrainer(training, options, loader)
    const step = async (number: number): Promise<number> => {
      const batch = await loader.next(number)
      const startedAt = performance.now()
      await trainer.train({ ...batch, step: number, seed: 1, learningRate: options.learningRate })
      return performance.now() - startedAt
    }
    return { step, trainer, least: Infinity }
  }
  const both = [open(full), open(lighter)]
  for (let number = 1; number <= PAIRED_STEPS; number += 1)
    for (const one of both) {
      const elapsedMs = await one.step(number)
      if (number > 2) one.least = Math.min(one.least, elapsedMs)
    }
  for (const { trainer } of both) trainer.dispose()
  return (both[1]?.least ?? NaN) / (both[0]?.least ?? NaN)
}

function rounded(value: number): number {
  return Number(value.toPrecision(4))
}

function lightened({ training }: Study, id: string, architecture: string): TrainingSettings | null {
  const way = lighterWays.find((one) => one.id === id)
  if (!way) throw new Error(`There is no way named ${id}.`)
  return lighten(training, way, architecture)
}

async function runStudy(study: Study, steps: number, seeds: number, place: Place): Promise<MeasuredCost[]> {
  const { training, sample } = study
  const options = optionsOf(training)
  const full = createLoader({ report: place.report, options, seed: 1, split: 'train' })
  const base = await measure(place, training)
  const baseScores = await scoreSeeds(place, training, steps, seeds, full)
  const computing = ({ probe }: Measured) => Math.max(1, probe.peakBytes - fixedBytes(probe))
  const row = (way: string, scores: Scores, lighter: Measured, share: number): MeasuredCost => ({
    way,
    recipe: training.recipe,
    sample,
    steps,
    stepShare: rounded(share),
    memoryShare: rounded(Math.min(1, computing(lighter) / computing(base))),
    l1: rounded(scores.l1),
    fullL1: rounded(baseScores.l1),
    ssim: rounded(scores.ssim),
    fullSsim: rounded(baseScores.ssim),
    seeds,
  })
  const rows: MeasuredCost[] = []
  for (const way of study.ways) {
    const lighter = lightened(study, way, base.probe.architecture)
    if (!lighter) continue
    const scores = await scoreSeeds(place, lighter, steps, seeds, full)
    const share = await stepShare(place, training, lighter)
    rows.push(row(way, scores, await measure(place, lighter), share))
    process.stderr.write(`${study.name}: ${JSON.stringify(rows.at(-1))}\n`)
  }
  for (const by of study.stepsBy) {
    const scores = await scoreSeeds(place, training, Math.round(steps / by), seeds, full)
    rows.push(row(`steps-1/${by}`, scores, base, 1))
    process.stderr.write(`${study.name}: ${JSON.stringify(rows.at(-1))}\n`)
  }
  return rows
}

const { values } = parseArgs({
  options: {
    steps: { type: 'string', default: '600' },
    seeds: { type: 'string', default: '1' },
    threads: { type: 'string', default: '2' },
    only: { type: 'string', multiple: true },
    write: { type: 'boolean', default: false },
  },
})
const [steps, seeds, threads] = [values.steps, values.seeds, values.threads].map(Number)
if (!steps || !seeds || !threads) throw new Error('Give whole numbers above 0.')
Object.assign(process.env, engineEnvironment)
await openBackend({ threads })
const table = new URL('../src/core/planning/costs.json', import.meta.url)
const known = costTable.parse(JSON.parse(readFileSync(table, 'utf8')))
let { measured } = known
for (const study of studies) {
  if (values.only && !values.only.includes(study.name)) continue
  const room = mkdtempSync(join(tmpdir(), 'diptych-planning-'))
  try {
    const folder = join(room, 'project')
    const { project } = await createProject(folder, { name: study.name, sample: study.sample, dataset: null })
    if (!project.dataset) throw new Error(`${study.sample} has no data set.`)
    const report = await scanDataset(project.dataset, folder)
    const rows = await runStudy(study, steps, seeds, { folder, report, threads })
    const isReplaced = ({ way, recipe }: MeasuredCost) =>
      rows.some((one) => one.way === way && one.recipe === recipe)
    measured = [...measured.filter((cost) => !isReplaced(cost)), ...rows]
  } finally {
    rmSync(room, { recursive: true, force: true })
  }
}
const command = `bin/node24 bench/planning.ts ${process.argv.slice(2).join(' ')}`.trim()
const text = `${JSON.stringify({ command, measured }, null, 2)}\n`
process.stdout.write(text)
if (values.write) writeFileSync(table, text)
