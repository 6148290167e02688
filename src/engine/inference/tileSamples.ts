import { isNative, nativeBackend } from '../backends/binding.ts'
import type { Binding } from '../backends/binding.ts'
import type { Tensor } from '../backends/tf.ts'
import { largestSample, type Picture, type Samples } from '../imaging/picture.ts'
import { mirrorIndex } from '../kernels/mirrorIndex.ts'

/** The range of values that a network takes or gives. */
export type Space = { low: number; high: number }
export type Rectangle = { left: number; top: number; widthPx: number; heightPx: number }

/** The addon, where it does these passes over every sample; each has a twin here. */
function native(): Binding | null {
  return isNative('ownSamples') ? nativeBackend().binding : null
}

/** A rectangle of the picture, mirrored beyond its right and lower edge, in the network's range: [heightPx,widthPx,C], into `tile`. */
export function readTile(picture: Picture, rectangle: Rectangle, space: Space, tile: Float32Array): void {
  const { data, widthPx, heightPx, channels, bitDepth } = picture
  const { left, top, widthPx: wide, heightPx: tall } = rectangle
  const { low } = space
  const factor = (space.high - low) / largestSample(bitDepth)
  const addon = native()
  if (addon) {
    addon.readTile(data, [widthPx, heightPx, channels, left, top, wide, tall], low, factor, tile)
    return
  }
  const inside = Math.min(wide, widthPx - left)
  const beyond = Array.from({ length: wide - inside }, (_, x) => mirrorIndex(left + inside + x, widthPx))
  let to = 0
  for (let y = 0; y < tall; y += 1) {
    const row = mirrorIndex(top + y, heightPx) * widthPx * channels
    const end = row + (left + inside) * channels
    for (let from = row + left * channels; from < end; from += 1, to += 1)
      tile[to] = low + (data[from] as number) * factor
    for (const x of beyond)
      for (let from = row + x * channels; from < row + (x + 1) * channels; from += 1, to += 1)
        tile[to] = low + (data[from] as number) * factor
  }
}

/** Where a tile lies in the rows that it is blended into, in samples. */
export type Blending = {
  /** Samples of each of `rows` rows of the tile that lie in the picture; the rows themselves are `tileRow` long. */
  samples: number
  rows: number
  tileRow: number
  /** Of the band: where the tile begins, and how long its rows are. */
  left: number
  bandRow: number
}

/**
 * Adds a tile's values, each times the share of its column (of each sample) and of its row.
 * @returns whether those that have a share are finite
 */
export function blendTile(
  made: Tensor,
  shareX: Float32Array,
  shareY: Float32Array,
  { samples, rows, tileRow, left, bandRow }: Blending,
  band: Float32Array,
): boolean {
  const addon = native()
  if (addon) {
    const [id] = nativeBackend().getInputTensorIds([made])
    return addon.blendTile(id as number, shareX, shareY, [samples, rows, tileRow, left, bandRow], band)
  }
  const values = made.dataSync<'float32'>()
  let sum = 0
  for (let y = 0; y < rows; y += 1) {
    const share = shareY[y] as number
    if (share === 0) continue
    const from = y * tileRow
    const to = y * bandRow + left
    for (let at = 0; at < samples; at += 1) {
      const value = values[from + at] as number
      band[to + at] = (band[to + at] as number) + share * (shareX[at] as number) * value
      sum += value
    }
  }
  // In double precision a sum of float32 is finite only if all its terms are.
  return Number.isFinite(sum)
}

/** Rounds values of the network's range to samples, from `at` on; what lies outside is clipped. */
export function roundSamples(values: Float32Array, space: Space, out: Samples, at: number): void {
  const { low } = space
  const top = largestSample(out instanceof Uint16Array ? 16 : 8)
  const factor = top / (space.high - low)
  const addon = native()
  if (addon) {
    addon.roundSamples(values, low, factor, out, at)
    return
  }
  for (let index = 0; index < values.length; index += 1) {
    const value = ((values[index] as number) - low) * factor
    // Typed arrays cut off what is behind the point.
    out[at + index] = value <= 0 ? 0 : value >= top ? top : value + 0.5
  }
}
