import { z } from 'zod'
import type { Tensor4D } from '../backends/tf.ts'
import { lastOf } from '../kernels/at.ts'
import { conv } from '../nn/convolution.ts'
import { dense } from '../nn/dense.ts'
import { declareLayer, finishLayer } from '../nn/layer.ts'
import type { Layer } from '../nn/layer.ts'
import type { ForwardMode, Network, Weights } from '../nn/network.ts'

export const starJudgeSchema = z.strictObject({
  channels: z.number().int().min(1).max(64).default(3),
  labels: z.number().int().min(2).max(1024),
  sizePx: z.number().int().min(8).max(1024),
  ndf: z.number().int().min(1).max(512).default(64),
  layers: z.number().int().min(1).max(9),
})
export type StarJudgeOptions = z.infer<typeof starJudgeSchema>

/** As published for StarGAN. */
const SLOPE = 0.01

type Parts = { trunk: Layer[]; verdict: Layer; label: Layer }

function declareParts({ channels, labels, sizePx, ndf, layers }: StarJudgeOptions): Parts {
  const widthAt = (layer: number) => ndf * 2 ** layer
  const trunk = Array.from({ length: layers }, (_, index) =>
    declareLayer(
      `layer${index + 1}`,
      [4, 4, index === 0 ? channels : widthAt(index - 1), widthAt(index)],
      widthAt(index),
      'none',
    ),
  )
  const [inner, side] = [widthAt(layers - 1), Math.floor(sizePx / 2 ** layers)]
  return {
    trunk,
    verdict: declareLayer('verdict', [3, 3, inner, 1], 1, 'none'),
    label: declareLayer('label', [1, 1, side * side * inner, labels], labels, 'none'),
  }
}

function throughTrunk(x: Tensor4D, { trunk }: Parts, weights: Weights, mode: ForwardMode): Tensor4D {
  const features = [x]
  for (const layer of trunk) {
    const convolved = conv(lastOf(features), weights(`${layer.name}.weight`), 2, 1)
    features.push(finishLayer(layer, convolved, weights, mode, { slope: SLOPE }))
  }
  return lastOf(features)
}

function verdictOf(seen: Tensor4D, { verdict }: Parts, weights: Weights, mode: ForwardMode): Tensor4D {
  return finishLayer(verdict, conv(seen, weights('verdict.weight'), 1, 1), weights, mode)
}

/** What a StarGAN judge says of pictures [N,S,S,channels]: patch by patch how real they are, and logits of their labels [N,1,1,labels]. */
export function judgeAndName(x: Tensor4D, options: StarJudgeOptions, weights: Weights, mode: ForwardMode) {
  const parts = declareParts(options)
  const seen = throughTrunk(x, parts, weights, mode)
  return {
    verdict: verdictOf(seen, parts, weights, mode),
    label: finishLayer(parts.label, dense(seen, weights('label.weight')), weights, mode),
  }
}

/**
 * The judge of StarGAN (Choi et al. 2018, appendix: strided convolutions without a norm, two heads). As a network it gives its
 * verdict alone: [N,S,S,channels] to logits [N,s,s,1].
 */
export function createStarJudge(architecture: string, options: StarJudgeOptions): Network {
  const parts = declareParts(options)
  return {
    architecture,
    options,
    parameters: [...parts.trunk, parts.verdict, parts.label].flatMap(({ parameters }) => parameters),
    statistics: [],
    inputChannels: options.channels,
    outputChannels: 1,
    scale: 2 ** -options.layers,
    multipleOf: options.sizePx,
    context: 0,
    forward: (x, weights, mode) => verdictOf(throughTrunk(x, parts, weights, mode), parts, weights, mode),
  }
}
