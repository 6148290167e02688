import { describe, expect, it } from 'vitest'
import {
  formatAmount,
  formatBytes,
  formatDuration,
  formatScore,
  formatSetting,
  formatTimeLeft,
  withoutFlags,
} from '../../src/renderer/format.ts'

describe('formatTimeLeft', () => {
  it.each([
    [2280, '38 min left'],
    [7500, '2 h 5 min left'],
    [7200, '2 h left'],
    [3, 'less than a minute left'],
    [50, '1 min left'],
    [3599, '1 h left'],
    [null, 'working out the time left'],
  ])('says %s seconds as a person would', (seconds, words) => {
    expect(formatTimeLeft(seconds)).toBe(words)
  })

  it('never says more time for less', () => {
    const minutesOf = (words: string) =>
      words === 'less than a minute'
        ? 0
        : Number(/(\d+) min/.exec(words)?.[1] ?? 0) + 60 * Number(/(\d+) h/.exec(words)?.[1] ?? 0)
    for (let seconds = 1; seconds < 20_000; seconds += 7)
      expect(minutesOf(formatDuration(seconds))).toBeLessThanOrEqual(minutesOf(formatDuration(seconds + 7)))
  })
})

describe('numbers', () => {
  it('names bytes in decimal units', () => {
    expect(formatBytes(690_000_000)).toBe('690 MB')
    expect(formatBytes(2_400_000_000)).toBe('2.4 GB')
    expect(formatBytes(12)).toBe('12 bytes')
    expect(formatBytes(999_900)).toBe('1.0 MB')
  })
  it('keeps scores short, and says when there is none', () => {
    expect(formatScore(0.07241)).toBe('0.0724')
    expect(formatScore(23.44)).toBe('23.4')
    expect(formatScore(0.00001)).toBe('1.0e-5')
    expect(formatScore(NaN)).toBe('not a number')
  })
  it('counts in words', () => {
    expect(formatAmount(1, 'pair')).toBe('1 pair')
    expect(formatAmount(14_200, 'step')).toBe('14,200 steps')
  })
  it('shows settings without the dust of binary fractions', () => {
    expect(formatSetting(2e-4)).toBe('0.0002')
    expect(formatSetting(0.1 + 0.2)).toBe('0.3')
    expect(formatSetting(null)).toBe('decided for you')
  })
})

describe('withoutFlags', () => {
  it.each([
    ['Choose one (--label). There are: disc, square.', 'Choose one. There are: disc, square.'],
    [
      'Choose a network (--net-g residual_8blocks), or large pictures.',
      'Choose a network, or large pictures.',
    ],
    ['Ask for fewer (--count), or for more of each (--balance-to).', 'Ask for fewer, or for more of each.'],
    ['Pictures of 256 px (or less) fit.', 'Pictures of 256 px (or less) fit.'],
  ])('leaves out what only the command line knows: %s', (words, shown) => {
    expect(withoutFlags(words)).toBe(shown)
  })
})
