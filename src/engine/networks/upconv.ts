import { z } from 'zod'
import { tf } from '../backends/tf.ts'
import type { Tensor4D } from '../backends/tf.ts'
import { addBias } from '../kernels/activations.ts'
import { conv } from '../nn/convolution.ts'
import { repeatEdge } from '../kernels/repeatEdge.ts'
import type { Network, ParameterDeclaration, Weights } from '../nn/network.ts'

/** Channels after each of the six hidden convolutions. */
const widths = [16, 32, 64, 128, 128, 256] as const

export const upconvSchema = z.strictObject({
  /** Side of the output divided by side of the input: 1 cleans, 2 doubles, 4 doubles twice. */
  scale: z.union([z.literal(1), z.literal(2), z.literal(4)]),
})
export type UpconvOptions = z.infer<typeof upconvSchema>

/** 7 for `upconv_7`, the one depth there is. */
export function convolutionsOf(architecture: string): number | undefined {
  return architecture === 'upconv_7' ? widths.length + 1 : undefined
}

/**
 * The "upconv_7" network of waifu2x: seven 3x3 convolutions without padding, leaky ReLU 0.1 between them; the picture's
 * edge is repeated around it beforehand. The original ends in a transposed convolution to twice the size. Here the last
 * convolution gives the four pixels of each doubled one as channels, which are then dealt out, or (scale 1) their
 * mean: the same sums (scripts/make-starter-models.mjs folds them). Scale 4 goes through the network twice.
 * [N,H,W,3] in [0,1] to [N,H*scale,W*scale,3] in about [0,1].
 */
export function createUpconv(architecture: string, layers: number, { scale }: UpconvOptions): Network {
  const channels = [3, ...widths, scale === 1 ? 3 : 12]
  const parameters = Array.from({ length: layers }, (_, i): ParameterDeclaration[] => [
    { name: `conv${i + 1}.weight`, shape: [3, 3, channels[i] ?? 0, channels[i + 1] ?? 0], init: 'weight' },
    { name: `conv${i + 1}.bias`, shape: [channels[i + 1] ?? 0], init: 'bias' },
  ]).flat()
  return {
    architecture,
    options: { scale },
    parameters,
    statistics: [],
    inputChannels: 3,
    outputChannels: 3,
    scale,
    multipleOf: 1,
    // The second pass of scale 4 sees `layers` pixels of the doubled picture.
    context: scale === 4 ? layers + Math.ceil(layers / 2) : layers,
    forward: (x, weights) => tf.tidy(() => pass(x, weights, layers, scale)),
  }
}

function pass(x: Tensor4D, weights: Weights, layers: number, scale: UpconvOptions['scale']): Tensor4D {
  const cleaned = tf.tidy(() => runLayers(x, weights, layers))
  if (scale === 1) return cleaned
  const doubled = tf.depthToSpace(cleaned, 2, 'NHWC')
  return scale === 2 ? doubled : pass(tf.clipByValue(doubled, 0, 1), weights, layers, 2)
}

function runLayers(x: Tensor4D, weights: Weights, layers: number): Tensor4D {
  let y = repeatEdge(x, layers)
  for (let i = 1; i < layers; i += 1) y = convolve(y, weights, i, 0.1)
  return convolve(y, weights, layers)
}

function convolve(x: Tensor4D, weights: Weights, layer: number, slope = 1): Tensor4D {
  return tf.tidy(() => {
    const kernel = weights(`conv${layer}.weight`) as Tensor4D
    return addBias(conv(x, kernel, 1, 0), weights(`conv${layer}.bias`), slope)
  })
}
