import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import engineEnvironment from '../../src/core/engineEnvironment.json' with { type: 'json' }

it('is the same in bin/diptych, which cannot read JSON', () => {
  const exported = readFileSync('bin/diptych', 'utf8').match(/^export (.*)$/m)?.[1] ?? ''
  const pairs = exported.split(' ').map((pair) => pair.split('='))
  expect(Object.fromEntries(pairs)).toEqual(engineEnvironment)
})
