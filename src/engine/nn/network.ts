import type { Tensor, Tensor1D, Tensor4D } from '../backends/tf.ts'

/** How a tensor of a network begins: drawn (`weight`, `normScale`), zero (`zero`, `bias`, `normOffset`, `mean`) or one (`variance`). */
export type Init = 'weight' | 'zero' | 'bias' | 'normScale' | 'normOffset' | 'mean' | 'variance'

/**
 * One named tensor of a network. Convolutions are [height, width, in, out], transposed convolutions
 * [height, width, out, in], everything else is [channels].
 */
export type ParameterDeclaration = { name: string; shape: readonly number[]; init: Init }

/** Where a forward pass finds its tensors: by declared name. Parameters and, for running statistics, means and variances. */
export type Weights = (name: string) => Tensor

/** Which statistics batch norm uses: those of the batch at hand, or those gathered while training. */
export type NormMode = 'batch' | 'running'

export type ForwardMode = {
  norm: NormMode
  /** int32 [2], from which every dropout layer draws its own mask. Absent: no dropout. */
  dropoutSeed?: Tensor1D
  /**
   * Called once a batch-norm layer when `norm` is 'batch', with the layer's name and the batch's mean and
   * unbiased variance, both [C]. The tensors live as long as the scope that the forward pass runs in.
   */
  onStatistics?: (layer: string, mean: Tensor1D, variance: Tensor1D) => void
}

/** An activation that losses may look at: how many channels it has, and its side for a square picture of `sidePx`. */
export type Feature = { name: string; channels: number; sideOf: (sidePx: number) => number }

/** A network in two halves, so that losses can compare what is in between: `forward` is `decode` of the last of `encode`. */
export type Encoder = {
  features: readonly Feature[]
  /** The features of a picture, in their order, each [N,h,w,channels]. */
  encode(x: Tensor4D, weights: Weights, mode: ForwardMode): Tensor4D[]
  /** The picture that the last feature becomes. */
  decode(last: Tensor4D, weights: Weights, mode: ForwardMode): Tensor4D
}

/** A network as a value: what it is called, what it is made of, and how a picture goes through it. It holds no tensors. */
export type Network = {
  /** With `options`, all that `buildNetwork` needs to build it again: `unet_256`. */
  architecture: string
  /** Complete and JSON-able, defaults filled in. */
  options: Readonly<Record<string, unknown>>
  /** Trained tensors, in a fixed order. */
  parameters: readonly ParameterDeclaration[]
  /** Running means and variances: saved, not trained. In a fixed order. */
  statistics: readonly ParameterDeclaration[]
  inputChannels: number
  outputChannels: number
  /** Side of the output divided by side of the input. */
  scale: number
  /** Both input sides must be multiples of this. */
  multipleOf: number
  /** Pixels on each side of a tile whose content is worth showing to the network, though only the middle is kept. */
  context: number
  /** Absent where nobody has named features. */
  encoder?: Encoder
  /** [N,H,W,inputChannels] in [-1,1] to [N,H*scale,W*scale,outputChannels]. */
  forward(x: Tensor4D, weights: Weights, mode: ForwardMode): Tensor4D
}
