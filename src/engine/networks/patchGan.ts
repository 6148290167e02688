import { z } from 'zod'
import type { Tensor4D } from '../backends/tf.ts'
import { halveBlurred } from '../kernels/antialias.ts'
import { conv } from '../nn/convolution.ts'
import { declareLayer, finishLayer, normSchema } from '../nn/layer.ts'
import type { Layer } from '../nn/layer.ts'
import type { ForwardMode, Network, Weights } from '../nn/network.ts'
import { downsamplingSchema } from './generatorOptions.ts'

export const discriminatorSchema = z.strictObject({
  inputChannels: z.number().int().min(1).max(2048),
  ndf: z.number().int().min(1).max(1024).default(64),
  norm: normSchema.default('batch'),
  downsampling: downsamplingSchema.default('strided'),
})
export type DiscriminatorOptions = z.infer<typeof discriminatorSchema>

/** `patch_3layers` to 3, the layers that halve; undefined for names of other families. */
export function patchLayersOf(architecture: string): number | undefined {
  const layers = Number(/^patch_(\d)layers$/.exec(architecture)?.[1] ?? 0)
  return layers >= 1 && layers <= 6 ? layers : undefined
}

/**
 * PatchGAN (Isola et al. 2017, appendix 6.1.2): judges every patch of a picture by itself. With 3 layers a patch is
 * 70 x 70. The output is a map of logits [N,h,w,1]; nothing squashes it. Antialiased layers go over every pixel, then a blur
 * halves what they give, as in CUT; sides stay the same.
 */
export function createPatchGan(architecture: string, layers: number, options: DiscriminatorOptions): Network {
  const { inputChannels, ndf, norm, downsampling } = options
  const width = (i: number): number => (i === 0 ? inputChannels : ndf * Math.min(2 ** (i - 1), 8))
  const all: Layer[] = []
  for (let i = 1; i <= layers + 1; i += 1)
    all.push(declareLayer(`layer${i}`, [4, 4, width(i - 1), width(i)], width(i), i === 1 ? 'none' : norm))
  all.push(declareLayer(`layer${layers + 2}`, [4, 4, width(layers + 1), 1], 1, 'none'))
  return {
    architecture,
    options,
    parameters: all.flatMap((layer) => layer.parameters),
    statistics: all.flatMap((layer) => layer.statistics),
    inputChannels,
    outputChannels: 1,
    // Nearly: each of the two last layers takes one more pixel off.
    scale: 2 ** -layers,
    multipleOf: 1,
    context: 0,
    forward: (x, weights, mode) => forward(x, all, downsampling === 'antialiased', weights, mode),
  }
}

function forward(
  x: Tensor4D,
  layers: readonly Layer[],
  isAntialiased: boolean,
  weights: Weights,
  mode: ForwardMode,
): Tensor4D {
  const halvings = layers.length - 2
  let h = x
  for (const [index, layer] of layers.entries()) {
    if (isAntialiased && index >= 1 && index <= halvings) h = halveBlurred(h)
    const stride = index < halvings && !isAntialiased ? 2 : 1
    const slope = index < layers.length - 1 ? 0.2 : 1
    h = finishLayer(layer, conv(h, weights(`${layer.name}.weight`), stride, 1), weights, mode, { slope })
  }
  return h
}
