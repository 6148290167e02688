import { expect, test } from 'vitest'
import {
  checkerboardOf,
  coverage,
  meanDifference,
  newHealth,
  notices,
  observeGallery,
  observeLosses,
  observeValidation,
  type Glances,
} from '../../../src/core/training/health.ts'
import { recipes } from '../../../src/core/recipes/index.ts'
import { randomGaussian, randomInteger, randomUniform } from '../../../src/core/random.ts'

/** Feeds losses step by step and returns the codes of what was told. */
function tellLosses(losses: readonly number[]): string[] {
  let state = newHealth
  return losses.flatMap((loss) => {
    const observed = observeLosses(state, { D_real: loss, D_fake: loss, G_GAN: 0 })
    state = observed.state
    return observed.findings.map(({ code }) => code)
  })
}

function tellValidations(errors: readonly number[]): string[] {
  let state = newHealth
  return errors.flatMap((l1, index) => {
    const observed = observeValidation(state, index, l1)
    state = observed.state
    return observed.findings.map(({ code }) => `${code} ${index}`)
  })
}

const times = (count: number, value: number) => Array<number>(count).fill(value)

test('a judge that wins for long is told once, and again after it has lost', () => {
  expect(tellLosses(times(2000, 0.69))).toEqual([])
  expect(tellLosses([...times(100, 0.69), ...times(150, 0.001), ...times(500, 0.69)])).toEqual([])
  expect(tellLosses(times(5000, 0.001))).toEqual(['judge-wins'])
  expect(tellLosses([...times(600, 0.001), ...times(600, 0.69), ...times(600, 0.001)])).toEqual([
    'judge-wins',
    'judge-wins',
  ])
})

test('held-out pictures that get worse are told once until they are better than ever', () => {
  expect(tellValidations([0.3, 0.2, 0.15, 0.14, 0.13])).toEqual([])
  expect(tellValidations([0.3, 0.1, 0.12, 0.13, 0.14, 0.15, 0.16])).toEqual(['overfitting 4'])
  expect(tellValidations([0.3, 0.1, 0.12, 0.13, 0.14, 0.09, 0.12, 0.13, 0.14])).toEqual([
    'overfitting 4',
    'overfitting 8',
  ])
})

test('a plateau is told once', () => {
  expect(tellValidations([0.3, 0.2, 0.1999, 0.2001, 0.1998, 0.2, 0.1999, 0.2])).toEqual(['plateau 6'])
})

const SIDE = 16

/** A soft blob at a place of its own, of a brightness of its own. */
function blob(seed: number): Float32Array {
  const [x, y] = [randomUniform(seed, 1) * SIDE, randomUniform(seed, 2) * SIDE]
  const level = 0.4 + 0.6 * randomUniform(seed, 3)
  return Float32Array.from({ length: SIDE * SIDE }, (_, at) => {
    const distance = ((at % SIDE) - x) ** 2 + (Math.floor(at / SIDE) - y) ** 2
    return -0.8 + 1.6 * level * Math.exp(-distance / 12) + 0.01 * randomGaussian(seed, 4, at)
  })
}
const blobs = (count: number, from = 1) => Array.from({ length: count }, (_, index) => blob(from + index))

/** What is told of a few galleries in a row that all look like this. */
function tellGalleries(glances: Partial<Glances>, times = 4): string[] {
  const whole: Glances = {
    sidePx: SIDE,
    given: [],
    made: blobs(20, 100),
    truth: blobs(20),
    labels: [],
    isPaired: false,
    ...glances,
  }
  let state = newHealth
  return Array.from({ length: times }).flatMap(() => {
    const observed = observeGallery(state, whole)
    state = observed.state
    return observed.findings.map(({ code }) => code)
  })
}

test('the same picture for every input is told', () => {
  const different = [Float32Array.of(0, 1), Float32Array.of(1, 0), Float32Array.of(0, 0)]
  expect(meanDifference(different)).toBeCloseTo(0.75)
  const same = Array.from({ length: 20 }, () => blob(7))
  expect(tellGalleries({ made: same })).toEqual(['collapse'])
  expect(tellGalleries({ made: blobs(20, 100) })).toEqual([])
  // Where the true pictures do not differ either, nothing is missing.
  expect(tellGalleries({ made: same, truth: same })).toEqual([])
})

test('a few kinds made again and again are told, once they were seen in three galleries', () => {
  const few = Array.from({ length: 20 }, (_, index) =>
    blob(1 + (index % 2)).map((value, at) => value + 0.02 * randomGaussian(index, at)),
  )
  expect(coverage(blobs(20, 100), blobs(20))).toBeGreaterThan(0.35)
  expect(coverage(few, blobs(20))).toBeLessThan(0.15)
  expect(tellGalleries({ made: few })).toEqual(['mode-dropping'])
  expect(tellGalleries({ made: few }, 2)).toEqual([])
})

test('a class of which always the same is made is told, whatever the others are', () => {
  const labels = Array.from({ length: 20 }, (_, index) => index % 4)
  const made = blobs(20, 100).map((one, index) => (labels[index] === 2 ? blob(7) : one))
  expect(tellGalleries({ made, labels })).toEqual(['class-collapse'])
  expect(tellGalleries({ labels })).toEqual([])
})

test('light and dark that have changed places are told, against the truth or against what was given', () => {
  const truth = blobs(6)
  const negative = truth.map((one) => one.map((value) => -value))
  expect(tellGalleries({ made: negative, truth, isPaired: true })).toEqual(['inverted'])
  expect(tellGalleries({ made: negative, truth: blobs(6, 50), given: truth })).toEqual(['inverted'])
  expect(tellGalleries({ made: truth, truth, isPaired: true })).toEqual([])
})

test('a pattern of single pixels is told where the true pictures have none', () => {
  const checkered = blobs(6).map((one) =>
    one.map((value, at) => value + 0.2 * ((at + Math.floor(at / SIDE)) % 2 === 0 ? 1 : -1)),
  )
  expect(checkerboardOf(checkered, SIDE)).toBeGreaterThan(0.19)
  expect(tellGalleries({ made: checkered, truth: blobs(6), isPaired: true })).toEqual(['checkerboard'])
  expect(tellGalleries({ made: checkered, truth: checkered, isPaired: true })).toEqual([])
})

test('a judge that only ever guesses is told, one that is near guessing and moves is not', () => {
  expect(tellLosses(times(2000, Math.LN2))).toEqual(['judge-dead'])
  const lively = Array.from({ length: 3000 }, (_, step) => 0.69 + 0.05 * Math.sin(step / 3))
  expect(tellLosses(lively)).toEqual([])
})

test('losses that grow to several times what they were are told', () => {
  const tell = (losses: readonly number[]) => {
    let state = newHealth
    return losses.flatMap((loss) => {
      const observed = observeLosses(state, { G_L1: loss, D_real: 0.6, D_fake: 0.6 })
      state = observed.state
      return observed.findings.map(({ code }) => code)
    })
  }
  expect(tell([...times(500, 10), ...times(500, 100)])).toEqual(['divergence'])
  expect(tell(Array.from({ length: 2000 }, (_, step) => 10 + randomInteger(10, 1, step)))).toEqual([])
})

test('held-out pictures no better than at first are told; those that were good at first are not', () => {
  expect(tellValidations([0.3, 0.299, 0.301, 0.3, 0.3, 0.299, 0.3])).toEqual(['nothing-learned 4'])
  expect(tellValidations([0.04, 0.0399, 0.04, 0.04, 0.0401, 0.04])).not.toContain('nothing-learned 4')
})

test('every remedy that is one click away names options of some recipe', () => {
  const known = new Set(Object.values(recipes).flatMap(({ options }) => Object.keys(options.shape)))
  for (const { change } of Object.values(notices) as { change?: Record<string, unknown> }[])
    for (const key of Object.keys(change ?? {})) expect(known, key).toContain(key)
})
