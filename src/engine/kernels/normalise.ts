import { flag, isNative, real, runOp, text, type } from '../backends/binding.ts'
import { precisionHere } from '../backends/precision.ts'
import { tf } from '../backends/tf.ts'
import type { Tensor, Tensor1D, Tensor4D } from '../backends/tf.ts'
import { at } from './at.ts'
import { activate } from './activations.ts'
import { differentiable, untaped } from './differentiable.ts'

/** Added to every variance, as in Ioffe and Szegedy 2015 with the constant of the published Pix2Pix. */
export const NORM_EPSILON = 1e-5

export type BatchNormed = {
  y: Tensor4D
  /** [C] */
  mean: Tensor1D
  /** [C], unbiased, as running statistics want it. */
  variance: Tensor1D
}

function attributes(isTraining: boolean) {
  return [
    type('T', 'float32'),
    type('U', 'float32'),
    real('epsilon', NORM_EPSILON),
    text('data_format', 'NHWC'),
    flag('is_training', isTraining),
  ]
}

/**
 * Normalises x [N,H,W,C] by the statistics of this batch over N, H and W, then scales and offsets it, both [C].
 * @param slope what a negative result is multiplied by: 1 leaves it, 0 makes a ReLU of it
 */
export function batchNorm(x: Tensor4D, scale: Tensor, offset: Tensor, slope = 1): BatchNormed {
  if (isNative('ownNorm')) return batchNormAtOnce(x, scale, offset, slope)
  const normed = isNative('normalise')
    ? fusedBatchNorm(x, scale, offset)
    : composedBatchNorm(x, scale, offset)
  return { ...normed, y: activate(normed.y, slope) }
}

function batchNormAtOnce(x: Tensor4D, scale: Tensor, offset: Tensor, slope: number): BatchNormed {
  const { y, mean, variance } = normAtOnce(x, scale, offset, slope, 'batch')
  const channels = at(x.shape, 3)
  const count = x.size / channels
  const unbiased = tf.mul(tf.reshape(variance, [channels]), count / Math.max(1, count - 1)) as Tensor1D
  return { y, mean: tf.reshape(mean, [channels]), variance: unbiased }
}

/** Our own kernel: statistics in one pass without loss of what is small, the activation in the same pass as the norm. */
function normAtOnce(
  x: Tensor4D,
  scale: Tensor,
  offset: Tensor,
  slope: number,
  over: 'batch' | 'picture',
  added?: Tensor4D,
) {
  const options = [
    type('T', 'float32'),
    real('epsilon', NORM_EPSILON),
    real('slope', slope),
    flag('per_picture', over === 'picture'),
  ]
  const op = added ? 'DiptychNormAdd' : 'DiptychNorm'
  const inputs = [x, scale, offset, ...(added ? [added] : [])]
  const [value, mean, rest, variance] = runOp(op, inputs, options, 4)
  if (!value || !mean || !rest || !variance) throw new Error('TensorFlow op DiptychNorm gave too little.')
  const y = differentiable(
    inputs,
    () => ({ value: value as Tensor4D, saved: [x, scale, offset, mean, rest, variance] }),
    (dy, saved) => [...runOp('DiptychNormGrad', [dy, ...saved], options, 3), ...(added ? [dy.clone()] : [])],
  )
  return { y, mean, variance }
}

/**
 * The kernel adds up in float32, one value after another: where a picture is nearly flat, what is lost of a large mean
 * would be taken for its detail. So it gets x less about its mean, which a norm takes away anyhow. In bfloat16 such detail
 * was lost before.
 */
function fusedBatchNorm(x: Tensor4D, scale: Tensor, offset: Tensor): BatchNormed {
  if (precisionHere() !== 'float32') return fusedAsItIs(x, x, scale, offset)
  const level = untaped(() => levelOf(x))
  const centred: Tensor4D = untaped(() => tf.sub(x, level))
  const { mean, ...rest } = fusedAsItIs(x, centred, scale, offset)
  return { ...rest, mean: tf.add(mean, level) }
}

/** About the mean of x [N,H,W,C] over N, H and W: of large pictures, a few thousand places tell it well enough. */
function levelOf(x: Tensor4D): Tensor1D {
  const [pictures, height, width, channels] = x.shape
  const steps = [1, Math.ceil(height / 64), Math.ceil(width / 64), 1]
  const end = [pictures, height, width, channels]
  const places = steps.some((step) => step > 1) ? tf.stridedSlice(x, [0, 0, 0, 0], end, steps) : x
  return tf.mean(places, [0, 1, 2])
}

/** @param given x, or x less something of each channel */
function fusedAsItIs(x: Tensor4D, given: Tensor4D, scale: Tensor, offset: Tensor): BatchNormed {
  const none = tf.tensor1d([], 'float32')
  const outputs = runOp('FusedBatchNormV3', [given, scale, offset, none, none], attributes(true), 6)
  const y = differentiable(
    [x, scale, offset],
    () => ({ value: at(outputs, 0) as Tensor4D, saved: [given, scale, ...outputs.slice(3)] }),
    (dy, saved) => runOp('FusedBatchNormGradV3', [dy, ...saved], attributes(true), 5).slice(0, 3),
  )
  return { y, mean: at(outputs, 1) as Tensor1D, variance: at(outputs, 2) as Tensor1D }
}

function composedBatchNorm(x: Tensor4D, scale: Tensor, offset: Tensor): BatchNormed {
  const { mean, variance } = tf.moments(x, [0, 1, 2])
  const y = affine(x, mean, variance, scale, offset)
  const count = x.size / at(x.shape, 3)
  return { y, mean: mean as Tensor1D, variance: tf.mul(variance, count / Math.max(1, count - 1)) }
}

function affine(x: Tensor4D, mean: Tensor, variance: Tensor, scale: Tensor, offset: Tensor): Tensor4D {
  const factor = tf.mul(scale, tf.rsqrt(tf.add(variance, NORM_EPSILON)))
  return tf.add(tf.mul(tf.sub(x, mean), factor), offset)
}

/** Normalises x [N,H,W,C] by given statistics [C]. For inference: it has no fused gradient. */
export function batchNormWith(
  x: Tensor4D,
  scale: Tensor,
  offset: Tensor,
  mean: Tensor,
  variance: Tensor,
): Tensor4D {
  if (!isNative('normalise')) return affine(x, mean, variance, scale, offset)
  return at(
    runOp('FusedBatchNormV3', [x, scale, offset, mean, variance], attributes(false), 6),
    0,
  ) as Tensor4D
}

/**
 * Normalises each picture and channel of x [N,H,W,C] by its own statistics over H and W (Ulyanov et al. 2016, without
 * scale and offset). The same kernel as batch norm, picture by picture.
 * @param slope as for `batchNorm` @param added [N,H,W,C], added to all that: what a residual block ends with
 */
export function instanceNorm(x: Tensor4D, slope = 1, added?: Tensor4D): Tensor4D {
  const [pictures, , , channels] = x.shape
  const ones = tf.ones([channels])
  const zeros = tf.zeros([channels])
  if (isNative('ownNorm')) return normAtOnce(x, ones, zeros, slope, 'picture', added).y
  const norm = (one: Tensor4D): Tensor4D => batchNorm(one, ones, zeros, slope).y
  const y = pictures === 1 ? norm(x) : tf.concat((tf.split(x, pictures) as Tensor4D[]).map(norm), 0)
  return added ? tf.add(added, y) : y
}
