import { describe, expect, it } from 'vitest'
import {
  estimateRun,
  fullestStates,
  galleriesOf,
  readsOf,
  savesOf,
  secondsOf,
  stepsThatFit,
  type Pieces,
  type RunShape,
} from '../../../src/core/planning/estimate.ts'
import { isGalleryDue } from '../../../src/engine/training/gallery.ts'
import { planRetention, type Retained } from '../../../src/engine/training/retention.ts'

const shape: RunShape = {
  steps: 1000,
  batchSize: 1,
  sampleEvery: 200,
  rows: 6,
  checkpointEvery: 300,
  validationPairs: 32,
  diskBudgetBytes: 1e12,
  streams: [{ items: 100, bytes: 50e6 }],
  cacheBytes: 1e9,
  readAhead: 9,
}
const pieces: Pieces = {
  settingUpMs: 2000,
  stepMs: 100,
  readMs: 10,
  galleryRowMs: 50,
  validationMs: 20,
  saveMs: 30,
  saveMsPerByte: 1e-6,
  stateBytes: 600e6,
  generatorBytes: 200e6,
  galleryRowBytes: 1e5,
  metricBytes: 100,
  parameters: 1,
  peakBytes: 2e9,
  heldBytes: 5e6,
  heapBytes: 1e9,
}

/** Saves as a run does and looks at the disk before each thinning. */
function fullestBySimulation(saves: number, budgetBytes: number): number {
  const { stateBytes, generatorBytes } = pieces
  let kept: Retained[] = []
  let fullest = 0
  for (let save = 1; save <= saves; save += 1) {
    const fresh = { step: save, scheduled: true, whole: true, bytes: stateBytes, generatorBytes }
    kept.push({ ...fresh, validationL1: 1 / save })
    const total = kept.reduce((sum, { bytes }) => sum + bytes, 0)
    const { thin, remove } = planRetention(kept, save, budgetBytes)
    fullest = Math.max(fullest, total + (thin.length > 0 ? generatorBytes : 0))
    kept = kept
      .filter(({ step }) => !remove.includes(step))
      .map((one) => (thin.includes(one.step) ? { ...one, whole: false, bytes: generatorBytes } : one))
  }
  return fullest
}

describe('the estimate of a run', () => {
  it('counts galleries and saves as the loop does', () => {
    for (const steps of [1, 4, 5, 6, 24, 200, 1000, 1001])
      for (const every of [1, 3, 5, 8, 200, 5000]) {
        const all = Array.from({ length: steps }, (_, index) => index + 1)
        const galleries = all.filter((step) => isGalleryDue(step, { sampleEvery: every }, steps)).length
        const saves = all.filter((step) => step % every === 0 || step === steps).length
        expect(galleriesOf({ steps, sampleEvery: every }), `${steps} by ${every}`).toBe(galleries)
        expect(savesOf({ steps, checkpointEvery: every }), `${steps} by ${every}`).toBe(saves)
      }
  })

  it.each([1, 2, 3, 4, 10, 200])('knows the disk at its fullest, after %d saves without a bound', (saves) => {
    expect(fullestStates(saves, pieces, 1e15)).toBe(fullestBySimulation(saves, 1e15))
  })

  it.each([0.5e9, 1.5e9, 3e9])('never says less than retention comes to under a budget of %d', (budget) => {
    const truth = fullestBySimulation(60, budget)
    const said = fullestStates(60, pieces, budget)
    expect(said).toBeGreaterThanOrEqual(truth)
    expect(said).toBeLessThanOrEqual(truth + pieces.stateBytes)
  })

  it('reads every picture once, and again each epoch what memory does not hold', () => {
    expect(readsOf({ ...shape, steps: 30 })).toBe(30)
    expect(readsOf(shape)).toBe(100)
    expect(readsOf({ ...shape, streams: [{ items: 100, bytes: 2e9 }] })).toBe(100 + 900 / 2)
    // Two streams share the memory.
    const sides = [
      { items: 100, bytes: 5e6 },
      { items: 50, bytes: 1e9 },
    ]
    expect(readsOf({ ...shape, streams: sides })).toBe(100 + 50 + 950 / 2)
  })

  it('adds up all that takes time', () => {
    const parts = [
      2, // making the trainer
      100, // steps
      1, // reading
      (6 * 6 * 50) / 1000, // six galleries of six rows
      (4 * (30 + 600 + 32 * 20)) / 1000, // four saves with their validation
      (2 * (30 + 200)) / 1000, // two are thinned
      (30 + 200 + 200) / 1000, // the model
    ]
    expect(secondsOf(pieces, shape)).toBeCloseTo(
      parts.reduce((sum, part) => sum + part, 0),
      6,
    )
  })

  it('counts the pictures that a longer run holds in memory', () => {
    const { memoryBytes } = estimateRun(pieces, shape, true)
    expect(memoryBytes).toBe(2e9 + 45e6)
    expect(estimateRun(pieces, { ...shape, steps: 10 }, true).memoryBytes).toBe(2e9)
    const large = { ...shape, streams: [{ items: 100, bytes: 10e9 }] }
    expect(estimateRun(pieces, large, true).memoryBytes).toBe(2e9 + 1e9 + 9 * 100e6 - 5e6)
  })

  it('knows that the heap grows in a long run, and that it does not shrink', () => {
    const growth = (heapBytes: number, steps: number) =>
      estimateRun({ ...pieces, heapBytes }, { ...shape, steps }, true).memoryBytes -
      estimateRun(pieces, { ...shape, steps }, true).memoryBytes
    expect(growth(100e6, 1000)).toBe(125e6)
    expect(growth(100e6, 100)).toBe(125e6 / 4)
    expect(growth(300e6, 1000)).toBe(0)
  })

  it('finds how many steps there is time for', () => {
    const seconds = secondsOf(pieces, { ...shape, steps: 500 })
    const steps = stepsThatFit(pieces, shape, seconds)
    expect(steps).toBe(500)
    expect(secondsOf(pieces, { ...shape, steps })).toBeLessThanOrEqual(seconds)
    expect(stepsThatFit(pieces, shape, 1)).toBe(0)
    expect(stepsThatFit(pieces, shape, 1e9)).toBe(1000)
  })
})
