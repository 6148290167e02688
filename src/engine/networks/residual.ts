import { z } from 'zod'
import { inFloat32 } from '../backends/precision.ts'
import { tf } from '../backends/tf.ts'
import type { Tensor4D } from '../backends/tf.ts'
import { addBias } from '../kernels/activations.ts'
import { BICUBIC_REACH, enlargeBicubic } from '../kernels/bicubic.ts'
import { pixelShuffle } from '../kernels/pixelShuffle.ts'
import { conv } from '../nn/convolution.ts'
import type { Init, Network, ParameterDeclaration, Weights } from '../nn/network.ts'

export const residualSchema = z.strictObject({
  inputChannels: z.number().int().min(1).max(1024).default(3),
  outputChannels: z.number().int().min(1).max(1024).default(3),
  ngf: z.number().int().min(1).max(1024).default(32),
  /** Side of the output divided by side of the input. */
  scale: z.number().int().min(1).max(4).default(1),
})
export type ResidualOptions = z.infer<typeof residualSchema>

/** `residual_8blocks` to 8; undefined for names of other families. */
export function residualBlocksOf(architecture: string): number | undefined {
  const blocks = Number(/^residual_(\d{1,2})blocks$/.exec(architecture)?.[1] ?? 0)
  return blocks >= 1 && blocks <= 64 ? blocks : undefined
}

type Convolution = { name: string; parameters: ParameterDeclaration[] }
type Parts = {
  stem: Convolution
  blocks: { conv1: Convolution; conv2: Convolution }[]
  tail: Convolution
  head: Convolution
  options: ResidualOptions
}

/**
 * Residual network without norm (after SRResNet, Ledig et al. 2017, and EDSR, Lim et al. 2017): every convolution is 3x3
 * and works at the input's resolution; the last gives the pixels of each enlarged one as channels, which are dealt out. What it
 * makes is added to the input, enlarged bicubically. The last convolution begins at zero, so a new network gives just
 * that. Grey input for colour output is repeated; between other numbers of channels nothing is added, and it begins at 0.
 * [N,H,W,inputChannels] in [-1,1] to [N,H*scale,W*scale,outputChannels] in about [-1,1]: nothing squashes it.
 */
export function createResidual(architecture: string, blocks: number, options: ResidualOptions): Network {
  const parts = declareParts(blocks, options)
  const inner = parts.blocks.flatMap(({ conv1, conv2 }) => [conv1, conv2])
  return {
    architecture,
    options,
    parameters: [parts.stem, ...inner, parts.tail, parts.head].flatMap(({ parameters }) => parameters),
    statistics: [],
    inputChannels: options.inputChannels,
    outputChannels: options.outputChannels,
    scale: options.scale,
    multipleOf: 1,
    // The exact reach: one pixel a convolution.
    context: Math.max(2 * blocks + 3, BICUBIC_REACH),
    forward: (x, weights) => forward(x, parts, weights),
  }
}

function declareParts(blocks: number, options: ResidualOptions): Parts {
  const { inputChannels, outputChannels, ngf, scale } = options
  const layer = (name: string, inputs: number, outputs: number, init: Init = 'weight'): Convolution => ({
    name,
    parameters: [
      { name: `${name}.weight`, shape: [3, 3, inputs, outputs], init },
      { name: `${name}.bias`, shape: [outputs], init: 'bias' },
    ],
  })
  return {
    stem: layer('stem', inputChannels, ngf),
    blocks: Array.from({ length: blocks }, (_, index) => ({
      conv1: layer(`block${index + 1}.conv1`, ngf, ngf),
      conv2: layer(`block${index + 1}.conv2`, ngf, ngf),
    })),
    tail: layer('tail', ngf, ngf),
    head: layer('head', ngf, scale ** 2 * outputChannels, 'zero'),
    options,
  }
}

function forward(x: Tensor4D, { stem, blocks, tail, head, options }: Parts, weights: Weights): Tensor4D {
  const convolve = (h: Tensor4D, { name }: Convolution, slope = 1) =>
    addBias(conv(h, weights(`${name}.weight`), 1, 1), weights(`${name}.bias`), slope)
  const first = convolve(x, stem)
  let h = first
  for (const { conv1, conv2 } of blocks) h = tf.add(h, convolve(convolve(h, conv1, 0), conv2))
  const features: Tensor4D = tf.add(first, convolve(h, tail))
  return inFloat32(() => {
    const made = pixelShuffle(convolve(features, head), options.scale)
    const base = baseOf(x, options)
    return base ? tf.add(made, base) : made
  })
}

/** What the network's own work is added to. */
function baseOf(x: Tensor4D, { inputChannels, outputChannels, scale }: ResidualOptions) {
  if (inputChannels === outputChannels) return enlargeBicubic(x, scale)
  // One channel is added to all of them.
  return inputChannels === 1 && outputChannels === 3 ? enlargeBicubic(x, scale) : undefined
}
