// What took noise out of pictures before anything was learned: median and bilateral filters, as they are defined.
import type { Plane } from '../src/engine/evaluation/metrics.ts'

/** A square of odd side around a place, cut off at the border. */
function windowOf(at: number, radius: number, length: number): [number, number] {
  return [Math.max(0, at - radius), Math.min(length - 1, at + radius)]
}

/** The middle value of the square of `2 * radius + 1` px around each sample, channel by channel. */
export function medianFilter({ data, widthPx, heightPx, channels }: Plane, radius: number): Plane {
  const out = new Float32Array(data.length)
  const near = new Float32Array((2 * radius + 1) ** 2)
  for (let y = 0; y < heightPx; y += 1)
    for (let x = 0; x < widthPx; x += 1)
      for (let channel = 0; channel < channels; channel += 1) {
        const [top, bottom] = windowOf(y, radius, heightPx)
        const [left, right] = windowOf(x, radius, widthPx)
        let count = 0
        for (let row = top; row <= bottom; row += 1)
          for (let column = left; column <= right; column += 1) {
            near[count] = data[(row * widthPx + column) * channels + channel] as number
            count += 1
          }
        const sorted = near.subarray(0, count).sort()
        out[(y * widthPx + x) * channels + channel] = sorted[count >> 1] as number
      }
  return { data: out, widthPx, heightPx, channels }
}

/**
 * Tomasi and Manduchi 1998: a mean over the neighbourhood in which near and alike pixels count for more; alike by the
 * distance of their colours, all channels together.
 * @param sigmaPx of the Gaussian over places; twice as far is looked at
 * @param sigmaColour of the Gaussian over colours, samples in [0,1]
 */
export function bilateralFilter(plane: Plane, sigmaPx: number, sigmaColour: number): Plane {
  const { data, widthPx, heightPx, channels } = plane
  const radius = Math.ceil(2 * sigmaPx)
  const side = 2 * radius + 1
  const byPlace = Float64Array.from(
    { length: side ** 2 },
    (_, index) =>
      -(((index % side) - radius) ** 2 + (Math.floor(index / side) - radius) ** 2) / (2 * sigmaPx ** 2),
  )
  const out = new Float32Array(data.length)
  const sums = new Float64Array(channels)
  for (let y = 0; y < heightPx; y += 1)
    for (let x = 0; x < widthPx; x += 1) {
      const here = (y * widthPx + x) * channels
      const [top, bottom] = windowOf(y, radius, heightPx)
      const [left, right] = windowOf(x, radius, widthPx)
      let total = 0
      sums.fill(0)
      for (let row = top; row <= bottom; row += 1)
        for (let column = left; column <= right; column += 1) {
          const there = (row * widthPx + column) * channels
          let distance = 0
          for (let channel = 0; channel < channels; channel += 1)
            distance += ((data[there + channel] as number) - (data[here + channel] as number)) ** 2
          const place = byPlace[(row - y + radius) * side + column - x + radius] as number
          const weight = Math.exp(place - distance / (2 * sigmaColour ** 2))
          total += weight
          for (let channel = 0; channel < channels; channel += 1)
            sums[channel] = (sums[channel] as number) + weight * (data[there + channel] as number)
        }
      for (let channel = 0; channel < channels; channel += 1)
        out[here + channel] = (sums[channel] as number) / total
    }
  return { data: out, widthPx, heightPx, channels }
}
