import { refuse } from '../errors.ts'
import { describeOptions, flagOf, type OptionDescription } from '../options/describe.ts'
import { nearest } from '../options/parse.ts'
import { readOption } from '../options/read.ts'
import { recipes, type RecipeId } from '../recipes/index.ts'
import type { SettingValues, Varied } from './sweep.ts'

/** `1e-5..1e-3` */
const RANGE = /^(.+?)\.\.(.+)$/

function isValue(value: unknown): value is SettingValues[string] {
  return value === null || ['number', 'string', 'boolean'].includes(typeof value)
}

/**
 * Values of an option as typed: `1e-4, 2e-4` names them, `1e-5..1e-3` is a range to draw from.
 * @param name what a refusal calls the option
 * @throws Refused `option-invalid`
 */
export function parseVaried(recipe: RecipeId, option: OptionDescription, text: string, name: string): Varied {
  const schema = recipes[recipe].options
  const read = (word: string) => {
    const value = readOption(schema, option, word.trim(), name)
    if (isValue(value)) return value
    throw new Error(`${option.key} has a value of a kind that no option has.`)
  }
  const isNumber = option.kind === 'number' || option.kind === 'integer'
  const range = isNumber ? RANGE.exec(text.trim()) : null
  if (range) {
    const [low, high] = [read(range[1] ?? ''), read(range[2] ?? '')]
    if (typeof low === 'number' && typeof high === 'number')
      return { kind: 'range', option: option.key, low, high }
  }
  const values = [...new Set(text.split(',').map(read))]
  return { kind: 'values', option: option.key, values }
}

/**
 * One `--vary` of the command line: `learning-rate=1e-4,2e-4`.
 * @throws Refused `option-unknown`, `option-invalid`
 */
export function parseVaryFlag(recipe: RecipeId, text: string): Varied {
  const [word = '', ...rest] = text.split('=')
  const described = describeOptions(recipes[recipe].options)
  const wanted = word.trim().replace(/^--/, '')
  const option = described.find(({ key }) => flagOf(key) === `--${wanted}` || key === wanted)
  if (!option) {
    const names = described.map(({ flag }) => flag.slice(2))
    const meant = nearest(wanted, names)
    throw refuse(
      'option-unknown',
      `${recipes[recipe].label} has no option named ${wanted}.`,
      meant ? `Did you mean ${meant}?` : `The options are: ${names.join(', ')}.`,
    )
  }
  if (rest.length === 0)
    throw refuse(
      'option-invalid',
      `--vary ${wanted} names no values.`,
      `Write --vary ${wanted}=VALUE,VALUE or, for random draws, --vary ${wanted}=LOWEST..HIGHEST.`,
    )
  return parseVaried(recipe, option, rest.join('='), `--vary ${wanted}`)
}
