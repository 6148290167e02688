import { z } from 'zod'
import type { Tensor4D } from '../backends/tf.ts'
import { conv } from '../nn/convolution.ts'
import { declareLayer, finishLayer, normSchema } from '../nn/layer.ts'
import type { Layer } from '../nn/layer.ts'
import type { Network } from '../nn/network.ts'

export const pixelGanSchema = z.strictObject({
  inputChannels: z.number().int().min(1).max(2048),
  ndf: z.number().int().min(1).max(1024).default(64),
  norm: normSchema.default('batch'),
})
type PixelGanOptions = z.infer<typeof pixelGanSchema>

const SLOPE = 0.2

/** The last layer. As published it has no bias where batch norm is used, though no norm follows. */
function declareVerdict(inputs: number, norm: PixelGanOptions['norm']): Layer {
  const layer = declareLayer('layer3', [1, 1, inputs, 1], 1, 'none')
  if (norm !== 'batch') return layer
  return { ...layer, hasBias: false, parameters: layer.parameters.slice(0, 1) }
}

/**
 * The 1 x 1 PatchGAN, or PixelGAN (Isola et al. 2017, appendix 6.1.2): judges every pixel by its own values alone, so it
 * knows colours and no shapes. [N,H,W,inputChannels] to a map of logits [N,H,W,1]; nothing squashes it.
 */
export function createPixelGan(architecture: string, options: PixelGanOptions): Network {
  const { inputChannels, ndf, norm } = options
  const layers = [
    declareLayer('layer1', [1, 1, inputChannels, ndf], ndf, 'none'),
    declareLayer('layer2', [1, 1, ndf, 2 * ndf], 2 * ndf, norm),
    declareVerdict(2 * ndf, norm),
  ]
  return {
    architecture,
    options,
    parameters: layers.flatMap((layer) => layer.parameters),
    statistics: layers.flatMap((layer) => layer.statistics),
    inputChannels,
    outputChannels: 1,
    scale: 1,
    multipleOf: 1,
    context: 0,
    forward(x, weights, mode) {
      let h: Tensor4D = x
      for (const [index, layer] of layers.entries()) {
        const slope = index < layers.length - 1 ? SLOPE : 1
        h = finishLayer(layer, conv(h, weights(`${layer.name}.weight`), 1, 0), weights, mode, { slope })
      }
      return h
    },
  }
}
