import { expect, test } from 'vitest'
import { randomGaussian, randomUniform } from '../../../src/core/random.ts'
import { checkerboardOf, meanDifference, shareWithin } from '../../../src/core/training/glances.ts'
import { observeGallery } from '../../../src/core/training/galleryHealth.ts'
import { newHealth } from '../../../src/core/training/healthState.ts'
import { lookAt, type Gallery } from '../../../src/core/training/look.ts'

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
const grey = Array.from({ length: 40 }, () => new Float32Array(SIDE * SIDE))

function galleryOf(changes: Partial<Gallery>): Gallery {
  const own = { given: [], made: blobs(40, 100), truth: blobs(40), labels: [] }
  return { sidePx: SIDE, ...own, isOfClass: false, isPaired: false, ...changes }
}

/** What is told of a run that begins grey, and then looks like this, gallery after gallery. */
function tell(changes: Partial<Gallery>, times = 12): string[] {
  const look = lookAt(galleryOf(changes))
  let { state } = observeGallery(newHealth, 5, lookAt(galleryOf({ ...changes, made: grey })), [])
  return Array.from({ length: times }).flatMap((_, index) => {
    const observed = observeGallery(state, 200 + 50 * index, look, ['hat', 'bag', 'shoe', 'coat'])
    state = observed.state
    return observed.told.map(({ code, detail }) => (detail ? `${code}: ${detail}` : code))
  })
}

test('pictures that are as varied and as formed as the true ones raise nothing', () => {
  expect(tell({})).toEqual([])
  const { variety, contrast, precision, recall } = lookAt(galleryOf({}))
  for (const one of [variety, contrast]) expect(Math.abs((one ?? 0) - 1)).toBeLessThan(0.2)
  for (const one of [precision, recall]) expect(one).toBeGreaterThan(0.4)
})

test('the same picture for every input is told, once it was seen in three galleries', () => {
  const different = [Float32Array.of(0, 1), Float32Array.of(1, 0), Float32Array.of(0, 0)]
  expect(meanDifference(different)).toBeCloseTo(0.75)
  const same = Array.from({ length: 40 }, () => blob(7))
  expect(tell({ made: same })).toEqual(['collapse'])
  expect(tell({ made: same }, 2)).toEqual([])
  // Where the true pictures do not differ either, nothing is missing.
  expect(tell({ made: same, truth: same })).toEqual([])
})

test('what stays as grey as it began is told as that, and not as a collapse', () => {
  expect(tell({ made: grey })).toEqual(['nothing-learned'])
})

test('a few kinds made again and again are told, when recall has stayed low for a good part of the run', () => {
  const few = Array.from({ length: 40 }, (_, index) =>
    blob(1 + (index % 2)).map((value, at) => value + 0.02 * randomGaussian(index, at)),
  )
  expect(lookAt(galleryOf({ made: few })).recall).toBeLessThan(0.1)
  expect(tell({ made: few })).toEqual(['mode-dropping'])
  expect(tell({ made: few }, 4)).toEqual([])
})

test('recall is the share of true pictures in the balls of made ones, as counted by hand', () => {
  const at = (...places: number[]) => places.map((place) => Float32Array.of(place))
  // With the second neighbour, the balls of 0, 1, 2 and 10 reach 2, 1, 2 and 9 far.
  expect(shareWithin(at(-2, 2.5, 4.5, 19, 20), at(0, 1, 2, 10), 2)).toBeCloseTo(4 / 5)
})

test('classes that nothing is like are named, and a class of which always the same is made', () => {
  const labels = Array.from({ length: 40 }, (_, index) => index % 4)
  const bright = (one: Float32Array, index: number) => one.map((value) => value + 0.5 * (index % 4))
  const truth = blobs(40).map(bright)
  const noShoes = blobs(40, 100).map((one, index) => bright(one, index % 2))
  expect(lookAt(galleryOf({ truth, made: noShoes, labels })).missing).toEqual([2, 3])
  const made = truth.map((one, index) => (labels[index] === 2 ? (truth[2] ?? one) : one))
  expect(tell({ truth, made, labels, isOfClass: true })).toEqual(['class-collapse: Here: shoe.'])
  expect(tell({ truth, made: truth, labels, isOfClass: true })).toEqual([])
})

test('light and dark that have changed places are told, against the truth or against what was given', () => {
  const truth = blobs(6)
  const negative = truth.map((one) => one.map((value) => -value))
  expect(tell({ made: negative, truth, isPaired: true })).toEqual(['inverted'])
  expect(tell({ made: negative, truth: blobs(6, 50), given: truth })).toEqual(['inverted'])
  expect(tell({ made: truth, truth, given: negative, isPaired: true })).toEqual([])
})

test('a pattern of single pixels is told where the true pictures have none', () => {
  const checkered = blobs(6).map((one) =>
    one.map((value, at) => value + 0.2 * ((at + Math.floor(at / SIDE)) % 2 === 0 ? 1 : -1)),
  )
  expect(checkerboardOf(checkered, SIDE)).toBeGreaterThan(0.19)
  expect(tell({ made: checkered, truth: blobs(6), isPaired: true })).toEqual(['checkerboard'])
  expect(tell({ made: checkered, truth: checkered, isPaired: true })).toEqual([])
})
