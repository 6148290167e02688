import { basename } from 'node:path'
import type { ModelHeader, PictureSpace } from '../../../core/models/modelHeader.ts'
import { at } from '../../kernels/at.ts'
import { buildNetwork } from '../../networks/index.ts'
import type { Network } from '../../nn/network.ts'
import { placeWritten } from '../../storage/atomic.ts'
import { readModelFile, writeModelFile, type ModelTensor } from '../modelFile.ts'
import { refuseJudge } from './otherNetworks.ts'
import { peerTensorsOf } from './peers.ts'
import type { PeerTensor } from './peerTensor.ts'
import { inOnes, recogniseNetwork, toTorch } from './recognise.ts'
import { openTorchFile } from './torchFile.ts'
import { writeTorchFile, type TorchEntry } from './writeTorch.ts'

export type ImportRequest = {
  path: string
  output: string
  /** The side of the squares that it was trained on, which its file does not tell. */
  trainedSizePx: number
  /** Which statistics its batch norms go by. */
  norm: 'running' | 'batch'
  licence?: string
}

function spaceOf(channels: number): PictureSpace {
  const colourSpace = channels === 3 ? 'srgb' : channels === 1 ? 'grey' : 'data'
  return { channels, bitDepth: 8, low: -1, high: 1, colourSpace }
}

function describe(network: Network, { path, trainedSizePx, norm, licence }: ImportRequest): ModelHeader {
  return {
    format: 'diptych-model',
    version: 1,
    name: basename(path).replace(/\.[^.]+$/, ''),
    task: 'translate',
    network: { architecture: network.architecture, options: { ...network.options } },
    input: spaceOf(network.inputChannels),
    output: spaceOf(network.outputChannels),
    norm,
    trainedSizePx,
    card: {
      summary: `Brought over from PyTorch (${basename(path)}): ${network.architecture}.`,
      goodFor: 'Pictures like those it was trained on.',
      limits: 'What its training pictures did not show it, it invents.',
      source: 'Trained with pytorch-CycleGAN-and-pix2pix, CUT, or what saves its weights as they do.',
      licence: licence ?? 'Not stated in the file. Ask whoever trained it.',
    },
    training: null,
  }
}

/**
 * Makes a model file of weights that PyTorch saved: the network is found by itself.
 * @returns what was found
 * @throws Refused `torch-file-missing`, `-damaged`, `-forbidden`, `-empty`, `-unknown`, `-unfit`, `-judge`
 */
export async function importTorch(request: ImportRequest): Promise<ModelHeader> {
  const file = basename(request.path)
  const opened = await openTorchFile(request.path)
  try {
    const { network, tensors } = recogniseNetwork(opened.tensors, file)
    if (network.architecture.startsWith('patch_')) throw refuseJudge(network.architecture, file)
    const header = describe(network, request)
    await writeModelFile(request.output, header, tensors)
    return header
  } finally {
    opened.close()
  }
}

/**
 * The weights under those projects' names, with the counts of batches that PyTorch keeps beside running statistics, and the blurs
 * that CUT keeps among its weights. Undefined where the network has what theirs have no place for: without a norm, theirs have no biases.
 */
function peerEntries(network: Network, tensors: ReadonlyMap<string, ModelTensor>): TorchEntry[] | undefined {
  const peers = peerTensorsOf(network)
  const placed = new Set(peers?.map(({ own }) => own))
  const isFitting = [...tensors].every(
    ([name, { data }]) => placed.has(name) || data.every((value) => value === 0),
  )
  if (!isFitting) return undefined
  return peers?.flatMap((one): TorchEntry[] => {
    if (one.own === null) return [filled(one)]
    const entry = entryOf(one.peer, tensors.get(one.own), one.ones)
    const counter = one.peer.replace(/running_var$/, 'num_batches_tracked')
    return counter === one.peer ? [entry] : [entry, { name: counter, shape: [], data: new BigInt64Array(1) }]
  })
}

function entryOf(
  name: string,
  tensor: ModelTensor | undefined,
  ones?: { before: number; after: number },
): TorchEntry {
  if (!tensor) throw new Error(`A network without the tensor behind ${name} cannot be written.`)
  const { shape, data } = toTorch(tensor.data, tensor.shape)
  return { name, shape: inOnes(shape, ones), data }
}

function filled({ peer, shape, values }: Extract<PeerTensor, { own: null }>): TorchEntry {
  const length = shape.reduce((product, side) => product * side, 1)
  return {
    name: peer,
    shape,
    data: Float32Array.from({ length }, (_, index) => at(values, index % values.length)),
  }
}

/** A network that those projects have none like keeps our names, in PyTorch's layout. */
function ownEntries(tensors: ReadonlyMap<string, ModelTensor>): TorchEntry[] {
  return [...tensors].map(([name, tensor]) => entryOf(name, tensor))
}

/**
 * Writes a model's weights as a state_dict of PyTorch, under the names of pytorch-CycleGAN-and-pix2pix and CUT where these have
 * such a network, so that their code loads it.
 * @returns whether it bears their names
 */
export async function exportTorch(modelPath: string, output: string): Promise<{ hasPeer: boolean }> {
  const { header, tensors } = await readModelFile(modelPath)
  const network = buildNetwork(header.network.architecture, header.network.options)
  const peers = peerEntries(network, tensors)
  await placeWritten(output, (temporary) => writeTorchFile(temporary, peers ?? ownEntries(tensors)))
  return { hasPeer: peers !== undefined }
}
