import { expect, test } from 'vitest'
import { observeGradients, observeLosses, observeValidation } from '../../../src/core/training/health.ts'
import { newHealth, type HealthState } from '../../../src/core/training/healthState.ts'
import type { Look } from '../../../src/core/training/look.ts'
import { randomInteger } from '../../../src/core/random.ts'

/** Feeds losses step by step and returns the codes of what was told. */
function tellAll(losses: readonly Record<string, number>[], lambdaGP?: number): string[] {
  let state = newHealth
  return losses.flatMap((ofStep) => {
    const observed = observeLosses(state, ofStep, lambdaGP)
    state = observed.state
    return observed.told.map(({ code }) => code)
  })
}

/** The same of a judge that loses so much. */
const tellLosses = (losses: readonly number[]) =>
  tellAll(losses.map((loss) => ({ D_real: loss, D_fake: loss, G_GAN: 0 })))

function tellValidations(
  errors: readonly number[],
  { isPaired = true, ...seen }: Partial<HealthState> & { isPaired?: boolean } = {},
): string[] {
  let state: HealthState = { ...newHealth, ...seen }
  return errors.flatMap((l1, index) => {
    const observed = observeValidation(state, index, l1, isPaired)
    state = observed.state
    return observed.told.map(({ code }) => `${code} ${index}`)
  })
}

/** What was seen of a run whose pictures looked like this first, and like that now. */
function moved(
  firstImpression: number[],
  impression: number[],
): Pick<HealthState, 'firstImpression' | 'look'> {
  const nothing = { variety: null, precision: null, recall: null, likeness: null, likenessOfDetails: null }
  const look: Look = {
    ...nothing,
    missing: [],
    alike: [],
    contrast: 1,
    isPaired: true,
    checkerboard: 1,
    impression,
  }
  return { firstImpression, look }
}

const times = (count: number, value: number) => Array<number>(count).fill(value)

test('a judge that wins for long is told once, and again after it has lost', () => {
  expect(tellLosses(times(2000, 0.6))).toEqual([])
  expect(tellLosses([...times(100, 0.6), ...times(150, 0.001), ...times(500, 0.6)])).toEqual([])
  expect(tellLosses(times(5000, 0.001))).toEqual(['judge-wins'])
  expect(tellLosses([...times(600, 0.001), ...times(600, 0.6), ...times(600, 0.001)])).toEqual([
    'judge-wins',
    'judge-wins',
  ])
})

test('held-out pictures that get worse for five saved states are told once until they are better than ever', () => {
  expect(tellValidations([0.3, 0.2, 0.15, 0.14, 0.13])).toEqual([])
  const worse = [0.12, 0.13, 0.14, 0.15, 0.16]
  expect(tellValidations([0.3, 0.1, ...worse, 0.17])).toEqual(['overfitting 6'])
  expect(tellValidations([0.3, 0.1, ...worse, 0.09, ...worse])).toEqual(['overfitting 6', 'overfitting 12'])
  // As the scores of a sample go: up by an eighth, and down again.
  expect(tellValidations([0.157, 0.144, 0.162, 0.165, 0.162, 0.143])).toEqual([])
  // What does not learn from pairs does not try to lower their error.
  expect(tellValidations([0.3, 0.1, ...worse, 0.17], { isPaired: false })).toEqual([])
})

test('a plateau is told once', () => {
  expect(tellValidations([0.3, 0.2, 0.1999, 0.2001, 0.1998, 0.2, 0.1999, 0.2])).toEqual(['plateau 6'])
})

test('a judge that only ever guesses is told, one that is near guessing and moves is not', () => {
  expect(tellLosses(times(2000, Math.LN2))).toEqual(['judge-dead'])
  const lively = Array.from({ length: 3000 }, (_, step) => 0.69 + 0.05 * Math.sin(step / 3))
  expect(tellLosses(lively)).toEqual([])
})

test('losses that grow to several times what they were are told', () => {
  const tell = (losses: readonly number[]) =>
    tellAll(losses.map((loss) => ({ G_L1: loss, D_real: 0.6, D_fake: 0.6 })))
  expect(tell([...times(500, 10), ...times(500, 100)])).toEqual(['divergence'])
  expect(tell(Array.from({ length: 2000 }, (_, step) => 10 + randomInteger(10, 1, step)))).toEqual([])
})

test('held-out pictures no better than at first are told; those that were good at first are not', () => {
  expect(tellValidations([0.3, 0.299, 0.301, 0.3, 0.3, 0.299, 0.3])).toEqual(['nothing-learned 4'])
  expect(tellValidations([0.04, 0.0399, 0.04, 0.04, 0.0401, 0.04])).not.toContain('nothing-learned 4')
})

test('where pictures have moved since the run began, scores that stand still for five saves are no failure', () => {
  // Pix2Pix at 256 px on the sample: at step 100, its first saved state, it was as good as it would be for 400 steps.
  const scores = [0.1625, 0.1695, 0.1674, 0.1685, 0.1655, 0.1469]
  expect(tellValidations(scores)).toEqual(['nothing-learned 4'])
  expect(tellValidations(scores, moved([0, 0], [0.5, 0.2]))).toEqual([])
  expect(tellValidations(scores, moved([0, 0], [0.01, 0]))).toEqual(['nothing-learned 4'])
})

test('a judge that is wrong and sure of it is told', () => {
  expect(tellLosses([...times(100, 0.6), ...times(500, 20)])).toEqual(['judge-diverges'])
  expect(tellLosses([...times(100, 0.6), 40, ...times(500, 0.6)])).toEqual([])
})

test('a critic that sees no distance is told, one whose distance is small is not', () => {
  const tell = (distance: number) =>
    tellAll(times(300, distance).map((C_distance) => ({ C_distance, G_GAN: 0 })))
  expect(tell(3e-13)).toEqual(['judge-dead'])
  expect(tell(-2e-5)).toEqual([])
})

test('gradients of a painter that grow without end are told once, those that begin at nothing and end at a few are not', () => {
  const tell = (lengths: readonly number[], name = 'netG') => {
    let state = newHealth
    return lengths.flatMap((length) => {
      const observed = observeGradients(state, { [name]: length })
      state = observed.state
      return observed.told.map(({ code }) => code)
    })
  }
  expect(tell([8, 5000, 5000, 5000, 300, 5000])).toEqual(['gradients-explode'])
  expect(tell([0.001, 0.005, 0.2, 3, 40])).toEqual([])
  expect(tell([3000, 4000, 5000])).toEqual([])
  expect(tell([8, 5000, 5000, 5000], 'netD')).toEqual([])
})

test('a critic that pays the whole penalty for long has no slopes left; one that begins so, or pays half of it, is well', () => {
  const tell = (penalties: readonly number[], lambdaGP = 10) =>
    tellAll(
      penalties.map((C_GP) => ({ C_distance: -0.002, C_GP, G_GAN: 0 })),
      lambdaGP,
    )
  expect(tell([...times(150, 0.2), ...times(300, 9.97)])).toEqual(['critic-flat'])
  expect(tell([...times(150, 9.97), ...times(300, 0.2)])).toEqual([])
  expect(tell(times(400, 5.5))).toEqual([])
  expect(tell(times(400, 40))).toEqual([])
  expect(tell(times(400, 9.97), 100)).toEqual([])
})
