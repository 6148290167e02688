import { refuse } from '../../../core/errors.ts'
import { buildNetwork } from '../../networks/index.ts'
import type { Network } from '../../nn/network.ts'
import type { ModelTensor } from '../modelFile.ts'
import { peerTensorsOf, type PeerTensor } from './peers.ts'
import type { TorchTensor } from './torchFile.ts'

type Tensors = ReadonlyMap<string, TorchTensor>
type Norm = 'batch' | 'instance' | 'none'
/** Names of a network and its options, read off the names and shapes of a file. */
type Guess = { architecture: string; options: Record<string, unknown> }

/** What says nothing of a network's weights: counters, and statistics that old versions kept for norms which use none. */
const NO_WEIGHT = /\.(num_batches_tracked|running_mean|running_var)$/

/** @returns the side of a tensor along an axis, 0 where there is none */
function sideOf(tensors: Tensors, name: string, axis: number): number {
  return tensors.get(name)?.shape[axis] ?? 0
}

/** A batch norm has weights; without a norm, convolutions have no bias there. */
function normOf(tensors: Tensors, conv: string, norm: string): Norm {
  if (tensors.has(`${norm}.weight`)) return 'batch'
  return tensors.has(`${conv}.bias`) ? 'instance' : 'none'
}

function guessResnet(tensors: Tensors): Guess | undefined {
  const names = [...tensors.keys()]
  const blocks = new Set(names.flatMap((name) => /^model\.(\d+)\.conv_block\./.exec(name)?.[1] ?? []))
  if (blocks.size === 0) return undefined
  const isBlurredDown = tensors.has('model.7.filt')
  const firstUp = 4 + 2 * (isBlurredDown ? 4 : 3) + blocks.size
  const isBlurredUp = tensors.has(`model.${firstUp}.filt`)
  const head = `model.${firstUp + 2 * (isBlurredUp ? 4 : 3) + 1}.weight`
  return {
    architecture: `resnet_${blocks.size}blocks`,
    options: {
      inputChannels: sideOf(tensors, 'model.1.weight', 1),
      outputChannels: sideOf(tensors, head, 0),
      ngf: sideOf(tensors, 'model.1.weight', 0),
      norm: normOf(tensors, 'model.1', 'model.2'),
      dropout: names.some(
        (name) => /\.conv_block\.6\.weight$/.test(name) && tensors.get(name)?.shape.length === 4,
      ),
      downsampling: isBlurredDown ? 'antialiased' : 'strided',
      upsampling: isBlurredUp ? 'antialiased' : 'transposed',
    },
  }
}

/** Dropout leaves no trace in a U-Net's names; it matters only while one learns. */
function guessUnet(tensors: Tensors): Guess | undefined {
  if (!tensors.has('model.model.0.weight')) return undefined
  let downs = 1
  for (let prefix = 'model.model.1.model'; tensors.has(`${prefix}.1.weight`); prefix += '.3.model') downs += 1
  return {
    architecture: `unet_${2 ** downs}`,
    options: {
      inputChannels: sideOf(tensors, 'model.model.0.weight', 1),
      outputChannels: sideOf(tensors, 'model.model.3.weight', 1),
      ngf: sideOf(tensors, 'model.model.0.weight', 0),
      norm: normOf(tensors, 'model.model.0', 'model.model.1.model.2'),
      dropout: true,
      upsampling: 'transposed',
    },
  }
}

function guessPatch(tensors: Tensors): Guess | undefined {
  if (tensors.get('model.0.weight')?.shape[2] !== 4) return undefined
  const isBlurred = tensors.has('model.2.filt')
  const convs = [...tensors].filter(
    ([name, { shape }]) => /^model\.\d+\.weight$/.test(name) && shape.length === 4,
  )
  const second = isBlurred ? 3 : 2
  return {
    architecture: `patch_${convs.length - 2}layers`,
    options: {
      inputChannels: sideOf(tensors, 'model.0.weight', 1),
      ndf: sideOf(tensors, 'model.0.weight', 0),
      norm: normOf(tensors, `model.${second}`, `model.${second + 1}`),
      downsampling: isBlurred ? 'antialiased' : 'strided',
    },
  }
}

const guesses = [guessResnet, guessUnet, guessPatch]

/** The network, from what the file says, or a refusal that tells what is known. */
function guessNetwork(tensors: Tensors, file: string): { network: Network; peers: PeerTensor[] } {
  for (const guess of guesses) {
    const found = guess(tensors)
    if (!found) continue
    const network = buildNetwork(found.architecture, found.options)
    const peers = peerTensorsOf(network)
    if (peers) return { network, peers }
  }
  throw refuse(
    'torch-file-unknown',
    `The weights in ${file} are of no network that is known here; the first is named ${JSON.stringify([...tensors.keys()][0]?.slice(0, 80) ?? '')}.`,
    'Known are the ResNet and U-Net generators and the PatchGAN judges of pytorch-CycleGAN-and-pix2pix and CUT.',
  )
}

/** [a,b,h,w] of PyTorch, row by row, as [h,w,b,a]; what has one side only stays as it is. */
function fromTorch(values: Float32Array, shape: readonly number[]): Float32Array {
  if (shape.length !== 4) return values
  const [a, b, h, w] = shape as readonly [number, number, number, number]
  const turned = new Float32Array(values.length)
  let from = 0
  for (let i = 0; i < a; i += 1)
    for (let j = 0; j < b; j += 1)
      for (let place = 0; place < h * w; place += 1) {
        turned[(place * b + j) * a + i] = values[from] as number
        from += 1
      }
  return turned
}

/** The same way back: [h,w,b,a] as [a,b,h,w]. */
export function toTorch(
  values: Float32Array,
  shape: readonly number[],
): { shape: number[]; data: Float32Array } {
  if (shape.length !== 4) return { shape: [...shape], data: values }
  const [h, w, b, a] = shape as readonly [number, number, number, number]
  const turned = new Float32Array(values.length)
  let to = 0
  for (let i = 0; i < a; i += 1)
    for (let j = 0; j < b; j += 1)
      for (let place = 0; place < h * w; place += 1) {
        turned[to] = values[(place * b + j) * a + i] as number
        to += 1
      }
  return { shape: [a, b, h, w], data: turned }
}

/** The blur by [1 2 1] or [1 3 3 1] both ways, which CUT stores with its weights; twice the sides take four times the sum. */
export function blurOf(side: number): Float32Array {
  const row = side === 3 ? [1, 2, 1] : [1, 3, 3, 1]
  const scale = side === 3 ? 1 / 16 : 4 / 64
  return Float32Array.from(row.flatMap((x) => row.map((y) => x * y * scale)))
}

function isBlur(tensor: TorchTensor | undefined, side: number): boolean {
  const blur = blurOf(side)
  return (
    tensor !== undefined &&
    tensor.read().every((value, index) => Math.abs(value - (blur[index % blur.length] ?? 0)) < 1e-6)
  )
}

/** What stands where a tensor of ours is looked for. Where there is no norm, those projects have no bias: ours is 0 there. */
function loadTensor(
  { name, shape }: { name: string; shape: readonly number[] },
  peer: string | undefined,
  tensors: Tensors,
  file: string,
): ModelTensor {
  const size = shape.reduce((product, side) => product * side, 1)
  if (peer === undefined) return { shape: [...shape], data: new Float32Array(size) }
  const found = tensors.get(peer)
  if (!found) throw unfit(file, `${peer} is missing`)
  const expected = shape.length === 4 ? [3, 2, 0, 1].map((axis) => shape[axis]) : shape
  if (expected.length !== found.shape.length || expected.some((side, axis) => side !== found.shape[axis]))
    throw unfit(file, `${peer} is ${found.shape.join(' x ')} and should be ${expected.join(' x ')}`)
  const data = fromTorch(found.read(), found.shape)
  if (!data.every(Number.isFinite)) throw unfit(file, `${name} holds infinite numbers or NaN`)
  return { shape: [...shape], data }
}

function unfit(file: string, why: string): Error {
  return refuse(
    'torch-file-unfit',
    `${file} looks like a network of pytorch-CycleGAN-and-pix2pix or CUT, but is none: ${why}.`,
    'Give the weights of a generator or judge as those projects save them, unchanged.',
  )
}

/**
 * Finds the network whose weights these are by their names and shapes alone, and brings them into our order.
 * @throws Refused `torch-file-unknown`, `torch-file-unfit`
 */
export function recogniseNetwork(
  tensors: Tensors,
  file: string,
): { network: Network; tensors: Map<string, ModelTensor> } {
  const { network, peers } = guessNetwork(tensors, file)
  const peerOf = new Map(peers.flatMap(({ own, peer }) => (own === null ? [] : [[own, peer] as const])))
  const known = new Set(peers.map(({ peer }) => peer))
  const strange = [...tensors.keys()].find((name) => !known.has(name) && !NO_WEIGHT.test(name))
  if (strange !== undefined) throw unfit(file, `it has one more tensor, ${strange.slice(0, 80)}`)
  for (const tensor of peers)
    if (tensor.own === null && !isBlur(tensors.get(tensor.peer), tensor.blurSide))
      throw unfit(file, `${tensor.peer} is another blur`)
  const loaded = [...network.parameters, ...network.statistics].map((one): [string, ModelTensor] => [
    one.name,
    loadTensor(one, peerOf.get(one.name), tensors, file),
  ])
  return { network, tensors: new Map(loaded) }
}
