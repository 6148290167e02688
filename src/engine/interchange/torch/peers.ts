import type { Network } from '../../nn/network.ts'
import { resnetCatTensors, styleTensors, type StyleShape } from './cutPeers.ts'
import { blurBy, convAt, type PeerTensor } from './peerTensor.ts'

/**
 * How the networks of pytorch-CycleGAN-and-pix2pix and of CUT name their tensors (modules are numbered as they follow one another
 * in nn.Sequential), beside our names.
 */

/** CUT's blurs before halving and after doubling, one for each channel: four times the pixels take four times the sum. */
function filterAt(peer: string, row: readonly number[], channels: number): PeerTensor {
  const side = row.length
  const values = blurBy(row, side === 3 ? 1 : 4)
  return { peer: `${peer}.filt`, own: null, shape: [channels, 1, side, side], values }
}
const [HALVING, DOUBLING] = [
  [1, 2, 1],
  [1, 3, 3, 1],
]

type Norm = 'batch' | 'instance' | 'none'
type ResnetShape = {
  blocks: number
  norm: Norm
  dropout: boolean
  ngf: number
  downsampling: 'strided' | 'antialiased'
  upsampling: 'transposed' | 'antialiased'
}
type UnetShape = { downs: number; norm: Norm }
type PatchShape = { layers: number; norm: Norm; ndf: number; downsampling: 'strided' | 'antialiased' }

function normAt(own: string, peer: string, norm: Norm): PeerTensor[] {
  if (norm !== 'batch') return []
  const names = { weight: 'scale', bias: 'offset', running_mean: 'mean', running_var: 'variance' }
  return Object.entries(names).map(([theirs, ours]) => ({
    peer: `${peer}.${theirs}`,
    own: `${own}.norm.${ours}`,
  }))
}

/** A convolution and the norm right behind it. */
function layerAt(own: string, at: (offset: number) => string, norm: Norm): PeerTensor[] {
  return [...convAt(own, at(0), norm === 'instance'), ...normAt(own, at(1), norm)]
}

const inModel = (index: number) => (offset: number) => `model.${index + offset}`

export function resnetTensors(shape: ResnetShape): PeerTensor[] {
  const { blocks, norm, dropout, ngf, downsampling, upsampling } = shape
  const isBlurredDown = downsampling === 'antialiased'
  const isBlurredUp = upsampling === 'antialiased'
  const [downStep, upStep] = [isBlurredDown ? 4 : 3, isBlurredUp ? 4 : 3]
  const firstBlock = 4 + 2 * downStep
  const firstUp = firstBlock + blocks
  const down = (k: number): PeerTensor[] => {
    const at = 4 + k * downStep
    return [
      ...layerAt(`down${k + 1}`, inModel(at), norm),
      ...(isBlurredDown ? [filterAt(`model.${at + 3}`, HALVING, ngf * 2 ** (k + 1))] : []),
    ]
  }
  const block = (k: number): PeerTensor[] => {
    const at = (index: number) => (offset: number) => `model.${firstBlock + k}.conv_block.${index + offset}`
    return [
      ...layerAt(`block${k + 1}.conv1`, at(1), norm),
      ...layerAt(`block${k + 1}.conv2`, at(dropout ? 6 : 5), norm),
    ]
  }
  const up = (k: number): PeerTensor[] => {
    const at = firstUp + k * upStep
    return isBlurredUp
      ? [
          filterAt(`model.${at}`, DOUBLING, ngf * 2 ** (2 - k)),
          ...layerAt(`up${k + 1}`, inModel(at + 1), norm),
        ]
      : layerAt(`up${k + 1}`, inModel(at), norm)
  }
  const each = (count: number, tensors: (k: number) => PeerTensor[]) =>
    Array.from({ length: count }, (_, k) => tensors(k)).flat()
  return [
    ...layerAt('stem', inModel(1), norm),
    ...each(2, down),
    ...each(blocks, block),
    ...each(2, up),
    ...convAt('head', `model.${firstUp + 2 * upStep + 1}`, true),
  ]
}

/** Every block holds the next one inside: model.model.1.model.3.model.3 ... */
export function unetTensors({ downs, norm }: UnetShape): PeerTensor[] {
  const hasBias = norm === 'instance'
  const prefixOf = (level: number): string =>
    level === 1 ? 'model.model' : level === 2 ? 'model.model.1.model' : `${prefixOf(level - 1)}.3.model`
  return Array.from({ length: downs }, (_, index): PeerTensor[] => {
    const level = index + 1
    const at = (number: number) => `${prefixOf(level)}.${number}`
    const [down, up] = [`down${level}`, `up${level}`]
    if (level === 1) return [...convAt(down, at(0), hasBias), ...convAt(up, at(3), true)]
    if (level === downs)
      return [...convAt(down, at(1), hasBias), ...convAt(up, at(3), hasBias), ...normAt(up, at(4), norm)]
    return [
      ...convAt(down, at(1), hasBias),
      ...normAt(down, at(2), norm),
      ...convAt(up, at(5), hasBias),
      ...normAt(up, at(6), norm),
    ]
  }).flat()
}

export function patchTensors({ layers, norm, ndf, downsampling }: PatchShape): PeerTensor[] {
  const isBlurred = downsampling === 'antialiased'
  const [first, step] = isBlurred ? [3, 4] : [2, 3]
  const tensors = convAt('layer1', 'model.0', true)
  const blur = (index: number, channels: number) => {
    if (isBlurred) tensors.push(filterAt(`model.${index}`, HALVING, channels))
  }
  blur(2, ndf)
  for (let i = 2; i <= layers; i += 1) {
    const at = first + (i - 2) * step
    tensors.push(...layerAt(`layer${i}`, inModel(at), norm))
    blur(at + 3, ndf * Math.min(2 ** (i - 1), 8))
  }
  const last = first + (layers - 1) * step
  return [
    ...tensors,
    ...layerAt(`layer${layers + 1}`, inModel(last), norm),
    ...convAt(`layer${layers + 2}`, `model.${last + 3}`, true),
  ]
}

/** Both names of all tensors of a network of ours; undefined where those two projects have none like it. */
export function peerTensorsOf({ architecture, options }: Network): PeerTensor[] | undefined {
  const given = options as ResnetShape & Omit<PatchShape, 'norm' | 'downsampling'> & StyleShape
  const [, family, number] = /^(resnet|unet|patch|resnet_cat|stylegan2)_(\d+)/.exec(architecture) ?? []
  const count = Number(number)
  if (family === 'resnet_cat') return resnetCatTensors(count)
  if (family === 'stylegan2') return styleTensors(count, given)
  if (family === 'patch') return patchTensors({ ...given, layers: count })
  // Nor is a code beside every layer in either.
  if ('latent' in options) return undefined
  // Nor a norm everywhere but in the stem.
  if (options.stemNorm === false) return undefined
  // Other ways of doubling the sides are ours alone.
  if ((given.upsampling as string) === 'resize') return undefined
  if (family === 'resnet') return resnetTensors({ ...given, blocks: count })
  if (family === 'unet') return unetTensors({ ...given, downs: Math.log2(count) })
  return undefined
}
