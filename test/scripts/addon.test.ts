import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { insert } from '../../scripts/setup/addon/patches.mjs'

describe('what is added to the addon', () => {
  it('goes after the one place that is named', () => {
    expect(insert('a\nb\nc\n', { file: 'f.cc', after: 'b\n', text: 'x\n' })).toBe('a\nb\nx\nc\n')
  })

  it('fails with the name of the file where that place is gone, or there are two', () => {
    for (const whole of ['a\nc\n', 'b\nb\n'])
      expect(() => insert(whole, { file: 'f.cc', after: 'b\n', text: 'x\n' })).toThrow('f.cc has')
  })

  it('is declared as it is defined', () => {
    const read = (name: string) =>
      readFileSync(new URL(`../../scripts/setup/addon/${name}`, import.meta.url), 'utf8')
    const declared = [...read('recorded_functions.h').matchAll(/napi_value (\w+)\(/g)].map(([, name]) => name)
    expect(declared.length).toBeGreaterThan(3)
    for (const name of declared) expect(read('recorded_functions.cc')).toContain(`napi_value ${name}(`)
  })
})
