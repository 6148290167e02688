// Diptych's side of `npm run bench`; bench/main.ts starts one process a task and reads the JSON line it prints.
//   ours.ts check DIR ROW CONTENDER               computes once from given.safetensors and compares with expected.safetensors
//   ours.ts time DIR ROW CONTENDER SAMPLES        times it
//   ours.ts count DIR ROW CONTENDER               counts the ops of a step
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { recipes } from '../src/core/recipes/index.ts'
import type { Precision } from '../src/core/training/precision.ts'
import { nativeBackend, setKernels, type Kernel } from '../src/engine/backends/binding.ts'
import { openBackend } from '../src/engine/backends/index.ts'
import { setRecording } from '../src/engine/backends/recorded.ts'
import { tf } from '../src/engine/backends/tf.ts'
import { createModel } from '../src/engine/inference/model.ts'
import { createTrainer as createTrainerOf } from '../src/engine/recipes/index.ts'
import type { Pictures, Trainer } from '../src/engine/recipes/trainer.ts'
import { headerOf } from './header.ts'
import { ownSeconds } from './quiet.ts'
import { median } from './rounds.ts'
import { optionsOf } from './rows.ts'
import type { ForwardRow, Row, StepRow } from './rows.ts'
import { openTensors } from './safetensors.ts'

type Tensors = ReturnType<typeof openTensors>
/** How Diptych computes: recorded or op by op, with its kernels or with tfjs's ops alone. */
export type OurContender = {
  precision: Precision
  isRecorded: boolean
  kernels: readonly Kernel[]
  /** Whether its process gets src/core/engineEnvironment.json. */
  hasMemorySettings: boolean
}

const WARM_UP = 3
const MATMUL = 2048

function found<T>(value: T | undefined, name: string): T {
  if (value === undefined) throw new Error(`${name} is missing.`)
  return value
}

/** The published settings with PyTorch's weights; moments zero, as before a first step. */
function createTrainer(row: StepRow, given: Tensors, { precision }: OurContender): Trainer {
  const trainer = createTrainerOf(row.recipe, optionsOf(row), {
    inputChannels: 3,
    outputChannels: 3,
    scale: 1,
    classes: Array.from({ length: row.classes ?? 0 }, (_, index) => `class ${index + 1}`),
    precision,
  })
  const state = trainer.state().map((tensor) => {
    const theirs = given.get(tensor.name)
    if (theirs && theirs.shape.join() !== tensor.shape.join())
      throw new Error(`${tensor.name} has another shape in PyTorch.`)
    return theirs ? { ...tensor, data: () => theirs.data() } : tensor
  })
  const names = new Set(state.map((tensor) => tensor.name))
  const unused = [...given.keys()].filter((name) => name.includes('/') && !names.has(name))
  if (unused.length > 0) throw new Error(`The engine does not know ${unused.join(', ')}.`)
  trainer.loadState(state)
  return trainer
}

function picturesOf(given: Tensors, name: 'realA' | 'realB'): Pictures {
  const { shape, data } = found(given.get(name), name)
  const [n, h, w, c] = shape
  return { shape: [found(n, 'N'), found(h, 'H'), found(w, 'W'), found(c, 'C')], data: data() }
}

function openGenerator(
  row: ForwardRow,
  given: Tensors,
  { precision }: OurContender,
): () => Promise<Float32Array> {
  const { architecture, ngf, layerNorm, norm } = row
  const header = headerOf(architecture, { ngf, norm: layerNorm }, norm)
  const prefix = 'netG/'
  const tensors = new Map(
    [...given].flatMap(([name, { shape, data }]) =>
      name.startsWith(prefix) ? [[name.slice(prefix.length), { shape, data: data() }] as const] : [],
    ),
  )
  const model = createModel(header, tensors, 'given.safetensors', precision)
  const { shape, data } = picturesOf(given, 'realA')
  return () => model.run(Float32Array.from(data), shape[1], shape[2])
}

/** Pictures are of the classes in turn. */
function stepper(row: StepRow, trainer: Trainer, given: Tensors): () => Promise<Record<string, number>> {
  const realA = picturesOf(given, 'realA')
  const realB = picturesOf(given, 'realB')
  const { learningRate } = optionsOf(row)
  const { classes, firstStep = 1 } = row
  const labels = classes === undefined ? [] : Array.from({ length: realA.shape[0] }, (_, at) => at % classes)
  let step = firstStep - 1
  return () => {
    step += 1
    return trainer.train({ step, learningRate, seed: 1, realA, realB, labels })
  }
}

/** Norm of the difference over norm of the expected, all tensors of one network together. */
function relativeError(pairs: readonly (readonly [Float32Array, Float32Array])[]): number {
  let difference = 0
  let whole = 0
  for (const [ours, theirs] of pairs)
    theirs.forEach((value, index) => {
      difference += (found(ours[index], 'value') - value) ** 2
      whole += value ** 2
    })
  return Math.sqrt(difference / whole)
}

/**
 * The first moment after one step from zero is (1 - beta1) times the gradient; of a judge that learns several times in a step it is a mean
 * of its gradients, as it is on the other side.
 */
function gradientErrors(trainer: Trainer, beta1: number, expected: Tensors): Record<string, number> {
  const moments = trainer.state().filter(({ name }) => name.includes('.adam.m/'))
  const nets = [...new Set(moments.map(({ name }) => name.slice(0, name.indexOf('.adam.m/'))))]
  // Which places are compared is drawn by each side for itself: only netD of CUT has the same gradients.
  const compared = nets.some((name) => name.startsWith('netF')) ? ['netD'] : nets
  return Object.fromEntries(
    compared.map((net) => {
      const prefix = `${net}.adam.m/`
      const pairs = moments.flatMap(({ name, data }) => {
        if (!name.startsWith(prefix)) return []
        const theirs = found(expected.get(`${net}/${name.slice(prefix.length)}`), name)
        return [[data().map((value) => value / (1 - beta1)), theirs.data()] as const]
      })
      return [net, relativeError(pairs)]
    }),
  )
}

/** TensorFlow ops that one step comes to, op by op. */
async function countOps(row: Row, contender: OurContender, folder: string): Promise<number> {
  if (row.kind !== 'step') return 0
  const given = openTensors(join(folder, 'given.safetensors'))
  const step = stepper(row, createTrainer(row, given, contender), given)
  await step()
  const backend = nativeBackend()
  const { binding } = backend
  let ops = 0
  const executeOp: typeof binding.executeOp = (...op) => {
    ops += 1
    return binding.executeOp(...op)
  }
  // The addon's own properties are fixed, so another stands in for it.
  backend.binding = Object.create(binding, { executeOp: { value: executeOp } }) as typeof binding
  await step()
  return ops
}

async function check(row: Row, contender: OurContender, folder: string) {
  const given = openTensors(join(folder, 'given.safetensors'))
  const expected = openTensors(join(folder, 'expected.safetensors'))
  if (row.kind === 'forward') {
    const made = await openGenerator(row, given, contender)()
    const theirs = found(expected.get('forward'), 'forward').data()
    const sum = theirs.reduce((all, value, at) => all + Math.abs(value - found(made[at], 'value')), 0)
    return { pictureError: sum / theirs.length, gradientErrors: {}, losses: {} }
  }
  const hasDropout = 'dropout' in recipes[row.recipe].options.shape
  const { checkRate } = row
  const still = {
    ...row,
    options: {
      ...row.options,
      ...(hasDropout && { dropout: false }),
      ...(checkRate !== undefined && { learningRate: checkRate }),
    },
  }
  const trainer = createTrainer(still, given, contender)
  const losses = await stepper(still, trainer, given)()
  return {
    pictureError: 0,
    gradientErrors: gradientErrors(trainer, optionsOf(still).beta1, expected),
    losses,
  }
}

/** CPU seconds that the whole machine has spent on anything: user, nice, system, interrupts, stolen (100 ticks a second). */
function busySeconds(): number {
  const [line = ''] = readFileSync('/proc/stat', 'utf8').split('\n', 1)
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = line
    .split(/\s+/)
    .slice(1)
    .map(Number)
  return (user + nice + system + irq + softirq + steal) / 100
}

async function time(run: () => unknown, samples: number) {
  for (let warm = 0; warm < WARM_UP; warm += 1) await run()
  const busy = busySeconds()
  const own = ownSeconds()
  const began = performance.now()
  const elapsedMs: number[] = []
  for (let sample = 0; sample < samples; sample += 1) {
    const start = performance.now()
    await run()
    elapsedMs.push(performance.now() - start)
  }
  const wall = (performance.now() - began) / 1000
  const others = busySeconds() - busy - (ownSeconds() - own)
  return { medianMs: median(elapsedMs), otherCores: Math.max(0, others / wall) }
}

function measureMatmul(): number {
  const matrix = () => tf.randomNormal([MATMUL, MATMUL])
  const [a, b] = [matrix(), matrix()]
  let bestMs = Infinity
  for (let round = 0; round < 6; round += 1) {
    const start = performance.now()
    tf.tidy(() => tf.matMul(a, b).slice([0, 0], [1, 1]).dataSync())
    bestMs = Math.min(bestMs, performance.now() - start)
  }
  return (2 * MATMUL ** 3) / bestMs / 1e6
}

async function measure(row: Row, contender: OurContender, folder: string, samples: number) {
  const given = openTensors(join(folder, 'given.safetensors'))
  const run =
    row.kind === 'step'
      ? stepper(row, createTrainer(row, given, contender), given)
      : openGenerator(row, given, contender)
  const timing = await time(run, samples)
  const { version, threads } = await openBackend()
  return {
    ...timing,
    matmulGflops: measureMatmul(),
    versions: { node: process.versions.node, tensorflow: version, threads },
  }
}

async function main(): Promise<void> {
  const [task, folder = '', rowText = '', contenderText = '', samples] = process.argv.slice(2)
  const row = JSON.parse(rowText) as Row
  const contender = JSON.parse(contenderText) as OurContender
  const backend = await openBackend()
  if (backend.kind !== 'tensorflow')
    throw new Error(`TensorFlow could not be loaded: ${backend.fellBackBecause}`)
  setRecording(contender.isRecorded)
  setKernels(contender.kernels)
  const tasks: Record<string, () => Promise<unknown>> = {
    check: () => check(row, contender, folder),
    count: () => countOps(row, contender, folder),
    time: () => measure(row, contender, folder, Number(samples)),
  }
  const result = await tasks[task ?? '']?.()
  process.stdout.write(`${JSON.stringify(result)}\n`)
}

await main()
