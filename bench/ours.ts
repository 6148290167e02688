// Diptych's side of `npm run bench`; scripts/bench.mjs starts one process a task and reads the JSON line it prints.
//   ours.ts check DIR               runs one step from given.safetensors and compares with expected.safetensors
//   ours.ts step|forward DIR SAMPLES       times it
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pix2pix } from '../src/core/recipes/pix2pix.ts'
import { openBackend } from '../src/engine/backends/index.ts'
import type { BackendInfo } from '../src/engine/backends/index.ts'
import { tf } from '../src/engine/backends/tf.ts'
import type { Tensor, Tensor4D } from '../src/engine/backends/tf.ts'
import { trainers } from '../src/engine/recipes/index.ts'
import type { Pictures, Trainer } from '../src/engine/recipes/trainer.ts'
import { median } from './rounds.ts'
import { openTensors } from './safetensors.ts'

type Tensors = ReturnType<typeof openTensors>

const WARM_UP = 3
const MATMUL = 2048

function found<T>(value: T | undefined, name: string): T {
  if (value === undefined) throw new Error(`${name} is missing.`)
  return value
}

/** The published settings with PyTorch's weights; moments zero, as before a first step. */
function createTrainer(given: Tensors, dropout: boolean): Trainer {
  const trainer = trainers.pix2pix(pix2pix.options.parse({ dropout }), {
    inputChannels: 3,
    outputChannels: 3,
    scale: 1,
  })
  const state = trainer.state().map((tensor) => {
    const ours = given.get(tensor.name)
    if (ours && ours.shape.join() !== tensor.shape.join())
      throw new Error(`${tensor.name} has another shape in PyTorch.`)
    return ours ? { ...tensor, data: () => ours.data() } : tensor
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

function openGenerator(trainer: Trainer, realA: Pictures): () => Float32Array {
  const { network, tensors } = trainer.generator()
  const weights = new Map<string, Tensor>(
    tensors.map(({ name, shape, data }) => [name, tf.tensor(data(), [...shape], 'float32')]),
  )
  const x: Tensor4D = tf.tensor4d(realA.data, [...realA.shape])
  const forward = () => network.forward(x, (name) => found(weights.get(name), name), { norm: 'batch' })
  return () => {
    const made = tf.tidy(forward)
    const values = made.dataSync<'float32'>()
    made.dispose()
    return values
  }
}

function stepper(trainer: Trainer, given: Tensors): () => Promise<Record<string, number>> {
  const realA = picturesOf(given, 'realA')
  const realB = picturesOf(given, 'realB')
  let step = 0
  return () => {
    step += 1
    return trainer.train({ step, learningRate: 2e-4, seed: 1, realA, realB })
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

/** The first moment after one step from zero is (1 - beta1) times the gradient. */
function gradientError(trainer: Trainer, expected: Tensors, net: 'netG' | 'netD'): number {
  const prefix = `${net}.adam.m/`
  const moments = trainer.state().filter((tensor) => tensor.name.startsWith(prefix))
  const expectedNames = [...expected.keys()].filter((name) => name.startsWith(`${net}/`))
  if (moments.length !== expectedNames.length)
    throw new Error(`${net} has ${moments.length} moments, PyTorch ${expectedNames.length} gradients.`)
  return relativeError(
    moments.map((moment) => {
      const name = `${net}/${moment.name.slice(prefix.length)}`
      return [moment.data().map((value) => value / 0.5), found(expected.get(name), name).data()]
    }),
  )
}

async function check(folder: string) {
  const given = openTensors(join(folder, 'given.safetensors'))
  const expected = openTensors(join(folder, 'expected.safetensors'))
  const trainer = createTrainer(given, false)
  const made = openGenerator(trainer, picturesOf(given, 'realA'))()
  const forward = found(expected.get('forward'), 'forward').data()
  const losses = await stepper(trainer, given)()
  return {
    forwardMaxError: forward.reduce(
      (most, value, index) => Math.max(most, Math.abs(value - found(made[index], 'value'))),
      0,
    ),
    gradientErrorG: gradientError(trainer, expected, 'netG'),
    gradientErrorD: gradientError(trainer, expected, 'netD'),
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

function ownSeconds(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
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

async function measure(task: 'step' | 'forward', folder: string, samples: number, backend: BackendInfo) {
  const given = openTensors(join(folder, 'given.safetensors'))
  const trainer = createTrainer(given, true)
  const run = task === 'step' ? stepper(trainer, given) : openGenerator(trainer, picturesOf(given, 'realA'))
  const timing = await time(run, samples)
  return { ...timing, matmulGflops: measureMatmul(), versions: { node: process.versions.node, ...backend } }
}

async function main(): Promise<void> {
  const [task, folder = '', samples] = process.argv.slice(2)
  const backend = await openBackend()
  if (backend.kind !== 'tensorflow')
    throw new Error(`TensorFlow could not be loaded: ${backend.fellBackBecause}`)
  const result =
    task === 'check'
      ? await check(folder)
      : await measure(task === 'forward' ? 'forward' : 'step', folder, Number(samples), backend)
  process.stdout.write(`${JSON.stringify(result)}\n`)
}

await main()
