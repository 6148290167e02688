import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { Refused } from '../../../src/core/errors.ts'
import { describeOptions } from '../../../src/core/options/describe.ts'
import { parseOptions } from '../../../src/core/options/parse.ts'
import { recipeIds, recipes } from '../../../src/core/recipes/index.ts'
import { translateOptions } from '../../../src/core/translation/events.ts'

const schema = z.strictObject({
  lambdaL1: z
    .number()
    .min(0)
    .max(10)
    .default(1)
    .meta({ label: 'Weight', unit: 'x', level: 'simple', help: 'How much.' }),
  steps: z.number().int().min(1).nullable().default(null).meta({ label: 'How long' }),
  kind: z
    .enum(['a', 'b'])
    .default('a')
    .meta({ label: 'Kind', choiceLabels: { a: 'First' } }),
  on: z.boolean().default(true).meta({ label: 'On' }),
})

function refusalOfParsing(input: unknown): string {
  try {
    parseOptions(schema, input)
  } catch (error) {
    if (error instanceof Refused)
      return `${error.refusal.code}: ${error.refusal.message} ${error.refusal.remedy}`
  }
  return 'parsed'
}

describe('options as data', () => {
  it('describes kind, range, default, unit, choices and flag of every option', () => {
    const [weight, steps, kind, on] = describeOptions(schema)
    expect(weight).toMatchObject({
      flag: '--lambda-l1',
      kind: 'number',
      minimum: 0,
      maximum: 10,
      defaultValue: 1,
      unit: 'x',
      level: 'simple',
    })
    expect(steps).toMatchObject({
      kind: 'integer',
      nullable: true,
      minimum: 1,
      defaultValue: null,
      level: 'all',
    })
    expect(kind).toMatchObject({
      kind: 'choice',
      choices: [
        { value: 'a', label: 'First' },
        { value: 'b', label: 'b' },
      ],
    })
    expect(on).toMatchObject({ kind: 'boolean', defaultValue: true, flag: '--on' })
  })

  it('gives every option of every recipe a label and a help text, and no two the same flag', () => {
    for (const options of [...recipeIds.map((id) => recipes[id].options), translateOptions].map(
      describeOptions,
    )) {
      for (const option of options) {
        expect(option.label, option.key).not.toBe(option.key)
        expect(option.help.length, option.key).toBeGreaterThan(8)
      }
      expect(new Set(options.map((option) => option.flag)).size).toBe(options.length)
      expect(options.length).toBeGreaterThan(3)
    }
  })

  it('shows three or four options of a recipe first', () => {
    for (const id of recipeIds) {
      const simple = describeOptions(recipes[id].options).filter((option) => option.level === 'simple')
      expect(simple.length).toBeGreaterThanOrEqual(3)
      expect(simple.length).toBeLessThanOrEqual(4)
    }
  })

  it('fills in defaults, and refuses an unknown name, a bad value and a wrong type by name', () => {
    expect(parseOptions(schema, {})).toEqual({ lambdaL1: 1, steps: null, kind: 'a', on: true })
    expect(refusalOfParsing({ lamdaL1: 1 })).toBe(
      'option-unknown: There is no option named lamdaL1. Did you mean lambdaL1?',
    )
    expect(refusalOfParsing({ zzz: 1 })).toContain('The options are: lambdaL1, steps, kind, on.')
    expect(refusalOfParsing({ lambdaL1: 11 })).toBe(
      'option-invalid: The option lambdaL1 cannot take the value 11. Give a number at least 0 and at most 10.',
    )
    expect(refusalOfParsing({ kind: 'c' })).toContain('Choose one of: a, b.')
    expect(refusalOfParsing({ on: 'yes' })).toContain('Choose true or false.')
    expect(refusalOfParsing(7)).toContain('option-invalid')
  })
})
