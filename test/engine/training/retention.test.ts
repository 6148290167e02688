import { expect, test } from 'vitest'
import { planRetention, type Retained } from '../../../src/engine/training/retention.ts'

function state(step: number, changes: Partial<Retained> = {}): Retained {
  return {
    step,
    scheduled: true,
    whole: true,
    bytes: 690,
    generatorBytes: 217,
    validationL1: null,
    ...changes,
  }
}
const thinned = (step: number, validationL1: number | null = null) =>
  state(step, { whole: false, bytes: 217, validationL1 })

test('the newest two stay whole, older ones keep their generator', () => {
  expect(planRetention([state(1), state(2), state(3)], 1, 1e9)).toEqual({ thin: [1], remove: [] })
})

test('a state saved on a stop goes with the next one and takes no whole place', () => {
  const stopped = state(3, { scheduled: false })
  expect(planRetention([state(1), state(2), stopped], undefined, 1e9)).toEqual({ thin: [], remove: [] })
  expect(planRetention([state(1), state(2), stopped, state(4)], undefined, 1e9)).toEqual({
    thin: [1],
    remove: [3],
  })
})

test('over the budget the worst on the held-out pairs goes first, the best never', () => {
  const all = [thinned(1, 0.1), thinned(2, 0.3), thinned(3, 0.2), state(4, { validationL1: 0.4 }), state(5)]
  expect(planRetention(all, 1, 1900)).toEqual({ thin: [], remove: [2] })
  expect(planRetention(all, 1, 1650)).toEqual({ thin: [], remove: [2, 3] })
  expect(planRetention(all, 1, 1200)).toEqual({ thin: [4], remove: [2, 3] })
  expect(planRetention(all, 1, 1)).toEqual({ thin: [4], remove: [2, 3] })
})
