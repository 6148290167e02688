import { tf } from '../backends/tf.ts'
import type { Tensor4D } from '../backends/tf.ts'
import { pixelShuffle } from './pixelShuffle.ts'
import { repeatEdge } from './repeatEdge.ts'

/** Pixels that a made one sees on each side of the one it lies in. */
export const BICUBIC_REACH = 2

/**
 * Enlarges x [N,H,W,C] `scale` times: Keys's cubic (1981) with a = -0.5, "Catmull-Rom", which most programs call bicubic.
 * Pixel centres lie at one half, so that the picture stays where it is (sharp's own enlarging moves it by part of a
 * pixel); beyond the edge its outermost pixels are repeated. One convolution with a fixed kernel, whose channels are
 * dealt out.
 */
export function enlargeBicubic(x: Tensor4D, scale: number): Tensor4D {
  if (scale === 1) return x
  return tf.tidy(() => {
    const padded = repeatEdge(x, BICUBIC_REACH)
    return pixelShuffle(tf.conv2d(padded, kernelFor(x.shape[3], scale), 1, 'valid'), scale)
  })
}

/** The cubic's weight at a distance in pixels. */
function cubic(distance: number): number {
  const t = Math.abs(distance)
  if (t < 1) return 1.5 * t ** 3 - 2.5 * t ** 2 + 1
  return t < 2 ? -0.5 * t ** 3 + 2.5 * t ** 2 - 4 * t + 2 : 0
}

/** Weights of the five pixels around one, for each of the `scale` places in it: [scale][5]. */
function tapsOf(scale: number): number[][] {
  return Array.from({ length: scale }, (_, place) => {
    const centre = (place + 0.5) / scale - 0.5
    return Array.from({ length: 2 * BICUBIC_REACH + 1 }, (_, tap) => cubic(tap - BICUBIC_REACH - centre))
  })
}

/** [5, 5, C, scale^2 * C], in the order of `pixelShuffle`. */
function kernelFor(channels: number, scale: number): Tensor4D {
  const size = 2 * BICUBIC_REACH + 1
  const outputs = scale ** 2 * channels
  const taps = tapsOf(scale)
  const values = new Float32Array(size * size * channels * outputs)
  for (let y = 0; y < size; y += 1)
    for (let x = 0; x < size; x += 1)
      for (let channel = 0; channel < channels; channel += 1)
        for (let place = 0; place < scale ** 2; place += 1) {
          const row = taps[Math.floor(place / scale)]?.[y] ?? 0
          const column = taps[place % scale]?.[x] ?? 0
          const to = ((y * size + x) * channels + channel) * outputs + place * channels + channel
          values[to] = row * column
        }
  return tf.tensor4d(values, [size, size, channels, outputs])
}
