import { refuse, Refused } from '../../../core/errors.ts'
import { at } from '../../kernels/at.ts'
import { buildNetwork } from '../../networks/index.ts'
import type { Network } from '../../nn/network.ts'
import type { ModelTensor } from '../modelFile.ts'
import { guesses, type Tensors } from './guesses.ts'
import { refuseOthers } from './otherNetworks.ts'
import { quoted } from './pickled.ts'
import { peerTensorsOf } from './peers.ts'
import type { PeerTensor } from './peerTensor.ts'
import type { TorchTensor } from './torchFile.ts'

type OwnedTensor = Extract<PeerTensor, { own: string }>

/** What says nothing of a network's weights: counters, and statistics that old versions kept for norms which use none. */
const NO_WEIGHT = /\.(num_batches_tracked|running_mean|running_var)$/

/** The network, from what the file says, or a refusal that tells what is known. */
function guessNetwork(tensors: Tensors, file: string): { network: Network; peers: PeerTensor[] } {
  refuseOthers(tensors, file)
  for (const guess of guesses) {
    const found = guess(tensors)
    if (!found) continue
    const network = built(found.architecture, found.options, file)
    const peers = peerTensorsOf(network)
    if (peers) return { network, peers }
  }
  throw refuse(
    'torch-file-unknown',
    `The weights in ${file} are of no network that is known here; the first is named ${quoted([...tensors.keys()][0] ?? '')}.`,
    'Known are the generators of pytorch-CycleGAN-and-pix2pix and CUT: ResNet, U-Net, resnet_cat and StyleGAN2.',
  )
}

/** Sizes that no network of theirs has are the file's mistake. */
function built(architecture: string, options: Record<string, unknown>, file: string): Network {
  try {
    return buildNetwork(architecture, options)
  } catch (error) {
    if (error instanceof Refused) throw unfit(file, `it would be ${architecture} of sizes that there are not`)
    throw error
  }
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

function isFilled(tensor: TorchTensor, values: readonly number[]): boolean {
  return tensor.read().every((value, index) => Math.abs(value - at(values, index % values.length)) < 1e-6)
}

/** What stands where a tensor of ours is looked for. Where there is no norm, those projects have no bias: ours is 0 there. */
function loadTensor(
  { name, shape }: { name: string; shape: readonly number[] },
  peer: OwnedTensor | undefined,
  tensors: Tensors,
  file: string,
): ModelTensor {
  const size = shape.reduce((product, side) => product * side, 1)
  if (peer === undefined) return { shape: [...shape], data: new Float32Array(size) }
  const turned = shape.length === 4 ? [3, 2, 0, 1].map((axis) => at(shape, axis)) : shape
  const found = findTensor(peer.peer, inOnes(turned, peer.ones), tensors, file)
  const data = fromTorch(found.read(), turned)
  if (!data.every(Number.isFinite)) throw unfit(file, `${name} holds infinite numbers or NaN`)
  return { shape: [...shape], data }
}

function findTensor(name: string, expected: readonly number[], tensors: Tensors, file: string): TorchTensor {
  const found = tensors.get(name)
  if (!found) throw unfit(file, `${name} is missing`)
  if (expected.length !== found.shape.length || expected.some((side, axis) => side !== found.shape[axis]))
    throw unfit(file, `${name} is ${found.shape.join(' x ')} and should be ${expected.join(' x ')}`)
  return found
}

/** A shape with the sides of length 1 that theirs has around it. */
export function inOnes(shape: readonly number[], ones: OwnedTensor['ones']): number[] {
  const { before, after } = ones ?? { before: 0, after: 0 }
  return [...Array<number>(before).fill(1), ...shape, ...Array<number>(after).fill(1)]
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
  const peerOf = new Map(peers.flatMap((one) => (one.own === null ? [] : [[one.own, one] as const])))
  const known = new Set(peers.map(({ peer }) => peer))
  const strange = [...tensors.keys()].find((name) => !known.has(name) && !NO_WEIGHT.test(name))
  if (strange !== undefined) throw unfit(file, `it has one more tensor, ${quoted(strange)}`)
  for (const tensor of peers)
    if (tensor.own === null && !isFilled(findTensor(tensor.peer, tensor.shape, tensors, file), tensor.values))
      throw unfit(file, `${tensor.peer} is another blur`)
  const loaded = [...network.parameters, ...network.statistics].map((one): [string, ModelTensor] => [
    one.name,
    loadTensor(one, peerOf.get(one.name), tensors, file),
  ])
  return { network, tensors: new Map(loaded) }
}
