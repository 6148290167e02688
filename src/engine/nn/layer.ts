import { z } from 'zod'
import { tf } from '../backends/tf.ts'
import type { Tensor4D } from '../backends/tf.ts'
import { activate, addBias } from '../kernels/activations.ts'
import { withoutEffect } from '../kernels/differentiable.ts'
import { batchNorm, batchNormWith, instanceNorm } from '../kernels/normalise.ts'
import type { ForwardMode, ParameterDeclaration, Weights } from './network.ts'

export const normSchema = z.enum(['batch', 'instance', 'none'])
export type NormKind = z.infer<typeof normSchema>

/**
 * What follows a convolution: a norm, and a bias unless a batch norm follows, whose offset does its work.
 * (The published code also leaves the bias out when there is no norm at all; here such layers keep one.)
 */
export type Layer = {
  name: string
  norm: NormKind
  hasBias: boolean
  parameters: ParameterDeclaration[]
  statistics: ParameterDeclaration[]
}

export function declareLayer(
  name: string,
  kernel: readonly number[],
  outputs: number,
  norm: NormKind,
): Layer {
  const hasBias = norm !== 'batch'
  const channels = [outputs]
  const parameters: ParameterDeclaration[] = [{ name: `${name}.weight`, shape: kernel, init: 'weight' }]
  if (hasBias)
    return {
      name,
      norm,
      hasBias,
      parameters: [...parameters, { name: `${name}.bias`, shape: channels, init: 'bias' }],
      statistics: [],
    }
  return {
    name,
    norm,
    hasBias,
    parameters: [
      ...parameters,
      { name: `${name}.norm.scale`, shape: channels, init: 'normScale' },
      { name: `${name}.norm.offset`, shape: channels, init: 'normOffset' },
    ],
    statistics: [
      { name: `${name}.norm.mean`, shape: channels, init: 'mean' },
      { name: `${name}.norm.variance`, shape: channels, init: 'variance' },
    ],
  }
}

/** What comes after a norm: an activation (`activate`; the slope 1 is none), and what is added to its result. */
export type Ending = { slope?: number; added?: Tensor4D }

export const RELU: Ending = { slope: 0 }

/**
 * Adds the layer's bias and applies its norm and ending, in this order, to what its convolution gave. An instance norm takes every bias
 * away again: it is not added, and its gradient is 0, where rounding would give Adam noise to follow.
 */
export function finishLayer(
  layer: Layer,
  convolved: Tensor4D,
  weights: Weights,
  mode: ForwardMode,
  { slope = 1, added }: Ending = {},
): Tensor4D {
  if (layer.norm === 'instance')
    return instanceNorm(withoutEffect(convolved, weights(`${layer.name}.bias`)), slope, added)
  const y =
    layer.norm === 'none'
      ? withBias(layer, convolved, weights, slope)
      : normaliseBatch(layer, withBias(layer, convolved, weights), weights, mode, slope)
  return added ? tf.add(added, y) : y
}

export function withBias(layer: Layer, convolved: Tensor4D, weights: Weights, slope = 1): Tensor4D {
  return layer.hasBias ? addBias(convolved, weights(`${layer.name}.bias`), slope) : activate(convolved, slope)
}

function normaliseBatch(
  layer: Layer,
  x: Tensor4D,
  weights: Weights,
  mode: ForwardMode,
  slope: number,
): Tensor4D {
  const norm = `${layer.name}.norm`
  const [scale, offset] = [weights(`${norm}.scale`), weights(`${norm}.offset`)]
  if (mode.norm === 'running') {
    const [mean, variance] = [weights(`${norm}.mean`), weights(`${norm}.variance`)]
    return activate(batchNormWith(x, scale, offset, mean, variance), slope)
  }
  const { y, mean, variance } = batchNorm(x, scale, offset, slope)
  mode.onStatistics?.(norm, mean, variance)
  return y
}
