import { expect } from 'vitest'
import type { Pictures, Trainer } from '../../../src/engine/recipes/trainer.ts'
import { pick } from './fixtures.ts'
import type { Fixture } from './fixtures.ts'
import { differenceOf, norm } from './numbers.ts'

type Fixtures = ReadonlyMap<string, Fixture>

/** Puts PyTorch's state before a step into a trainer; what the fixture lacks is 0, if `mayLack` says that it may. */
export function enter(
  into: Trainer,
  fixtures: Fixtures,
  step: number,
  mayLack: (name: string) => boolean = () => false,
): void {
  into.loadState(
    into.state().map(({ name, shape, data }) => {
      const saved = fixtures.get(`step${step}/${name}`)
      const isNew = step === 1 && name.includes('.adam.')
      if (!saved) expect(isNew || mayLack(name), `${name} in step ${step}`).toBe(true)
      return { name, shape: saved?.shape ?? shape, data: () => saved?.data ?? data().fill(0) }
    }),
  )
}

/** The batch of a step. */
export function batchOf(fixtures: Fixtures, step: number): { realA: Pictures; realB: Pictures } {
  const side = (name: string): Pictures => {
    const { shape, data } = pick(fixtures, `step${step}/${name}`)
    return { shape: shape as unknown as Pictures['shape'], data }
  }
  return { realA: side('realA'), realB: side('realB') }
}

export function valuesOf(from: Trainer): Map<string, Float32Array> {
  return new Map(from.state().map(({ name, data }) => [name, data()]))
}

/** Relative to the greater: 1e-4 as issued. */
export function expectLosses(
  found: Readonly<Record<string, number>>,
  expected: Readonly<Record<string, number>>,
): void {
  expect(Object.keys(found).toSorted()).toEqual(Object.keys(expected).toSorted())
  for (const [name, value] of Object.entries(expected))
    expect(Math.abs(found[name]! / value - 1), name).toBeLessThan(1e-4)
}

/**
 * Compares gradients by norm (1e-3). Adam's first moment tells the gradient that it was given:
 * m' = beta1 m + (1 - beta1) gradient. `isCancelled` names parameters whose gradient is rounding noise.
 */
export function expectGradients(
  fixtures: Fixtures,
  step: number,
  beta1: number,
  states: { before: ReadonlyMap<string, Float32Array>; after: ReadonlyMap<string, Float32Array> },
  isCancelled: (name: string) => boolean,
): void {
  const compared = [...fixtures.keys()]
    .filter((name) => name.startsWith(`step${step}/`) && name.includes('.gradient/'))
    .map((name) => name.slice(`step${step}/`.length))
    .filter((name) => !isCancelled(name.replace('.gradient', '')))
  const learned = [...states.after.keys()].filter((name) => name.includes('.adam.m/'))
  expect(new Set(compared).size).toBe(
    learned.filter((name) => !isCancelled(name.replace('.adam.m', ''))).length,
  )
  for (const name of compared) {
    const { data } = pick(fixtures, `step${step}/${name}`)
    const slot = name.replace('.gradient', '.adam.m')
    const seen = pick(states.after, slot).map(
      (value, index) => (value - beta1 * pick(states.before, slot)[index]!) / (1 - beta1),
    )
    expect(norm(differenceOf(seen, data)) / norm(data), name).toBeLessThan(1e-3)
  }
}
