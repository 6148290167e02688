import { expect, test } from 'vitest'
import {
  meanDifference,
  newHealth,
  observeLosses,
  observeValidation,
  observeVariety,
} from '../../../src/core/training/health.ts'

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

test('the same picture for every input is told', () => {
  const different = [Float32Array.of(0, 1), Float32Array.of(1, 0), Float32Array.of(0, 0)]
  const same = [Float32Array.of(0.5, 0.5), Float32Array.of(0.5, 0.5), Float32Array.of(0.5, 0.501)]
  expect(meanDifference(different)).toBeCloseTo(0.75)
  const collapsed = observeVariety(newHealth, meanDifference(same), meanDifference(different))
  expect(collapsed.findings.map(({ code }) => code)).toEqual(['collapse'])
  expect(observeVariety(collapsed.state, meanDifference(same), 0.75).findings).toEqual([])
  expect(observeVariety(newHealth, 0.5, 0.75).findings).toEqual([])
  expect(observeVariety(newHealth, 0, 0.001).findings).toEqual([])
})
