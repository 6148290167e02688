import { basename } from 'node:path'
import { refuse } from '../../core/errors.ts'
import type { ModelHeader } from '../../core/models/modelHeader.ts'
import type { Precision } from '../../core/training/precision.ts'
import { createRecorded, share } from '../backends/recorded.ts'
import { tf, type Tensor, type Tensor4D } from '../backends/tf.ts'
import type { Plane } from '../evaluation/metrics.ts'
import { readModelFile } from '../interchange/modelFile.ts'
import { mirrorIndex } from '../kernels/mirrorIndex.ts'
import { buildNetwork } from '../networks/index.ts'
import type { Network, NormMode } from '../nn/network.ts'
import { withPlanes } from '../nn/planes.ts'
import { composePlane, lightnessPlane } from './compose.ts'
import { foldNorms } from './foldNorms.ts'
import { createTarget, planesOf, type Target } from './target.ts'
import { roundUp } from './tiles.ts'

export type ModelTensors = ReadonlyMap<string, { shape: readonly number[]; data: Float32Array }>

/** A network with its weights in memory, ready to translate. */
export type OpenModel = {
  header: ModelHeader
  network: Network
  /**
   * The network alone: [N,H,W,C] in its own range to [N,H*scale,W*scale,C] in its own range, in one pass; sides must be
   * multiples of `network.multipleOf`. Where the header says `compose`, C are planes for composing, not yet a picture. The
   * samples must stay as they are until it ends: TensorFlow reads them where they lie. The result is the caller's.
   */
  compute(samples: Float32Array, heightPx: number, widthPx: number, norm?: NormMode): Promise<Tensor>
  /** The same, and its values. */
  run(samples: Float32Array, heightPx: number, widthPx: number, norm?: NormMode): Promise<Float32Array>
  /** A whole picture of any size, samples in [0,1], in one pass: padded by reflection, cut back, composed, clipped. */
  forward(picture: Plane, norm?: NormMode): Promise<Plane>
  /** Peak bytes that a forward pass holds per input pixel, measured once on a small picture. */
  bytesPerPx(): Promise<number>
  dispose(): void
} & Pick<Target, 'aim' | 'style'>

const PROBE_PX = 64

function checkTensors(network: Network, tensors: ModelTensors, name: string): void {
  for (const { name: key, shape } of [...network.parameters, ...network.statistics]) {
    const found = tensors.get(key)
    if (
      found &&
      found.shape.length === shape.length &&
      found.shape.every((side, axis) => side === shape[axis])
    )
      continue
    throw refuse(
      'model-damaged',
      `${name} does not hold what its network needs: ${key} is ${found ? 'of another size' : 'missing'}.`,
      'Copy the model file again, or make it again from its run.',
    )
  }
}

/** Planes of the picture that the network's output becomes. */
function composedChannels({ compose }: ModelHeader, { outputChannels }: Network): number {
  return compose === 'lab-chroma' && outputChannels === 2 ? 3 : outputChannels
}

function checkSpaces(header: ModelHeader, network: Network, name: string): void {
  const { input, output, compose, task } = header
  const given = (task === 'generate' ? 0 : input.channels) + planesOf(header)
  const isWide = input.high > input.low && output.high > output.low
  const isAlike = given === network.inputChannels && output.channels === composedChannels(header, network)
  // Chroma is added to the lightness of a picture of the same size.
  const isComposable =
    !compose || (network.inputChannels === 1 && output.channels === 3 && network.scale === 1)
  if (isWide && isAlike && isComposable) return
  throw refuse(
    'model-damaged',
    isWide
      ? `${name} states other channels than its network has.`
      : `${name} states an empty range of values.`,
    'Copy the model file again, or make it again from its run.',
  )
}

/** A network with its weights as TensorFlow has them, made for statistics of one kind. */
type Form = { network: Network; weights: Map<string, Tensor>; free: () => void }

function load(
  norm: NormMode,
  network: Network,
  header: ModelHeader,
  tensors: ModelTensors,
  precision: Precision,
): Form {
  const form = norm === 'running' ? foldNorms(network, header.network, tensors) : { network, tensors }
  return { network: form.network, ...loadWeights(form.network, form.tensors, precision) }
}

/** The form for translating is made at once, the other when it is asked for. Without batch norms both are one. */
function createForms(network: Network, header: ModelHeader, tensors: ModelTensors, precision: Precision) {
  const first = load(header.norm, network, header, tensors, precision)
  const forms = new Map([[header.norm, first]])
  // Held for the other form alone.
  const originals = network.statistics.length > 0 ? tensors : null
  return {
    of(norm: NormMode): Form {
      if (!originals) return first
      let form = forms.get(norm)
      if (!form) forms.set(norm, (form = load(norm, network, header, originals, precision)))
      return form
    },
    dispose() {
      for (const { free } of forms.values()) free()
    },
  }
}

function loadWeights(network: Network, tensors: ModelTensors, precision: Precision): Omit<Form, 'network'> {
  const weights = new Map<string, Tensor>(
    [...network.parameters, ...network.statistics].map(({ name, shape }) => [
      name,
      tf.tensor(tensors.get(name)?.data ?? [], [...shape], 'float32'),
    ]),
  )
  const all = [...weights.values()]
  const freeShared = share(all, precision)
  return {
    weights,
    free() {
      freeShared()
      tf.dispose(all)
    },
  }
}

type Pass = (x: Tensor4D, norm: NormMode) => Tensor4D

/** Peak bytes of a pass for each pixel of a small picture. */
async function measurePass(network: Network, pass: (x: Tensor4D) => Tensor4D): Promise<number> {
  const side = roundUp(PROBE_PX, network.multipleOf)
  const before = tf.memory().numBytes
  const { peakBytes } = await tf.profile(() =>
    tf.tidy(() => pass(tf.zeros([1, side, side, network.inputChannels])).sum()),
  )
  return (peakBytes - before) / side ** 2
}

/** Puts a header and tensors together. The caller disposes the model. */
export function createModel(
  header: ModelHeader,
  tensors: ModelTensors,
  name: string,
  precision: Precision = 'float32',
): OpenModel {
  const network = buildNetwork(header.network.architecture, header.network.options)
  checkSpaces(header, network, name)
  checkTensors(network, tensors, name)
  const forms = createForms(network, header, tensors, precision)
  const pass: Pass = (x, norm) => {
    const form = forms.of(norm)
    return form.network.forward(x, (key) => form.weights.get(key) as Tensor, { norm })
  }
  const target = createTarget(header)
  const givenChannels = network.inputChannels - target.planes
  const recorded = createRecorded(
    ({ x, beside }: { x: Tensor4D; beside: Tensor4D | undefined }, norm) => ({
      y: pass(beside ? withPlanes(x, beside) : x, norm as NormMode),
    }),
    precision,
  )
  const compute: OpenModel['compute'] = async (samples, heightPx, widthPx, norm = header.norm) => {
    const count = samples.length / (heightPx * widthPx * givenChannels)
    // Weights are handed over before anything is recorded.
    forms.of(norm)
    const x = () => tf.tensor4d(samples, [count, heightPx, widthPx, givenChannels])
    const { y } = await recorded.call(() => ({ x: x(), beside: target.feed() }), norm)
    if (!y) throw new Error('The network gave nothing.')
    return y
  }
  let measured: Promise<number> | undefined
  return {
    header,
    network,
    compute,
    ...picturesBy(compute, header, network),
    aim: target.aim,
    style: target.style,
    bytesPerPx: () => (measured ??= measurePass(network, (x) => pass(x, header.norm))),
    dispose() {
      recorded.dispose()
      forms.dispose()
    },
  }
}

/** Values and whole pictures, by way of tensors. */
function picturesBy(
  compute: OpenModel['compute'],
  header: ModelHeader,
  network: Network,
): Pick<OpenModel, 'run' | 'forward'> {
  const run: OpenModel['run'] = async (...input) => {
    const y = await compute(...input)
    try {
      return y.dataSync<'float32'>()
    } finally {
      y.dispose()
    }
  }
  return {
    run,
    async forward(picture, norm = header.norm) {
      const whole = (plane: Plane) => forwardWhole(plane, header, network, (...input) => run(...input, norm))
      return header.compose ? composePlane(picture, await whole(lightnessPlane(picture))) : whole(picture)
    },
  }
}

async function forwardWhole(
  picture: Plane,
  { input, output }: ModelHeader,
  network: Network,
  run: (samples: Float32Array, heightPx: number, widthPx: number) => Promise<Float32Array>,
): Promise<Plane> {
  const { multipleOf, scale, outputChannels: channels } = network
  const width = roundUp(picture.widthPx, multipleOf)
  const height = roundUp(picture.heightPx, multipleOf)
  const padded = new Float32Array(width * height * picture.channels)
  for (let y = 0, to = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1) {
      const row = mirrorIndex(y, picture.heightPx) * picture.widthPx
      const from = (row + mirrorIndex(x, picture.widthPx)) * picture.channels
      for (let channel = 0; channel < picture.channels; channel += 1, to += 1)
        padded[to] = input.low + (picture.data[from + channel] as number) * (input.high - input.low)
    }
  const made = await run(padded, height, width)
  const result: Plane = {
    data: new Float32Array(picture.widthPx * picture.heightPx * scale ** 2 * channels),
    widthPx: picture.widthPx * scale,
    heightPx: picture.heightPx * scale,
    channels,
  }
  const row = result.widthPx * channels
  for (let y = 0; y < result.heightPx; y += 1)
    for (let at = 0; at < row; at += 1) {
      const value =
        ((made[y * width * scale * channels + at] as number) - output.low) / (output.high - output.low)
      result.data[y * row + at] = Math.min(1, Math.max(0, value))
    }
  return result
}

/**
 * Opens a model file. Needs an open backend (engine/backends).
 * @throws Refused when the file cannot be read, its network is unknown, or its tensors do not fit (`model-damaged`)
 */
export async function openModel(path: string, precision?: Precision): Promise<OpenModel> {
  const { header, tensors } = await readModelFile(path)
  return createModel(header, tensors, basename(path), precision)
}
