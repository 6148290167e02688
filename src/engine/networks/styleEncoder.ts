import { z } from 'zod'
import { tf } from '../backends/tf.ts'
import type { Tensor4D } from '../backends/tf.ts'
import { conv } from '../nn/convolution.ts'
import { dense } from '../nn/dense.ts'
import { declareLayer, finishLayer } from '../nn/layer.ts'
import type { Layer } from '../nn/layer.ts'
import type { Network } from '../nn/network.ts'

export const styleEncoderSchema = z.strictObject({
  channels: z.number().int().min(1).max(64).default(3),
  latent: z.number().int().min(1).max(4096),
  nef: z.number().int().min(1).max(512).default(64),
  /** How often it halves the picture. */
  layers: z.number().int().min(1).max(8),
})
export type StyleEncoderOptions = z.infer<typeof styleEncoderSchema>

const SLOPE = 0.2
/** No layer is wider than this, times the first. */
const WIDEST = 4

/**
 * What reads a code from a picture (the encoder of BicycleGAN, Zhu et al. 2017, appendix): strided convolutions, the mean over all
 * places, and what is told by it. [N,H,W,channels] to [N,1,1,2 latent]: means, then logarithms of variances. Without norms: they take
 * the mean colour of a picture away, which is much of its style; published, its shortcuts carry that past them.
 */
export function createStyleEncoder(architecture: string, options: StyleEncoderOptions): Network {
  const { channels, latent, nef, layers } = options
  const widthAt = (layer: number) => (layer === 0 ? channels : nef * Math.min(2 ** (layer - 1), WIDEST))
  const trunk = Array.from({ length: layers }, (_, index): Layer => {
    const outputs = widthAt(index + 1)
    return declareLayer(`layer${index + 1}`, [4, 4, widthAt(index), outputs], outputs, 'none')
  })
  const code = declareLayer('code', [1, 1, widthAt(layers), 2 * latent], 2 * latent, 'none')
  return {
    architecture,
    options,
    parameters: [...trunk, code].flatMap(({ parameters }) => parameters),
    statistics: [],
    inputChannels: channels,
    outputChannels: 2 * latent,
    scale: 2 ** -layers,
    multipleOf: 2 ** layers,
    context: 0,
    forward(x, weights, mode) {
      let h = x
      for (const layer of trunk)
        h = finishLayer(layer, conv(h, weights(`${layer.name}.weight`), 2, 1), weights, mode, {
          slope: SLOPE,
        })
      const mean: Tensor4D = tf.mean(h, [1, 2], true)
      return finishLayer(code, dense(mean, weights('code.weight')), weights, mode)
    },
  }
}
