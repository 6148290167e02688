import { assertSameShape, type Plane } from './metrics.ts'
import { structureOf } from './structure.ts'

/** Sides must be longer than this, in px: the window of 11 has to fit after four halvings. */
export const MS_SSIM_SHORT_SIDE_PX = 160

/** Exponents of the five scales, finest first (Wang, Simoncelli, Bovik 2003). */
const EXPONENTS = [0.0448, 0.2856, 0.3001, 0.2363, 0.1333] as const

/**
 * Multi-scale structural similarity (Wang, Simoncelli, Bovik 2003) as the package pytorch-msssim computes it: each scale
 * half the one before by means of 2 x 2 (odd sides get a border of zeros), negative terms counted as zero, the mean over
 * channels of the products over scales. Pictures with a side of 160 px or less give NaN.
 */
export function multiScaleSimilarity(a: Plane, b: Plane): number {
  assertSameShape(a, b)
  if (Math.min(a.widthPx, a.heightPx) <= MS_SSIM_SHORT_SIDE_PX) return NaN
  const products = new Float64Array(a.channels).fill(1)
  let pair = [a, b] as const
  for (const [scale, exponent] of EXPONENTS.entries()) {
    const isLast = scale === EXPONENTS.length - 1
    const { similarity, contrast } = structureOf(...pair)
    const terms = isLast ? similarity : contrast
    for (const [channel, term] of terms.entries())
      products[channel] = (products[channel] as number) * Math.max(0, term) ** exponent
    if (!isLast) pair = [halved(pair[0]), halved(pair[1])]
  }
  return products.reduce((sum, product) => sum + product, 0) / a.channels
}

/** Means of 2 x 2 pixels; a side of odd length first gets a zero at both ends. */
function halved({ data, widthPx, heightPx, channels }: Plane): Plane {
  const [padX, padY] = [widthPx % 2, heightPx % 2]
  const [width, height] = [(widthPx + padX) / 2, (heightPx + padY) / 2]
  const out = new Float32Array(width * height * channels)
  for (let y = 0; y < heightPx; y += 1) {
    const to = ((y + padY) >> 1) * width
    for (let x = 0; x < widthPx; x += 1) {
      const target = (to + ((x + padX) >> 1)) * channels
      const source = (y * widthPx + x) * channels
      for (let channel = 0; channel < channels; channel += 1)
        out[target + channel] = (out[target + channel] as number) + (data[source + channel] as number) / 4
    }
  }
  return { data: out, widthPx: width, heightPx: height, channels }
}
