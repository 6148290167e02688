import { describe, expect, it } from 'vitest'
import { parsePatience } from '../../../src/core/planning/patience.ts'

const now = new Date(2026, 4, 6, 21, 30)
const HOUR = 3600

describe('patience', () => {
  it.each([
    ['2h', 2 * HOUR],
    ['90', 90 * 60],
    ['45 min', 45 * 60],
    ['1h30', 1.5 * HOUR],
    ['1 h 30 min', 1.5 * HOUR],
    ['1.5 hours', 1.5 * HOUR],
    ['2 days', 48 * HOUR],
    ['20s', 20],
    ['22:00', 0.5 * HOUR],
    ['today 23:30', 2 * HOUR],
    ['8:00', 10.5 * HOUR],
    ['tomorrow 8:00', 10.5 * HOUR],
    ['Tomorrow at 21.30', 24 * HOUR],
    ['by tomorrow morning', 10.5 * HOUR],
    ['tomorrow', 10.5 * HOUR],
  ])('%s', (words, seconds) => {
    expect(parsePatience(words, now)).toBe(seconds)
  })

  it.each(['', 'soon', '0', '-5', '2 parsecs', '25:00', '12:75', 'today', 'today 8:00', '1h soon', '5 6'])(
    'refuses "%s"',
    (words) => {
      expect(() => parsePatience(words, now)).toThrow('--patience cannot take')
    },
  )
})
