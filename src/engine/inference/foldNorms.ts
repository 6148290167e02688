import type { ModelHeader } from '../../core/models/modelHeader.ts'
import { at } from '../kernels/at.ts'
import { NORM_EPSILON } from '../kernels/normalise.ts'
import { buildNetwork } from '../networks/index.ts'
import type { Network } from '../nn/network.ts'
import type { ModelTensors } from './model.ts'

type Tensor = { shape: readonly number[]; data: Float32Array }

function found(tensors: ModelTensors, name: string): Tensor {
  const tensor = tensors.get(name)
  if (!tensor) throw new Error(`The tensor ${name} is missing.`)
  return tensor
}

/** Multiplies what a kernel gives for each channel: [k,k,in,out], where `out` may be pixels of channels, or [k,k,out,in] where it is transposed. */
function scaleKernel({ shape, data }: Tensor, factors: Float32Array, isTransposed: boolean): Tensor {
  const [inner = 1] = shape.slice(-1)
  const channelOf = (place: number) =>
    (isTransposed ? Math.floor(place / inner) : place % inner) % factors.length
  return { shape, data: data.map((value, place) => value * (factors[channelOf(place)] as number)) }
}

/** One layer with its norm by running statistics in kernel and bias: (y - mean) scale / sqrt(variance + epsilon) + offset. */
function foldLayer(layer: string, tensors: ModelTensors, isTransposed: boolean): [string, Tensor][] {
  const of = (part: string) => found(tensors, `${layer}.norm.${part}`).data
  const [scale, offset, mean, variance] = ['scale', 'offset', 'mean', 'variance'].map(of) as [
    Float32Array,
    Float32Array,
    Float32Array,
    Float32Array,
  ]
  const factors = scale.map((value, place) => value / Math.sqrt((variance[place] as number) + NORM_EPSILON))
  const bias = offset.map((value, place) => value - (mean[place] as number) * (factors[place] as number))
  return [
    [`${layer}.weight`, scaleKernel(found(tensors, `${layer}.weight`), factors, isTransposed)],
    [`${layer}.bias`, { shape: [bias.length], data: bias }],
  ]
}

/**
 * The same network without batch norms, whose running statistics are part of its kernels and biases: a norm that does not look at
 * the picture is a multiplication and an addition that the convolution can do by the way. Equal up to rounding.
 */
export function foldNorms(
  network: Network,
  { architecture, options }: ModelHeader['network'],
  tensors: ModelTensors,
): { network: Network; tensors: ModelTensors } {
  if (network.statistics.length === 0) return { network, tensors }
  const plain = buildNetwork(architecture, { ...options, norm: 'none' })
  const { upsampling = 'transposed' } = options
  const folded = new Map(tensors)
  for (const { name } of network.statistics) {
    const layer = /^(.*)\.norm\.mean$/.exec(name)?.[1]
    if (layer === undefined) continue
    const isTransposed = layer.startsWith('up') && upsampling === 'transposed'
    for (const [key, tensor] of foldLayer(layer, tensors, isTransposed)) folded.set(key, tensor)
  }
  // What is missing are biases: layers beside batch norms have none.
  const noBias = (shape: readonly number[]): Tensor => ({ shape, data: new Float32Array(at(shape, 0)) })
  const wanted = plain.parameters.map(({ name, shape }) => [name, folded.get(name) ?? noBias(shape)] as const)
  return { network: plain, tensors: new Map(wanted) }
}
