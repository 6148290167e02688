import { expect, it } from 'vitest'
import { bytesInWords, countInWords, durationInWords, timeLeftInWords } from '../../src/core/words.ts'

it('says times, sizes and counts as people do', () => {
  expect([0.2, 12, 59.6, 2280, 3600, 3661, 90 * 60].map(durationInWords)).toEqual([
    'under a second',
    '12 s',
    '1 min',
    '38 min',
    '1 h',
    '1 h 1 min',
    '1 h 30 min',
  ])
  expect(timeLeftInWords(2280)).toBe('38 min left')
  expect(timeLeftInWords(null)).toBe('')
  expect([0, 999, 1000, 690_000_000, 1.5e12].map(bytesInWords)).toEqual([
    '0 B',
    '999 B',
    '1.0 kB',
    '690 MB',
    '1.5 TB',
  ])
  expect([countInWords(1, 'picture'), countInWords(4210, 'picture')]).toEqual(['1 picture', '4,210 pictures'])
})
