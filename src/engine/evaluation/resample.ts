/** For each place of a shorter or longer axis: where its samples begin, and their weights. */
export type Taps = readonly { from: number; weights: Float64Array }[]

/** The cubic of Keys (1981) with a = -0.5. */
function cubic(distance: number): number {
  const t = Math.abs(distance)
  if (t < 1) return (1.5 * t - 2.5) * t * t + 1
  return t < 2 ? ((-0.5 * t + 2.5) * t - 4) * t + 2 : 0
}

/**
 * Bicubic with antialiasing, as Pillow has it: centres of pixels at one half; for shrinking the cubic is stretched by the
 * factor; what falls over the edge is left out and the rest scaled to one.
 */
export function bicubicTaps(from: number, to: number): Taps {
  const factor = from / to
  const stretch = Math.max(1, factor)
  return Array.from({ length: to }, (_, place) => {
    const centre = (place + 0.5) * factor
    const first = Math.max(0, Math.floor(centre - 2 * stretch + 0.5))
    const end = Math.min(from, Math.floor(centre + 2 * stretch + 0.5))
    const weights = Float64Array.from({ length: end - first }, (_, tap) =>
      cubic((first + tap + 0.5 - centre) / stretch),
    )
    const total = weights.reduce((sum, weight) => sum + weight, 0)
    return { from: first, weights: weights.map((weight) => weight / total) }
  })
}

/**
 * Bilinear as TensorFlow 1 had it, which published FID rests on: place p takes from p * from / to, so that the picture
 * moves by part of a pixel, and nothing is blurred before pixels are left out.
 */
export function bilinearTaps(from: number, to: number): Taps {
  return Array.from({ length: to }, (_, place) => {
    const at = (place * from) / to
    const first = Math.min(Math.floor(at), from - 1)
    const share = at - first
    const isLast = first === from - 1
    return { from: first, weights: isLast ? Float64Array.of(1) : Float64Array.of(1 - share, share) }
  })
}

export type Interleaved = { data: Float32Array; widthPx: number; heightPx: number; channels: number }

/** Resamples a picture of interleaved samples along both axes, its rows first, adding up in float64. */
export function resample(picture: Interleaved, across: Taps, down: Taps): Interleaved {
  const { data, widthPx, heightPx, channels } = picture
  const wide = new Float64Array(heightPx * across.length * channels)
  for (let y = 0; y < heightPx; y += 1)
    resampleRow(data, y * widthPx, across, channels, wide, y * across.length)
  const length = across.length * channels
  const out = new Float32Array(down.length * length)
  const sums = new Float64Array(length)
  for (const [y, { from, weights }] of down.entries()) {
    sums.fill(0)
    for (let tap = 0; tap < weights.length; tap += 1) {
      const weight = weights[tap] as number
      const start = (from + tap) * length
      for (let index = 0; index < length; index += 1)
        sums[index] = (sums[index] as number) + weight * (wide[start + index] as number)
    }
    out.set(sums, y * length)
  }
  return { data: out, widthPx: across.length, heightPx: down.length, channels }
}

function resampleRow(
  data: Float32Array,
  start: number,
  taps: Taps,
  channels: number,
  out: Float64Array,
  to: number,
): void {
  for (let place = 0; place < taps.length; place += 1) {
    const { from, weights } = taps[place] as Taps[number]
    for (let channel = 0; channel < channels; channel += 1) {
      let sum = 0
      for (let tap = 0; tap < weights.length; tap += 1)
        sum += (weights[tap] as number) * (data[(start + from + tap) * channels + channel] as number)
      out[(to + place) * channels + channel] = sum
    }
  }
}
