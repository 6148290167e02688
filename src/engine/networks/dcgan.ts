import { z } from 'zod'
import { refuse } from '../../core/errors.ts'
import { inFloat32 } from '../backends/precision.ts'
import { tf } from '../backends/tf.ts'
import type { Tensor4D } from '../backends/tf.ts'
import { tanh } from '../kernels/activations.ts'
import { at, lastOf } from '../kernels/at.ts'
import { doubledConv } from '../kernels/lastLayer.ts'
import { conv, convTransposed } from '../nn/convolution.ts'
import { dense } from '../nn/dense.ts'
import { declareLayer, finishLayer, normSchema, RELU } from '../nn/layer.ts'
import type { Layer } from '../nn/layer.ts'
import type { Network } from '../nn/network.ts'
import {
  conditionOptions,
  declareEmbedding,
  embeddedWidth,
  projectOnLabel,
  splitLabel,
  withEmbedding,
} from './condition.ts'

const common = {
  labels: conditionOptions.labels,
  sizePx: z.number().int().min(8).max(1024).default(32),
  channels: z.number().int().min(1).max(64).default(3),
  norm: normSchema.default('batch'),
} as const

export const dcganSchema = z.strictObject({
  ...common,
  latent: conditionOptions.latent,
  ngf: z.number().int().min(1).max(512).default(64),
})
export type DcganOptions = z.infer<typeof dcganSchema>
export const dcganJudgeSchema = z.strictObject({
  ...common,
  ndf: z.number().int().min(1).max(512).default(64),
})
export type DcganJudgeOptions = z.infer<typeof dcganJudgeSchema>

/** The innermost side, before it is doubled. */
const [LEAST_SIDE, MOST_SIDE] = [4, 7]

/**
 * How often a side of 4 to 7 px is doubled to give this one.
 * @throws Refused `crop-size`
 */
function doublingsOf(sizePx: number): number {
  for (let doublings = 1; doublings <= 8; doublings += 1) {
    const side = sizePx / 2 ** doublings
    if (Number.isInteger(side) && side >= LEAST_SIDE && side <= MOST_SIDE) return doublings
  }
  throw refuse(
    'crop-size',
    `Pictures of ${sizePx} px cannot be made by doubling a few pixels.`,
    'Choose a crop size of 4, 5, 6 or 7 px times a power of two: 28, 32, 48, 64, 96, 128, 256.',
  )
}

/** Widths double inwards, up to eight times. */
const widthAt = (base: number, layer: number): number => base * Math.min(2 ** layer, 8)

/**
 * A picture from noise by transposed convolutions (Radford, Metz, Chintala 2016): [N,1,1,latent + labels] to
 * [N,S,S,channels] in [-1,1]. `up1` is the outermost.
 */
export function createDcgan(architecture: string, options: DcganOptions): Network {
  const { latent, labels, sizePx, channels, ngf, norm } = options
  const doublings = doublingsOf(sizePx)
  const side = sizePx / 2 ** doublings
  const inner = widthAt(ngf, doublings - 1)
  const given = embeddedWidth(labels, latent)
  const project = declareLayer('project', [1, 1, given, side * side * inner], inner, norm)
  const up = Array.from({ length: doublings }, (_, index): Layer => {
    const outputs = index === 0 ? channels : widthAt(ngf, index - 1)
    return declareLayer(
      `up${index + 1}`,
      [4, 4, outputs, widthAt(ngf, index)],
      outputs,
      index === 0 ? 'none' : norm,
    )
  })
  const layers = [project, ...up.toReversed()]
  return {
    architecture,
    options,
    parameters: [...declareEmbedding(labels, latent), ...layers.flatMap((layer) => layer.parameters)],
    statistics: layers.flatMap((layer) => layer.statistics),
    inputChannels: latent + labels,
    outputChannels: channels,
    scale: sizePx,
    multipleOf: 1,
    context: 0,
    forward(x, weights, mode) {
      const code = withEmbedding(x, latent, labels, weights)
      const square = tf.reshape(dense(code, weights('project.weight')), [at(x.shape, 0), side, side, inner])
      let h = finishLayer(project, square as Tensor4D, weights, mode, RELU)
      for (const layer of up.slice(1).toReversed())
        h = finishLayer(layer, convTransposed(h, weights(`${layer.name}.weight`)), weights, mode, RELU)
      const made = doubledConv(h, weights('up1.weight') as Tensor4D, weights('up1.bias'))
      return inFloat32(() => tanh(made))
    },
  }
}

/** A picture's logit by strided convolutions: [N,S,S,channels + labels] to [N,1,1,1]. `layer1` sees the picture. */
export function createDcganJudge(architecture: string, options: DcganJudgeOptions): Network {
  const { labels, sizePx, channels, ndf, norm } = options
  const halvings = doublingsOf(sizePx)
  const side = sizePx / 2 ** halvings
  const down = Array.from({ length: halvings }, (_, index): Layer => {
    const outputs = widthAt(ndf, index)
    const inputs = index === 0 ? channels : widthAt(ndf, index - 1)
    return declareLayer(`layer${index + 1}`, [4, 4, inputs, outputs], outputs, index === 0 ? 'none' : norm)
  })
  const inner = widthAt(ndf, halvings - 1)
  const verdict = declareLayer('verdict', [1, 1, side * side * inner, 1], 1, 'none')
  const layers = [...down, verdict]
  return {
    architecture,
    options,
    parameters: [
      ...declareEmbedding(labels, side * side * inner),
      ...layers.flatMap((layer) => layer.parameters),
    ],
    statistics: layers.flatMap((layer) => layer.statistics),
    inputChannels: channels + labels,
    outputChannels: 1,
    scale: 1 / sizePx,
    multipleOf: sizePx,
    context: 0,
    forward(x, weights, mode) {
      const { picture, label } = splitLabel(x, channels)
      const features = [picture]
      for (const layer of down) {
        const convolved = conv(lastOf(features), weights(`${layer.name}.weight`), 2, 1)
        features.push(finishLayer(layer, convolved, weights, mode, { slope: 0.2 }))
      }
      const seen = lastOf(features)
      const logit = finishLayer(verdict, dense(seen, weights('verdict.weight')), weights, mode)
      if (!label) return logit
      return tf.add(logit, projectOnLabel(seen, label, weights))
    },
  }
}
