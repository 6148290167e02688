// What models from noise are worth: bin/node24 bench/fromNoise.ts DIR STUDY [--steps N] [--seed 1]
//
// labels     a conditional GAN on the sample "fashion", 10,000 pictures of it, and their figures as the product finds them: the same small
//            classifier trained on real pictures, on made ones and on both, three seeds and equal steps, scored on the test pictures
// rare       one class of the sample cut to 5%: its recall in the classifier, without and with made pictures of that class
// compare    GAN, WGAN and WGAN-GP side by side, three seeds each: KID of 1,000 made pictures, and of their untrained selves
// growing    progressive growing to 64 px on tiles of the sample's photographs that show something: KID after every stage beside tiles
//            of 64 px, and that of real tiles with no more pixels than the stage has, which no stage can do better than
// attribute  clothes turned into other clothes: how often a classifier sees the class that was asked for, and what is lost there and back
//
// A second call with the same DIR only scores again.
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import sharp from 'sharp'
import { bfloat16Unit } from '../src/engine/backends/hardware.ts'
import { openBackend } from '../src/engine/backends/index.ts'
import { spanOf } from '../src/core/recipes/progressive.ts'
import type { SetFigures } from '../src/core/generation/figures.ts'
import { trainClassifier, type Labelled } from '../src/engine/evaluation/classifier.ts'
import { readSquare } from '../src/engine/generation/square.ts'
import { SIDE } from './fashion.ts'
import { learn, photographs, runDiptych } from './learned.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    steps: { type: 'string' },
    seed: { type: 'string', default: '1' },
    epochs: { type: 'string', default: '8' },
  },
})
const folder = resolve(positionals[0] ?? 'from-noise')
const study = positionals[1] ?? 'labels'
const SEEDS = [1, 2, 3]
const RARE = 'Coat'

const stepsOr = (usual: number) => Number(values.steps ?? usual)
const mean = (all: readonly number[]) => all.reduce((sum, one) => sum + one, 0) / all.length
const percent = (share: number) => `${(100 * share).toFixed(1)}%`

/** The sample as a project, once. */
function sampleProject(): string {
  const project = join(folder, 'sample')
  if (!existsSync(join(project, 'project.json'))) runDiptych('new', project, '--sample', 'fashion')
  return project
}

/** The sample's pictures are of this side, in px. */
const OWN_SIDE = 28

/** Labelled pictures below a folder of classes, as the classifier takes them: SIDE px, colour, a border around them. */
async function readLabelled(place: string, names: readonly string[]): Promise<Labelled[]> {
  const all: Labelled[] = []
  for (const [label, name] of names.entries()) {
    const own = join(place, name)
    if (!existsSync(own)) continue
    for (const file of readdirSync(own).sort())
      all.push({ label, picture: await readSquare(join(own, file), { innerPx: OWN_SIDE, sidePx: SIDE }) })
  }
  return all
}

function generate(model: string, output: string, ...flags: string[]): string {
  if (!existsSync(join(output, 'README.md')))
    runDiptych('generate', '--model', model, '--output', output, ...flags)
  return output
}

/** What the product found of a set. */
function figuresOf(made: string): SetFigures {
  return JSON.parse(readFileSync(join(made, 'figures.json'), 'utf8')) as SetFigures
}

/** Its figures of the looks, by name. */
const looksOf = (made: string) => Object.fromEntries(figuresOf(made).scores.map((one) => [one.metric, one]))

/** What classifiers learned of it, by what they learned from. */
function lessonsOf(made: string) {
  const { worth, worthNote } = figuresOf(made)
  if (!worth) throw new Error(`The worth of ${made} is not told: ${worthNote ?? ''}`)
  const of = (from: 'real' | 'made' | 'both') => {
    const lesson = worth.lessons.find((one) => one.from === from)
    if (!lesson) throw new Error(`Nothing was learned from ${from}.`)
    return lesson
  }
  return { worth, real: of('real'), made: of('made'), both: of('both') }
}

/** What `evaluate` says of two folders. */
function scoresOf(
  made: string,
  real: string,
  ...wanted: string[]
): Record<string, { value: number; low: number | null; high: number | null }> {
  const bin = new URL('../bin/diptych', import.meta.url).pathname
  const text = execFileSync(
    bin,
    ['evaluate', '--made', made, '--real', real, '--metrics', wanted.join(','), '--json'],
    {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 2],
      maxBuffer: 2 ** 28,
    },
  )
  const last = JSON.parse(text.trim().split('\n').at(-1) ?? '{}') as {
    measurements: { metric: string; value: number; low: number | null; high: number | null }[]
  }
  return Object.fromEntries(last.measurements.map((one) => [one.metric, one]))
}

const conditional = (project: string, steps: number) =>
  learn(project, ['--kind', 'picture-folder', '--folder', join(folder, 'pictures')], {
    '--recipe': 'cgan',
    '--steps': steps,
    '--seed': values.seed,
    '--crop-size-px': 28,
    '--ngf': 32,
    '--ndf': 32,
    '--ema-decay': 0.999,
    '--checkpoint-every': 500,
    '--sample-every': 500,
    '--sample-count': 20,
  })

function labels() {
  const project = sampleProject()
  if (!existsSync(join(folder, 'pictures')))
    cpSync(join(project, 'pictures'), join(folder, 'pictures'), { recursive: true })
  const { model, trainingMinutes } = conditional(join(folder, 'cgan'), stepsOr(6000))
  const output = generate(model, join(folder, 'made'), '--count', '10000', '--figures')
  const { real, made, both, worth } = lessonsOf(output)
  const accuracy = { real: real.accuracy, made: made.accuracy, both: both.accuracy }
  const share = mean(accuracy.made) / mean(accuracy.real)
  return { trainingMinutes, accuracy, steps: worth.steps, share, scores: looksOf(output) }
}

/** One class of the training pictures cut to a twentieth. */
function skewedProject(): void {
  const place = join(folder, 'pictures')
  if (existsSync(place)) return
  cpSync(join(sampleProject(), 'pictures'), place, { recursive: true })
  const files = readdirSync(join(place, 'train', RARE)).sort()
  for (const file of files.slice(Math.round(files.length / 20))) rmSync(join(place, 'train', RARE, file))
}

function rare() {
  skewedProject()
  const { model, trainingMinutes } = conditional(join(folder, 'skewed'), stepsOr(6000))
  const made = generate(model, join(folder, 'made'), '--classes', `${RARE}=950`, '--figures')
  const { real, both, worth } = lessonsOf(made)
  const label = worth.classes.indexOf(RARE)
  const [without, withMade] = [real.recall[label] ?? [], both.recall[label] ?? []]
  return { trainingMinutes, class: RARE, without, withMade, gain: mean(withMade) - mean(without) }
}

function compare() {
  const project = sampleProject()
  const recipes = { gan: stepsOr(1500), wgan: stepsOr(4000), 'wgan-gp': stepsOr(2000) }
  const rows = Object.entries(recipes).map(([recipe, steps]) => {
    const scored = SEEDS.map((seed) => {
      const common = {
        '--recipe': recipe,
        '--seed': seed,
        '--crop-size-px': 28,
        '--ngf': 32,
        '--ndf': 32,
        '--sample-every': 1000,
      }
      const make = ['--kind', 'picture-folder', '--folder', join(project, 'pictures')]
      const scoreOf = (name: string, count: number) => {
        const { model, trainingMinutes } = learn(join(folder, name), make, {
          ...common,
          '--steps': count,
          '--checkpoint-every': count,
        })
        const made = generate(
          model,
          join(folder, `${name}-made`),
          '--count',
          '1000',
          '--least-difference',
          '0',
          '--figures',
        )
        const { kid, recall } = looksOf(made)
        return { trainingMinutes, kid, recall }
      }
      return {
        seed,
        untrained: scoreOf(`${recipe}-${seed}-untrained`, 1),
        trained: scoreOf(`${recipe}-${seed}`, steps),
      }
    })
    return { recipe, steps, scored }
  })
  return { rows }
}

/**
 * The photographs' shorter side before they are cut, in px: 1.6 times their own. Cut from 512 px, even real tiles gain next to nothing from
 * 4 to 8 px (KID 0.171 and 0.157): what they show is mostly finer than that.
 */
const TILED_PX = 768
/** Of white: tiles that vary less show a bare sky, in which there is nothing to learn. */
const LEAST_SPREAD = 0.05

/** Over channels, the root of the mean variance: 0 to 0.5. */
async function spreadOf(png: Buffer): Promise<number> {
  const { channels } = await sharp(png).stats()
  return Math.sqrt(mean(channels.map(({ stdev }) => (stdev / 255) ** 2)))
}

/** Tiles of 64 px of the photographs, without overlap, those left out that show nothing. */
async function cutTiles(): Promise<string> {
  const place = join(folder, 'tiles')
  if (existsSync(place)) return place
  for (const split of ['train', 'test']) {
    mkdirSync(join(place, split), { recursive: true })
    for (const file of readdirSync(join(photographs, split)).sort()) {
      const picture = sharp(join(photographs, split, file))
        .resize(TILED_PX, TILED_PX, { fit: 'outside' })
        .removeAlpha()
      const { data, info } = await picture.raw().toBuffer({ resolveWithObject: true })
      for (let top = 0; top + 64 <= info.height; top += 64)
        for (let left = 0; left + 64 <= info.width; left += 64) {
          const raw = { width: info.width, height: info.height, channels: 3 as const }
          const tile = sharp(data, { raw }).extract({ left, top, width: 64, height: 64 })
          const png = await tile.png().toBuffer()
          if ((await spreadOf(png)) < LEAST_SPREAD) continue
          writeFileSync(join(place, split, `${file.replace(/\.[^.]+$/, '')}-${top}-${left}.png`), png)
        }
    }
  }
  return place
}

async function growing() {
  const tiles = await cutTiles()
  const steps = stepsOr(3600)
  const project = join(folder, 'growing')
  const { trainingMinutes } = learn(project, ['--kind', 'picture-folder', '--folder', tiles], {
    '--recipe': 'progressive',
    '--steps': steps,
    '--seed': values.seed,
    '--crop-size-px': 64,
    '--ngf': 16,
    '--learning-rate': 6e-3,
    '--decay-share': 0.5,
    '--batch-size': 8,
    // Where the processor has it: float32 takes longer.
    '--precision': bfloat16Unit() ? 'bfloat16' : 'float32',
    '--ema-decay': 0.995,
    '--checkpoint-every': steps / 9,
    '--sample-every': steps / 9,
  })
  const real = join(tiles, 'test')
  const rows = []
  for (const [stage, sidePx] of [4, 8, 16, 32, 64].entries()) {
    const span = spanOf(stage, steps, 5, 0.5)
    const step = span.from + span.steps - 1
    const model = join(project, 'models', `growing-run-001-step-${step}.safetensors`)
    if (!existsSync(model)) runDiptych('export', project, '--step', String(step))
    const flags = ['--count', '1000', '--least-difference', '0', '--no-figures']
    const made = generate(model, join(folder, `made-${step}`), ...flags)
    const own = scoresOf(join(made, 'train'), real, 'kid', 'recall')
    const perfect = scoresOf(await shrunk(join(tiles, 'train'), sidePx), real, 'kid')
    rows.push({ sidePx, step, ...own, perfect: perfect.kid })
  }
  await showStages(rows.map(({ step }) => join(folder, `made-${step}`, 'train')))
  return { trainingMinutes, rows }
}

/** stages.webp: a row of what each stage made, the same codes below one another, all at 64 px by their nearest neighbours. */
async function showStages(places: readonly string[]): Promise<void> {
  const [across, cellPx] = [16, 66]
  const cells = places.flatMap((place, row) =>
    readdirSync(place)
      .sort()
      .slice(0, across)
      .map(async (file, column) => ({
        input: await sharp(join(place, file)).resize(64, 64, { kernel: 'nearest' }).png().toBuffer(),
        left: column * cellPx,
        top: row * cellPx,
      })),
  )
  const size = { width: across * cellPx - 2, height: places.length * cellPx - 2 }
  await sharp({ create: { ...size, channels: 3, background: '#777' } })
    .composite(await Promise.all(cells))
    .webp({ quality: 85 })
    .toFile(join(folder, 'stages.webp'))
}

/** A thousand real training tiles, or all where there are fewer, shrunk to the side of a stage. */
async function shrunk(from: string, sidePx: number): Promise<string> {
  const small = join(folder, `real-${sidePx}`)
  if (existsSync(small)) return small
  mkdirSync(small, { recursive: true })
  const all = readdirSync(from).sort()
  for (let index = 0; index < 1000; index += 1) {
    const file = all[Math.floor((index * all.length) / 1000)] as string
    await sharp(join(from, file)).resize(sidePx, sidePx).png().toFile(join(small, file))
  }
  return small
}

async function attribute() {
  const project = sampleProject()
  // Four kinds that are worn on the upper body.
  const kinds = ['T-shirt', 'Pullover', 'Dress', 'Coat']
  const place = join(folder, 'pictures')
  for (const split of ['train', 'val', 'test'])
    for (const kind of kinds)
      cpSync(join(project, 'pictures', split, kind), join(place, split, kind), { recursive: true })
  const { model, trainingMinutes } = learn(
    join(folder, 'attribute'),
    ['--kind', 'picture-folder', '--folder', place],
    {
      '--recipe': 'attribute',
      '--steps': stepsOr(1500),
      '--judge-rounds': 1,
      '--learning-rate': 2e-4,
      '--lambda-reconstruction': 4,
      '--ema-decay': 0.999,
      '--seed': values.seed,
      '--preprocess': 'resize',
      '--crop-size-px': 32,
      '--net-g': 'resnet_3blocks',
      '--ngf': 32,
      '--ndf': 32,
      '--checkpoint-every': 200,
      '--sample-every': 200,
    },
  )
  await openBackend()
  const learned = await readLabelled(join(place, 'train'), kinds)
  const steps = Number(values.epochs) * Math.ceil(learned.length / 64)
  const classifier = await trainClassifier(learned, { seed: 1, steps, classes: kinds.length })
  let [seen, asked] = [0, 0]
  const losses: number[] = []
  const shuffled: number[] = []
  for (const [to, target] of kinds.entries()) {
    const there = join(folder, `to-${target}`)
    for (const from of kinds.filter((kind) => kind !== target)) {
      if (!existsSync(join(there, from)))
        runDiptych(
          'translate',
          '--model',
          model,
          '--label',
          target,
          join(place, 'test', from),
          '--output',
          join(there, from),
        )
      const back = join(folder, `back-from-${target}`, from)
      if (!existsSync(back))
        runDiptych('translate', '--model', model, '--label', from, join(there, from), '--output', back)
      const made = await readLabelled(there, [from])
      const names = classifier.name(made)
      asked += names.length
      seen += names.filter((name) => name === to).length
      const original = await readLabelled(join(place, 'test'), [from])
      const returned = await readLabelled(join(folder, `back-from-${target}`), [from])
      for (const [index, one] of original.entries()) {
        losses.push(difference(one.picture, (returned[index] as Labelled).picture))
        shuffled.push(difference(one.picture, (original[(index + 1) % original.length] as Labelled).picture))
      }
    }
  }
  const truth = await readLabelled(join(place, 'test'), kinds)
  const onReal =
    classifier.name(truth).filter((name, index) => name === truth[index]?.label).length / truth.length
  classifier.dispose()
  return {
    trainingMinutes,
    target: seen / asked,
    onReal,
    thereAndBack: mean(losses),
    shuffledPair: mean(shuffled),
  }
}

function difference(one: Uint8Array, other: Uint8Array): number {
  let sum = 0
  for (let at = 0; at < one.length; at += 1) sum += Math.abs((one[at] as number) - (other[at] as number))
  return sum / one.length / 255
}

const studies: Record<string, () => unknown> = { labels, rare, compare, growing, attribute }
const run = studies[study]
if (!run) throw new Error(`There is no study ${study}: ${Object.keys(studies).join(', ')}.`)
mkdirSync(folder, { recursive: true })
const result = await run()
console.log(
  JSON.stringify(result, (_, value: unknown) =>
    typeof value === 'number' ? Number(value.toPrecision(5)) : value,
  ),
)
if (study === 'labels')
  process.stderr.write(`${percent((result as { share: number }).share)} of what real pictures teach\n`)
