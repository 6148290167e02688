import { z } from 'zod'
import { inFloat32 } from '../backends/precision.ts'
import { tf } from '../backends/tf.ts'
import type { Tensor4D } from '../backends/tf.ts'
import { addBias, tanh } from '../kernels/activations.ts'
import { at } from '../kernels/at.ts'
import { dense } from '../nn/dense.ts'
import type { Network, ParameterDeclaration, Weights } from '../nn/network.ts'
import {
  conditionOptions,
  declareEmbedding,
  embeddedWidth,
  projectOnLabel,
  splitLabel,
  withEmbedding,
} from './condition.ts'

const sizeOptions = {
  sizePx: z.number().int().min(1).max(256).default(28),
  channels: z.number().int().min(1).max(64).default(1),
} as const

export const denseGeneratorSchema = z.strictObject({ ...conditionOptions, ...sizeOptions })
export type DenseGeneratorOptions = z.infer<typeof denseGeneratorSchema>
export const denseJudgeSchema = z.strictObject({ labels: conditionOptions.labels, ...sizeOptions })
export type DenseJudgeOptions = z.infer<typeof denseJudgeSchema>

/** The reference of the field's introductions: 100-128-256-512-1024-784 and 784-1024-512-256-128-1. */
const widths = [128, 256, 512, 1024] as const
const SLOPE = 0.2

const layer = (name: string, inputs: number, outputs: number): ParameterDeclaration[] => [
  { name: `${name}.weight`, shape: [1, 1, inputs, outputs], init: 'weight' },
  { name: `${name}.bias`, shape: [outputs], init: 'bias' },
]

/** x through the layer of this name, and what follows. */
function through(x: Tensor4D, name: string, weights: Weights, slope: number): Tensor4D {
  return addBias(dense(x, weights(`${name}.weight`)), weights(`${name}.bias`), slope)
}

/** A picture from noise by layers that see all of it at once: [N,1,1,latent + labels] to [N,S,S,channels] in [-1,1]. */
export function createDenseGenerator(architecture: string, options: DenseGeneratorOptions): Network {
  const { latent, labels, sizePx, channels } = options
  const sides = [embeddedWidth(labels, latent), ...widths, sizePx * sizePx * channels]
  const names = sides.slice(1).map((_, index) => `layer${index + 1}`)
  return {
    architecture,
    options,
    parameters: [
      ...declareEmbedding(labels, latent),
      ...names.flatMap((name, index) => layer(name, at(sides, index), at(sides, index + 1))),
    ],
    statistics: [],
    inputChannels: latent + labels,
    outputChannels: channels,
    scale: sizePx,
    multipleOf: 1,
    context: 0,
    forward(x, weights) {
      let h = withEmbedding(x, latent, labels, weights)
      for (const name of names.slice(0, -1)) h = through(h, name, weights, SLOPE)
      return inFloat32(() => {
        const made = through(h, at(names, names.length - 1), weights, 1)
        return tanh(tf.reshape(made, [at(x.shape, 0), sizePx, sizePx, channels]) as Tensor4D)
      })
    },
  }
}

/** A picture's logit by layers that see all of it at once: [N,S,S,channels + labels] to [N,1,1,1]. Its sigmoid is the verdict, 0.5 the threshold. */
export function createDenseJudge(architecture: string, options: DenseJudgeOptions): Network {
  const { labels, sizePx, channels } = options
  const sides = [sizePx * sizePx * channels, ...widths.toReversed(), 1]
  const names = sides.slice(1).map((_, index) => `layer${index + 1}`)
  return {
    architecture,
    options,
    parameters: [
      ...declareEmbedding(labels, widths[0]),
      ...names.flatMap((name, index) => layer(name, at(sides, index), at(sides, index + 1))),
    ],
    statistics: [],
    inputChannels: channels + labels,
    outputChannels: 1,
    scale: 1 / sizePx,
    multipleOf: sizePx,
    context: 0,
    forward(x, weights) {
      const { picture, label } = splitLabel(x, channels)
      let h = picture
      for (const name of names.slice(0, -1)) h = through(h, name, weights, SLOPE)
      const logit = through(h, at(names, names.length - 1), weights, 1)
      return label ? tf.add(logit, projectOnLabel(h, label, weights)) : logit
    },
  }
}
