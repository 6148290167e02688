import type { Plane } from '../../evaluation/metrics.ts'

/** A filter's weight by distance, in pixels of the coarser of both pictures; nothing further away than `radiusPx`. */
export type Kernel = { radiusPx: number; weight: (distance: number) => number }

/** Catmull-Rom, a = -0.5 (Keys 1981, equation 15). */
function cubicWeight(distance: number): number {
  const x = Math.abs(distance)
  if (x < 1) return (1.5 * x - 2.5) * x * x + 1
  return x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0
}

export const kernels = {
  bicubic: { radiusPx: 2, weight: cubicWeight },
  bilinear: { radiusPx: 1, weight: (distance) => Math.max(0, 1 - Math.abs(distance)) },
  area: { radiusPx: 0.5, weight: (distance) => (distance > -0.5 && distance <= 0.5 ? 1 : 0) },
} as const satisfies Record<string, Kernel>

/** Three sigmas wide, which leaves out 0.3% of it. */
export function gaussianKernel(sigmaPx: number): Kernel {
  const radiusPx = 3 * sigmaPx
  return {
    radiusPx,
    weight: (distance) =>
      Math.abs(distance) <= radiusPx ? Math.exp(-(distance ** 2) / (2 * sigmaPx ** 2)) : 0,
  }
}

/** For every place of the result: where its samples begin in the source, and their weights, `width` a place, summing to 1. */
type Taps = { length: number; starts: Int32Array; weights: Float32Array; width: number }

/**
 * Place i of the result has its centre at (i + 0.5) * scale of the source. Shrinking widens the kernel by the scale, so
 * that nothing aliases; where it reaches over the border, the weights that are left are normalised.
 */
function tapsOf(from: number, length: number, scale: number, kernel: Kernel): Taps {
  const stretch = Math.max(1, scale)
  const reach = kernel.radiusPx * stretch
  const width = Math.min(from, 2 * Math.ceil(reach) + 1)
  const starts = new Int32Array(length)
  const weights = new Float32Array(length * width)
  for (let place = 0; place < length; place += 1) {
    const centre = (place + 0.5) * scale
    const start = Math.min(Math.max(0, Math.floor(centre - reach)), from - width)
    const own = Array.from({ length: width }, (_, tap) =>
      kernel.weight((start + tap + 0.5 - centre) / stretch),
    )
    const total = own.reduce((sum, weight) => sum + weight, 0)
    starts[place] = start
    weights.set(
      own.map((weight) => weight / total),
      place * width,
    )
  }
  return { length, starts, weights, width }
}

function resampleRows({ data, widthPx, heightPx, channels }: Plane, taps: Taps): Plane {
  const { length, starts, weights, width } = taps
  const out = new Float32Array(length * heightPx * channels)
  let to = 0
  for (let y = 0; y < heightPx; y += 1)
    for (let place = 0; place < length; place += 1) {
      const first = (y * widthPx + (starts[place] as number)) * channels
      const weightsAt = place * width
      for (let channel = 0; channel < channels; channel += 1) {
        let sum = 0
        let from = first + channel
        for (let tap = 0; tap < width; tap += 1) {
          sum += (weights[weightsAt + tap] as number) * (data[from] as number)
          from += channels
        }
        out[to] = sum
        to += 1
      }
    }
  return { data: out, widthPx: length, heightPx, channels }
}

function resampleColumns({ data, widthPx, channels }: Plane, taps: Taps): Plane {
  const { length, starts, weights, width } = taps
  const row = widthPx * channels
  const out = new Float32Array(length * row)
  for (let place = 0; place < length; place += 1) {
    const target = out.subarray(place * row, (place + 1) * row)
    for (let tap = 0; tap < width; tap += 1) {
      const weight = weights[place * width + tap] as number
      if (weight === 0) continue
      const from = ((starts[place] as number) + tap) * row
      for (let x = 0; x < row; x += 1) target[x] = (target[x] as number) + weight * (data[from + x] as number)
    }
  }
  return { data: out, widthPx, heightPx: length, channels }
}

/** The picture at another size, aligned and antialiased. Where it fits, the result is what PIL and PyTorch (antialias) make. */
export function resample(plane: Plane, widthPx: number, heightPx: number, kernel: Kernel): Plane {
  const rows = tapsOf(plane.widthPx, widthPx, plane.widthPx / widthPx, kernel)
  const columns = tapsOf(plane.heightPx, heightPx, plane.heightPx / heightPx, kernel)
  return resampleColumns(resampleRows(plane, rows), columns)
}

/** Gaussian blur; at the border the weights that are left are normalised. */
export function blur(plane: Plane, sigmaPx: number): Plane {
  if (sigmaPx < 0.1) return plane
  return resample(plane, plane.widthPx, plane.heightPx, gaussianKernel(sigmaPx))
}
