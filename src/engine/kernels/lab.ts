import { tf } from '../backends/tf.ts'
import type { Tensor, Tensor4D } from '../backends/tf.ts'
import { at } from './at.ts'
import { differentiable } from './differentiable.ts'
import {
  CHROMA_RANGE,
  LAB_KNEE,
  LAB_SLOPE,
  RGB_TO_XYZ,
  WHITE,
  XYZ_TO_RGB,
  type Triple,
} from '../imaging/lab.ts'

/**
 * imaging/lab.ts on tensors, differentiable. Colours are [N,H,W,3], greys [N,H,W,1], coded sRGB in [-1,1]; chroma is
 * [N,H,W,2]: a and b of CIE Lab over `CHROMA_RANGE`.
 */

/** Chroma of colours. */
export function chromaOf(colours: Tensor4D): Tensor4D {
  return tf.tidy(() => {
    const xyz = applyMatrix(decode(colours), relativeTo(RGB_TO_XYZ, WHITE))
    const [x, y, z] = tf.split(labCurve(xyz), 3, 3) as [Tensor4D, Tensor4D, Tensor4D]
    const a = tf.mul(tf.sub(x, y), 500 / CHROMA_RANGE)
    const b = tf.mul(tf.sub(y, z), 200 / CHROMA_RANGE)
    return tf.concat([a, b], 3) as Tensor4D
  })
}

/** The grey with the lightness of each colour. */
export function greyOf(colours: Tensor4D): Tensor4D {
  return tf.tidy(() => encode(applyMatrix(decode(colours), [RGB_TO_XYZ[1]])))
}

/** Colours with the lightness of greys and this chroma. What sRGB does not have is clipped, where its gradient is 0. */
export function colourWith(greys: Tensor4D, chroma: Tensor4D): Tensor4D {
  return tf.tidy(() => {
    const luminance = decode(greys)
    const y = labCurve(luminance)
    const [a, b] = tf.split(chroma, 2, 3) as [Tensor4D, Tensor4D]
    const x = labCurveInverse(tf.add(y, tf.mul(a, CHROMA_RANGE / 500)))
    const z = labCurveInverse(tf.sub(y, tf.mul(b, CHROMA_RANGE / 200)))
    const xyz = tf.mul(tf.concat([x, luminance, z], 3), tf.tensor1d([...WHITE]))
    return encode(applyMatrix(xyz as Tensor4D, XYZ_TO_RGB))
  })
}

function relativeTo(matrix: readonly Triple[], white: Triple): Triple[] {
  return matrix.map(([r, g, b], axis) => {
    const over = white[axis] ?? 1
    return [r / over, g / over, b / over]
  })
}

/** x [N,H,W,3] times a matrix of rows: [N,H,W,rows]. */
function applyMatrix(x: Tensor4D, rows: readonly Triple[]): Tensor4D {
  const kernel = tf.transpose(tf.tensor2d(rows.map((row) => [...row])))
  return tf.conv2d(x, tf.reshape(kernel, [1, 1, 3, rows.length]), 1, 'valid')
}

/** A function of every number by itself, in two pieces, each with its slope. */
type Piece = { value(x: Tensor4D): Tensor; slope(x: Tensor4D): Tensor }

/** `low` up to the knee, `high` above it, off the tape: tfjs knows no gradient of comparisons. */
function piecewise(x: Tensor4D, knee: number, low: Piece, high: Piece): Tensor4D {
  return differentiable<Tensor4D>(
    [x],
    () => {
      const isHigh = tf.greater(x, knee)
      const choose = (part: keyof Piece) => tf.where(isHigh, high[part](x), low[part](x)) as Tensor4D
      return { value: choose('value'), saved: [choose('slope')] }
    },
    (dy, saved) => [tf.mul(dy, at(saved, 0))],
  )
}

function line(slope: number, offset: number): Piece {
  return { value: (x) => tf.add(tf.mul(x, slope), offset), slope: (x) => tf.fill(x.shape, slope) }
}

/** factor * (x + shift)^exponent + offset, for x above `least` alone: below it a power may have no value. */
function power(exponent: number, least: number, { factor = 1, shift = 0, offset = 0 } = {}): Piece {
  const base = (x: Tensor4D): Tensor4D => tf.add(tf.maximum(x, least), shift)
  return {
    value: (x) => tf.add(tf.mul(tf.pow(base(x), exponent), factor), offset),
    slope: (x) => tf.mul(tf.pow(base(x), exponent - 1), factor * exponent),
  }
}

/** Coded samples in [-1,1] to linear light in [0,1]. */
function decode(coded: Tensor4D): Tensor4D {
  const unit: Tensor4D = tf.clipByValue(tf.mul(tf.add(coded, 1), 0.5), 0, 1)
  const curve = power(2.4, 0.04045, { factor: 1.055 ** -2.4, shift: 0.055 })
  return piecewise(unit, 0.04045, line(1 / 12.92, 0), curve)
}

/** Linear light, clipped to [0,1], to coded samples in [-1,1]. */
function encode(linear: Tensor4D): Tensor4D {
  const unit = tf.clipByValue(linear, 0, 1)
  const curve = power(1 / 2.4, 0.0031308, { factor: 1.055, offset: -0.055 })
  return tf.sub(tf.mul(piecewise(unit, 0.0031308, line(12.92, 0), curve), 2), 1)
}

function labCurve(t: Tensor4D): Tensor4D {
  return piecewise(t, LAB_KNEE, line(LAB_SLOPE, 4 / 29), power(1 / 3, LAB_KNEE))
}

function labCurveInverse(t: Tensor4D): Tensor4D {
  return piecewise(t, 6 / 29, line(1 / LAB_SLOPE, -4 / 29 / LAB_SLOPE), power(3, 6 / 29))
}
