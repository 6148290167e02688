import type { Tensor4D } from '../backends/tf.ts'
import { tf } from '../backends/tf.ts'
import { relu, tanh } from '../kernels/activations.ts'
import { dropout } from '../kernels/dropout.ts'
import { reflectionPad } from '../kernels/reflectionPad.ts'
import { conv, convTransposed, doubleNearest } from '../nn/convolution.ts'
import { declareLayer, finishLayer } from '../nn/layer.ts'
import type { Layer } from '../nn/layer.ts'
import type { ForwardMode, Network, Weights } from '../nn/network.ts'
import type { GeneratorOptions } from './generatorOptions.ts'

/** `resnet_9blocks` to 9; undefined for names of other families. */
export function blocksOf(architecture: string): number | undefined {
  const blocks = Number(/^resnet_(\d{1,2})blocks$/.exec(architecture)?.[1] ?? 0)
  return blocks >= 1 && blocks <= 32 ? blocks : undefined
}

type Parts = {
  stem: Layer
  down: Layer[]
  blocks: { conv1: Layer; conv2: Layer }[]
  up: Layer[]
  head: Layer
  options: GeneratorOptions
}

/** Residual generator (Johnson et al. 2016, as CycleGAN uses it): two halvings, n residual blocks, two doublings. */
export function createResnet(architecture: string, blocks: number, options: GeneratorOptions): Network {
  const parts = declareParts(blocks, options)
  const layers = [
    parts.stem,
    ...parts.down,
    ...parts.blocks.flatMap(({ conv1, conv2 }) => [conv1, conv2]),
    ...parts.up,
    parts.head,
  ]
  return {
    architecture,
    options,
    parameters: layers.flatMap((layer) => layer.parameters),
    statistics: layers.flatMap((layer) => layer.statistics),
    inputChannels: options.inputChannels,
    outputChannels: options.outputChannels,
    scale: 1,
    multipleOf: 4,
    // The exact reach: stem and head 3 each, halvings and doublings 1 + 2 each, every block two pixels of size 4.
    context: 3 + 3 + 8 * blocks + 3 + 3,
    forward: (x, weights, mode) => forward(x, parts, weights, mode),
  }
}

function declareParts(blocks: number, options: GeneratorOptions): Parts {
  const { inputChannels, outputChannels, ngf, norm } = options
  const layer = (name: string, size: number, inputs: number, outputs: number): Layer =>
    declareLayer(name, [size, size, inputs, outputs], outputs, norm)
  const upLayer = (name: string, inputs: number, outputs: number): Layer =>
    options.upsampling === 'transposed'
      ? declareLayer(name, [3, 3, outputs, inputs], outputs, norm)
      : layer(name, 3, inputs, outputs)
  return {
    stem: layer('stem', 7, inputChannels, ngf),
    down: [layer('down1', 3, ngf, 2 * ngf), layer('down2', 3, 2 * ngf, 4 * ngf)],
    blocks: Array.from({ length: blocks }, (_, index) => ({
      conv1: layer(`block${index + 1}.conv1`, 3, 4 * ngf, 4 * ngf),
      conv2: layer(`block${index + 1}.conv2`, 3, 4 * ngf, 4 * ngf),
    })),
    up: [upLayer('up1', 4 * ngf, 2 * ngf), upLayer('up2', 2 * ngf, ngf)],
    head: declareLayer('head', [7, 7, ngf, outputChannels], outputChannels, 'none'),
    options,
  }
}

function forward(x: Tensor4D, parts: Parts, weights: Weights, mode: ForwardMode): Tensor4D {
  const kernel = (layer: Layer) => weights(`${layer.name}.weight`)
  const finish = (layer: Layer, convolved: Tensor4D) => finishLayer(layer, convolved, weights, mode)
  const mirrored = (h: Tensor4D, layer: Layer, padding: number) =>
    finish(layer, conv(reflectionPad(h, padding), kernel(layer), 1, 0))

  let h = relu(mirrored(x, parts.stem, 3))
  for (const layer of parts.down) h = relu(finish(layer, conv(h, kernel(layer), 2, 1)))
  for (const [index, { conv1, conv2 }] of parts.blocks.entries()) {
    let residual = relu(mirrored(h, conv1, 1))
    if (parts.options.dropout && mode.dropoutSeed)
      residual = dropout(residual, 0.5, mode.dropoutSeed, index + 1)
    h = tf.add(h, mirrored(residual, conv2, 1))
  }
  for (const layer of parts.up)
    h = relu(
      parts.options.upsampling === 'transposed'
        ? finish(layer, convTransposed(h, kernel(layer)))
        : mirrored(doubleNearest(h), layer, 1),
    )
  return tanh(mirrored(h, parts.head, 3))
}
