import { tf } from '../backends/tf.ts'
import type { Tensor, Tensor1D, Tensor4D } from '../backends/tf.ts'
import { addBias } from '../kernels/activations.ts'
import { halveBlurred } from '../kernels/antialias.ts'
import { strip } from '../kernels/strip.ts'
import { conv, zeroPad } from '../nn/convolution.ts'
import type { Weights } from '../nn/network.ts'
import { holdWeights } from './metricWeights.ts'

/** Below this side, in px, the network has nothing left to look at. */
export const ST_LPIPS_LEAST_SIDE_PX = 21

/** Keeps a feature vector of zeros from being divided by zero: 1e-10 in the published LPIPS. */
const EPSILON = 1e-10

/** The perceptual distance of Ghildyal and Liu 2022, open for use. */
export type StLpips = {
  /**
   * x and y [N,H,W,3] in [-1,1], alike in shape, to one distance a picture [N]; 0 for equal pictures. Call it inside a tidy.
   * Both arguments have gradients. Unlike the figures of LPIPS, these barely change when a picture moves by a pixel.
   */
  distances(x: Tensor4D, y: Tensor4D): Tensor1D
  dispose(): void
}

/**
 * Opens the network that comes with Diptych: AlexNet's five convolutions, the first at stride 1, with blurs where the
 * original leaves pixels out, and the weights that people's judgements gave to its channels.
 */
export function openStLpips(): Promise<StLpips> {
  const { weights, dispose } = holdWeights('st-lpips')
  const kernels = tf.tidy(() => foldKernels(weights('conv1.weight') as Tensor4D))
  for (const kernel of Object.values(kernels)) tf.keep(kernel)
  return Promise.resolve({
    distances: (x, y) => measure(x, y, { weights, kernels }),
    dispose() {
      tf.dispose(Object.values(kernels))
      dispose()
    },
  })
}

type Held = { weights: Weights; kernels: FoldedKernels }

function measure(x: Tensor4D, y: Tensor4D, held: Held): Tensor1D {
  const [pictures, height, width] = x.shape
  if (String(x.shape) !== String(y.shape))
    throw new Error(`Cannot compare pictures of shape ${String(x.shape)} with ${String(y.shape)}.`)
  if (Math.min(height, width) < ST_LPIPS_LEAST_SIDE_PX)
    throw new Error(`ST-LPIPS needs sides of ${ST_LPIPS_LEAST_SIDE_PX} px, found ${width} x ${height}.`)
  // Each by itself: a picture that needs no gradient is then not asked for one.
  const others = featuresOf(y, held)
  const distances = featuresOf(x, held).map((feature, index) =>
    weighted(
      tf.squaredDifference(unit(feature), unit(others[index] as Tensor4D)),
      held.weights(`head${index + 1}.weight`),
    ),
  )
  return tf.reshape(tf.addN(distances), [pictures])
}

/** The outputs of the five convolutions, each after its ReLU. */
function featuresOf(pictures: Tensor4D, { weights, kernels }: Held): Tensor4D[] {
  const biased = (index: number, x: Tensor4D) => addBias(x, weights(`conv${index}.bias`), 0)
  const layer = (index: number, x: Tensor4D, padding: number) =>
    biased(index, conv(x, weights(`conv${index}.weight`), 1, padding))
  const shrink = (x: Tensor4D) => halveBlurred(tf.maxPool(x, 3, 1, 'valid'), 2)
  const scaled: Tensor4D = tf.div(tf.sub(pictures, weights('shift')), weights('scale'))
  const first = biased(1, convBlurred(zeroPad(scaled, 2), kernels))
  const second = layer(2, shrink(first), 2)
  const third = layer(3, shrink(second), 1)
  const fourth = layer(4, third, 1)
  return [first, second, third, fourth, layer(5, fourth, 1)]
}

/** Where a halved row or column gets its values: from three, or the last of an even number, which its mirror image follows, from two. */
const blurs = { inner: [1 / 4, 2 / 4, 1 / 4], end: [2 / 4, 2 / 4] } as const
type Part = keyof typeof blurs
type FoldedKernels = Record<`${Part} ${Part}`, Tensor4D>
const parts = Object.keys(blurs) as Part[]

/** The first layer's kernel [11,11,in,out] with the blur that follows it: down and across. */
function foldKernels(kernel: Tensor4D): FoldedKernels {
  const folded = parts.flatMap((down) =>
    parts.map((across) => [`${down} ${across}`, fold(fold(kernel, down, 0), across, 1)] as const),
  )
  return Object.fromEntries(folded) as FoldedKernels
}

function fold(kernel: Tensor4D, part: Part, axis: 0 | 1): Tensor4D {
  const weights = blurs[part]
  const moved = weights.map((weight, place) => {
    const around: [number, number][] = kernel.shape.map(() => [0, 0])
    around[axis] = [place, weights.length - 1 - place]
    return tf.mul(tf.pad(kernel, around), weight)
  })
  return tf.addN(moved) as Tensor4D
}

/**
 * `halveBlurred(conv(x, kernel, 1, 0), 2)` in a third of the arithmetic: convolving and then blurring is one convolution, of
 * which only the pixels that are kept are made. Mirrored by two, the first row is the second, and the last of an odd number
 * is the one before it.
 */
function convBlurred(x: Tensor4D, kernels: FoldedKernels): Tensor4D {
  const half = (down: Part, across: Part): Tensor4D =>
    conv(edgeFor(edgeFor(x, kernels, down, 1), kernels, across, 2), kernels[`${down} ${across}`], 2, 0)
  return withEdges(x, 2, (across) => withEdges(x, 1, (down) => half(down, across)))
}

/**
 * All of x for the inner part; for the end what its kernel covers in its last two places. (In bfloat16 oneDNN 3.x reads
 * memory that is not there for a tall result of one column.)
 */
function edgeFor(x: Tensor4D, kernels: FoldedKernels, part: Part, axis: 1 | 2): Tensor4D {
  const covered = kernels['end end'].shape[0] + 2
  return part === 'inner' ? x : strip(x, axis, x.shape[axis] - covered, covered)
}

function withEdges(x: Tensor4D, axis: 1 | 2, make: (part: Part) => Tensor4D): Tensor4D {
  const inner = make('inner')
  const isOdd = x.shape[axis] % 2 === 1
  const last = isOdd ? strip(inner, axis, inner.shape[axis] - 1, 1) : strip(make('end'), axis, 1, 1)
  return tf.concat([strip(inner, axis, 0, 1), inner, last], axis)
}

/** Every position's channels [N,h,w,C] divided by their length. */
function unit(feature: Tensor4D): Tensor4D {
  const squares = tf.sum(tf.square(feature), 3, true)
  // The square of epsilon keeps the gradient of the root finite where all channels are zero.
  return tf.div(feature, tf.add(tf.sqrt(tf.add(squares, EPSILON ** 2)), EPSILON))
}

/** Channels [N,h,w,C] summed with their weights [C], and the mean over all positions: [N]. */
function weighted(differences: Tensor4D, channels: Tensor): Tensor {
  return tf.mean(tf.sum(tf.mul(differences, channels), 3), [1, 2])
}
