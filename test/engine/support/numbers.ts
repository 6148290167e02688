import { expect } from 'vitest'
import { randomGaussian } from '../../../src/core/random.ts'
import { tf } from '../../../src/engine/backends/tf.ts'
import type { Tensor } from '../../../src/engine/backends/tf.ts'

/** Seeded standard normal values. */
export function normal<Shape extends readonly number[]>(shape: Shape, seed: number): Tensor {
  const size = shape.reduce((product, side) => product * side, 1)
  return tf.tensor(
    Float32Array.from({ length: size }, (_, index) => randomGaussian(seed, index)),
    [...shape],
  )
}

export function norm(values: ArrayLike<number>): number {
  return Math.sqrt(Array.from(values).reduce((sum, value) => sum + value * value, 0))
}

export function differenceOf(a: ArrayLike<number>, b: ArrayLike<number>): Float64Array {
  expect(a.length).toBe(b.length)
  return Float64Array.from(a, (value, index) => value - (b[index] ?? Number.NaN))
}

export function largest(values: ArrayLike<number>): number {
  return Array.from(values).reduce((most, value) => (Math.abs(value) <= most ? most : Math.abs(value)), 0)
}

/** Runs the same computation on TensorFlow and on the JavaScript fallback. */
export async function onBoth(compute: () => Float32Array[]): Promise<[Float32Array[], Float32Array[]]> {
  const native = tf.tidy(compute)
  await tf.setBackend('cpu')
  try {
    return [native, tf.tidy(compute)]
  } finally {
    await tf.setBackend('tensorflow')
  }
}

/**
 * The law of every kernel: along random directions, the gradient of a weighted sum of the output equals its central
 * difference quotient. Inputs must keep away from kinks by more than `step`.
 */
export function expectTrueGradient(f: (...inputs: Tensor[]) => Tensor, inputs: Tensor[], step = 1e-2): void {
  tf.tidy(() => {
    const probe = normal(f(...inputs).shape, 99)
    const loss = (...at: Tensor[]) => tf.sum(tf.mul(f(...at), probe)).asScalar()
    const gradients = tf.grads(loss)(inputs)
    for (const [index, gradient] of gradients.entries())
      for (let trial = 0; trial < 4; trial += 1) {
        const direction = normal(gradient.shape, 1000 + 10 * index + trial)
        const moved = (by: number) =>
          loss(
            ...inputs.map((input, other) => (other === index ? tf.add(input, tf.mul(direction, by)) : input)),
          ).dataSync()[0] ?? 0
        const quotient = (moved(step) - moved(-step)) / (2 * step)
        const slope = tf.sum(tf.mul(gradient, direction)).dataSync()[0] ?? Number.NaN
        const scale = norm(gradient.dataSync()) * norm(direction.dataSync())
        expect(
          Math.abs(slope - quotient),
          `input ${index}, trial ${trial}: ${slope} against ${quotient}`,
        ).toBeLessThan(5e-3 * scale + 1e-4)
      }
  })
}

/** Losses, step by step, within a share of what is expected of them, or of 1 where that is less. */
export function expectSameLosses(
  found: readonly Record<string, number>[],
  expected: readonly Record<string, number>[],
  tolerance: number,
): void {
  for (const [step, losses] of expected.entries())
    for (const [name, value] of Object.entries(losses))
      expect(Math.abs(found[step]![name]! - value), `${name} in step ${step + 1}`).toBeLessThan(
        tolerance * Math.max(1, Math.abs(value)),
      )
}
