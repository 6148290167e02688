import { describeOptions } from '../../../core/options/describe.ts'
import { derivationSchema } from '../../../core/datasets/derivedPairs.ts'
import type { Derivation } from '../../../core/datasets/derivedPairs.ts'
import { formatSetting } from '../../format.ts'

export const splitWords = { train: 'Training', val: 'Validation', test: 'Test' }

const described = describeOptions(derivationSchema)

/** What is done to a picture to spoil it, as names and values: only what differs from doing nothing. */
export function derivationFacts(derivation: Derivation): [string, string][] {
  return described.flatMap(({ key, label, unit, choices, defaultValue }): [string, string][] => {
    const value = derivation[key as keyof Derivation]
    if (value === defaultValue) return []
    const words = choices.find((choice) => choice.value === value)?.label ?? formatSetting(value)
    return [[label, unit ? `${words} ${unit}` : words]]
  })
}
