import { randomInteger, randomUniform } from '../../core/random.ts'
import { tf } from '../backends/tf.ts'
import type { Tensor, Tensor3D, Tensor4D } from '../backends/tf.ts'

/** How each picture of a batch is changed: factors [N,1,1,1]; which row and column is put where, [N,H,H] and [N,W,W]; 0 where it is covered, [N,H,W,1]. */
export type AugmentFeeds = {
  brightness: Tensor
  saturation: Tensor
  contrast: Tensor
  rows: Tensor3D
  columns: Tensor3D
  cover: Tensor4D
}

// Names of the draws, as counters.
const [BRIGHTNESS, SATURATION, CONTRAST, DOWN, RIGHT, COVER_TOP, COVER_LEFT] = [1, 2, 3, 4, 5, 6, 7]
const MOST_SHIFT = 1 / 8
const COVERED = 1 / 2

/**
 * Draws how the pictures of a batch are changed (Zhao et al. 2020, Differentiable Augmentation for Data-Efficient GAN Training, policy
 * "color, translation, cutout"): a function of (seed, step, picture).
 */
export function drawAugment(count: number, sidePx: number, seed: number, step: number): AugmentFeeds {
  const pictures = Array.from({ length: count }, (_, index) => index)
  const factors = (draw: number, low: number, high: number) =>
    tf.tensor4d(
      pictures.map((index) => low + (high - low) * randomUniform(seed, draw, step, index)),
      [count, 1, 1, 1],
    )
  const shifts = (draw: number) => {
    const most = Math.floor(sidePx * MOST_SHIFT + 0.5)
    return tf.tensor3d(
      pictures.flatMap((index) =>
        shiftMatrix(sidePx, randomInteger(2 * most + 1, seed, draw, step, index) - most),
      ),
      [count, sidePx, sidePx],
    )
  }
  const covers = pictures.flatMap((index) => {
    const at = (draw: number) => randomInteger(sidePx + 1, seed, draw, step, index) - (sidePx * COVERED) / 2
    return coverMask(sidePx, at(COVER_TOP), at(COVER_LEFT))
  })
  return {
    brightness: factors(BRIGHTNESS, -0.5, 0.5),
    saturation: factors(SATURATION, 0, 2),
    contrast: factors(CONTRAST, 0.5, 1.5),
    rows: shifts(DOWN),
    columns: shifts(RIGHT),
    cover: tf.tensor4d(covers, [count, sidePx, sidePx, 1]),
  }
}

/** Takes row `i - by` to row i; what comes from outside is 0. */
function shiftMatrix(side: number, by: number): number[] {
  const matrix = new Array<number>(side * side).fill(0)
  for (let row = Math.max(0, by); row < Math.min(side, side + by); row += 1) matrix[row * side + row - by] = 1
  return matrix
}

function coverMask(side: number, top: number, left: number): number[] {
  const isIn = (place: number, from: number) => place >= from && place < from + side * COVERED
  return Array.from({ length: side * side }, (_, place) =>
    isIn(Math.floor(place / side), top) && isIn(place % side, left) ? 0 : 1,
  )
}

/** x [N,H,W,C] in [-1,1], brighter or darker, with more or less colour and contrast. */
export function changeColours(x: Tensor4D, { brightness, saturation, contrast }: AugmentFeeds): Tensor4D {
  let y: Tensor4D = tf.add(x, brightness)
  if (x.shape[3] === 3) y = awayFrom(y, tf.mean(y, 3, true), saturation)
  return awayFrom(y, tf.mean(y, [1, 2, 3], true), contrast)
}

function awayFrom(x: Tensor4D, mean: Tensor, factor: Tensor): Tensor4D {
  return tf.add(tf.mul(tf.sub(x, mean), factor), mean)
}

/** x [N,H,W,C], H = W as drawn, shifted and partly covered. Products of matrices, so that gradients have gradients. */
export function changePlaces(x: Tensor4D, { rows, columns, cover }: AugmentFeeds): Tensor4D {
  const [count, height, width, channels] = x.shape
  const shiftedDown = tf.matMul(rows, tf.reshape(x, [count, height, width * channels]))
  const turned = tf.transpose(tf.reshape(shiftedDown, [count, height, width, channels]), [0, 2, 1, 3])
  const shifted = tf.matMul(columns, tf.reshape(turned, [count, width, height * channels]))
  const back = tf.transpose(tf.reshape(shifted, [count, width, height, channels]), [0, 2, 1, 3])
  return tf.mul(back, cover)
}
