import type { Plane } from './metrics.ts'

/**
 * The yardstick of every paired model: the affine map of colours, out = M * in + t, that turns A into B with the least
 * mean absolute error a per-pixel linear map can reach. A network that does not beat it has learned nothing about places.
 */
export type LinearMap = {
  inputs: number
  outputs: number
  /** Row per output: inputs weights, then the offset. */ rows: number[][]
}

/** Solves the symmetric positive definite system in place by Cholesky; a small ridge keeps constant channels solvable. */
function solve(matrix: Float64Array, right: Float64Array, size: number): number[] {
  const at = (row: number, column: number) => matrix[row * size + column] as number
  for (let j = 0; j < size; j += 1) {
    for (let k = 0; k < j; k += 1) matrix[j * size + j] = at(j, j) - at(j, k) ** 2
    matrix[j * size + j] = Math.sqrt(at(j, j))
    for (let i = j + 1; i < size; i += 1) {
      for (let k = 0; k < j; k += 1) matrix[i * size + j] = at(i, j) - at(i, k) * at(j, k)
      matrix[i * size + j] = at(i, j) / at(j, j)
    }
  }
  const x = Array.from(right)
  for (let i = 0; i < size; i += 1) {
    for (let k = 0; k < i; k += 1) x[i] = (x[i] as number) - at(i, k) * (x[k] as number)
    x[i] = (x[i] as number) / at(i, i)
  }
  for (let i = size - 1; i >= 0; i -= 1) {
    for (let k = i + 1; k < size; k += 1) x[i] = (x[i] as number) - at(k, i) * (x[k] as number)
    x[i] = (x[i] as number) / at(i, i)
  }
  return x
}

/** Features and targets of sampled pixels: `features` rows of inputs + 1 (the last is 1). */
type Samples = {
  features: Float64Array
  targets: Float64Array
  count: number
  inputs: number
  outputs: number
}

function predict(row: readonly number[], features: Float64Array, offset: number, size: number): number {
  let sum = 0
  for (let k = 0; k < size; k += 1) sum += (row[k] as number) * (features[offset + k] as number)
  return sum
}

/** Weighted least squares for one output; `weights` 1 everywhere gives ordinary least squares. */
function fitRow(samples: Samples, output: number, weights: Float64Array): number[] {
  const size = samples.inputs + 1
  const matrix = new Float64Array(size * size)
  const right = new Float64Array(size)
  for (let n = 0; n < samples.count; n += 1) {
    const weight = weights[n] as number
    const target = samples.targets[n * samples.outputs + output] as number
    for (let i = 0; i < size; i += 1) {
      const scaled = weight * (samples.features[n * size + i] as number)
      right[i] = (right[i] as number) + scaled * target
      for (let j = 0; j <= i; j += 1)
        matrix[i * size + j] =
          (matrix[i * size + j] as number) + scaled * (samples.features[n * size + j] as number)
    }
  }
  const ridge = 1e-9 * samples.count
  for (let i = 0; i < size; i += 1) matrix[i * size + i] = (matrix[i * size + i] as number) + ridge
  return solve(matrix, right, size)
}

function sample(pairs: readonly { a: Plane; b: Plane }[], everyNth: number): Samples {
  const inputs = pairs[0]?.a.channels ?? 1
  const outputs = pairs[0]?.b.channels ?? 1
  const features: number[] = []
  const targets: number[] = []
  for (const { a, b } of pairs)
    for (let pixel = 0; pixel < a.widthPx * a.heightPx; pixel += everyNth) {
      for (let k = 0; k < inputs; k += 1) features.push(a.data[pixel * inputs + k] as number)
      features.push(1)
      for (let k = 0; k < outputs; k += 1) targets.push(b.data[pixel * outputs + k] as number)
    }
  const count = targets.length / outputs
  return {
    features: Float64Array.from(features),
    targets: Float64Array.from(targets),
    count,
    inputs,
    outputs,
  }
}

/**
 * Least absolute deviations by iteratively reweighted least squares (Schlossmacher 1973), from ordinary least squares.
 * @param pairs training pairs of equal sizes, samples in [0,1]
 */
export function fitLinearMap(
  pairs: readonly { a: Plane; b: Plane }[],
  everyNth = 5,
  iterations = 25,
): LinearMap {
  const samples = sample(pairs, everyNth)
  const size = samples.inputs + 1
  const rows = Array.from({ length: samples.outputs }, (_, output) => {
    const weights = new Float64Array(samples.count).fill(1)
    let row = fitRow(samples, output, weights)
    for (let round = 0; round < iterations; round += 1) {
      for (let n = 0; n < samples.count; n += 1) {
        const target = samples.targets[n * samples.outputs + output] as number
        weights[n] = 1 / Math.max(1e-4, Math.abs(target - predict(row, samples.features, n * size, size)))
      }
      row = fitRow(samples, output, weights)
    }
    return row
  })
  return { inputs: samples.inputs, outputs: samples.outputs, rows }
}

/** Applies the map to every pixel; results are clipped to [0,1]. */
export function applyLinearMap(map: LinearMap, a: Plane): Plane {
  const data = new Float32Array(a.widthPx * a.heightPx * map.outputs)
  for (let pixel = 0; pixel < a.widthPx * a.heightPx; pixel += 1)
    for (let output = 0; output < map.outputs; output += 1) {
      const row = map.rows[output] as number[]
      let sum = row[map.inputs] as number
      for (let k = 0; k < map.inputs; k += 1)
        sum += (row[k] as number) * (a.data[pixel * map.inputs + k] as number)
      data[pixel * map.outputs + output] = Math.min(1, Math.max(0, sum))
    }
  return { data, widthPx: a.widthPx, heightPx: a.heightPx, channels: map.outputs }
}
