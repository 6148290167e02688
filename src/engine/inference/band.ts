import type { Tensor } from '../backends/tf.ts'
import { blendTile } from './tileSamples.ts'
import type { TilePlan } from './tiles.ts'

type Sides = { widthPx: number; heightPx: number; scale: number; channels: number }

/** Every value `times` times. */
function repeatEach(values: Float32Array, times: number): Float32Array {
  return Float32Array.from(
    { length: values.length * times },
    (_, at) => values[Math.floor(at / times)] as number,
  )
}

/**
 * The rows of the result that tiles are still being blended into. `take` is told the finished ones: their values in the
 * network's range, and how many came before.
 * @param picture what the tiles are of, before it is enlarged by `scale`
 */
export function createBand(picture: Sides, plan: TilePlan, take: (values: Float32Array, at: number) => void) {
  const { scale, channels } = picture
  const widthPx = picture.widthPx * scale
  const heightPx = picture.heightPx * scale
  const bandRow = widthPx * channels
  const tileRow = plan.x.tilePx * scale * channels
  const band = new Float32Array(plan.y.tilePx * scale * bandRow)
  const sharesX = plan.x.shares.map((shares) => repeatEach(shares, scale * channels))
  const sharesY = plan.y.shares.map((shares) => repeatEach(shares, scale))
  return {
    /** @returns whether the tile's values are finite */
    blend(made: Tensor, column: number, row: number): boolean {
      const left = (plan.x.starts[column] as number) * scale * channels
      const samples = Math.min(tileRow, bandRow - left)
      const rows = Math.min(plan.y.tilePx * scale, heightPx - (plan.y.starts[row] as number) * scale)
      const shareX = sharesX[column] as Float32Array
      const shareY = sharesY[row] as Float32Array
      return blendTile(made, shareX, shareY, { samples, rows, tileRow, left, bandRow }, band)
    },
    /** Hands over the rows that no later tile touches, and moves the others up. */
    finishRow(row: number): void {
      const start = (plan.y.starts[row] as number) * scale
      const next = plan.y.starts[row + 1]
      const end = next === undefined ? heightPx : Math.min(heightPx, next * scale)
      const length = (end - start) * bandRow
      take(band.subarray(0, length), start * bandRow)
      band.copyWithin(0, length)
      band.fill(0, band.length - length)
    },
  }
}
