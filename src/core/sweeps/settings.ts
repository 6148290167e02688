import { refuse } from '../errors.ts'
import { describeOptions, type OptionDescription } from '../options/describe.ts'
import { parseOptions } from '../options/parse.ts'
import type { TrainingSettings } from '../project/project.ts'
import { randomUniform } from '../random.ts'
import { recipes, type RecipeId } from '../recipes/index.ts'
import { countInWords } from '../words.ts'
import { planLadder, type Ladder } from './plan.ts'
import { MOST_SETTINGS, type Settled, type SettingValues, type SweepRequest, type Varied } from './sweep.ts'

/** What all settings must have in common: their length, what they keep, and the pictures that they are compared on. */
const COMMON: readonly string[] = [
  ...['steps', 'epochs', 'checkpointEvery', 'diskBudgetGb'],
  ...['direction', 'preprocess', 'loadSizePx', 'cropSizePx', 'sampleEvery', 'sampleCount'],
]

/** The options of a recipe that can be varied. */
export function variableOptions(recipe: RecipeId): OptionDescription[] {
  return describeOptions(recipes[recipe].options).filter(({ key }) => !COMMON.includes(key))
}

/** Draws are told to three digits: more say nothing. */
const DIGITS = 3
/** A range this wide is drawn from by its logarithm, so that each order of magnitude gets as many. */
const WIDE = 10

function drawFrom(choice: Varied, isInteger: boolean, uniform: number): SettingValues[string] {
  if (choice.kind === 'values') return choice.values[Math.floor(uniform * choice.values.length)] ?? null
  const { low, high } = choice
  const isWide = low > 0 && high / low >= WIDE
  const value = isWide ? low * (high / low) ** uniform : low + (high - low) * uniform
  const rounded = isInteger ? Math.round(value) : Number(value.toPrecision(DIGITS))
  return Math.min(high, Math.max(low, rounded))
}

/** Every combination of the values; the first option changes slowest. */
function combine(vary: readonly Varied[]): SettingValues[] {
  let all: SettingValues[] = [{}]
  for (const choice of vary) {
    if (choice.kind === 'range')
      throw refuse(
        'option-invalid',
        `${choice.option} is given as a range, from which values can only be drawn at random.`,
        'Say how many draws to try, or name the values.',
      )
    if (all.length * choice.values.length > MOST_SETTINGS ** 2) throw tooMany('more than a thousand settings')
    all = all.flatMap((known) => choice.values.map((value) => ({ ...known, [choice.option]: value })))
  }
  return all
}

function tooMany(what: string): Error {
  return refuse(
    'option-invalid',
    `These values make ${what}, and at most ${MOST_SETTINGS} can be tried.`,
    'Name fewer values, or try a number of random draws.',
  )
}

/** Tries that only repeat one another end the drawing: a few values have only so many combinations. */
const TRIES_A_DRAW = 20

function draw({ vary, seed, training }: SweepRequest, draws: number): SettingValues[] {
  const described = describeOptions(recipes[training.recipe].options)
  const isInteger = (key: string) => described.find((option) => option.key === key)?.kind === 'integer'
  const found = new Map<string, SettingValues>()
  for (let attempt = 0; attempt < draws * TRIES_A_DRAW && found.size < draws; attempt += 1) {
    const entries = vary.map((choice, place): [string, SettingValues[string]] => [
      choice.option,
      drawFrom(choice, isInteger(choice.option), randomUniform(seed, attempt, place)),
    ])
    const setting = Object.fromEntries(entries)
    found.set(JSON.stringify(setting), setting)
  }
  return [...found.values()]
}

function checkVaried({ vary, training }: SweepRequest): void {
  const keys = vary.map(({ option }) => option)
  const twice = keys.find((key, index) => keys.indexOf(key) !== index)
  if (twice !== undefined)
    throw refuse('option-invalid', `${twice} is varied twice.`, 'Name all of its values at once.')
  const common = keys.find((key) => COMMON.includes(key))
  if (common !== undefined)
    throw refuse(
      'option-invalid',
      `${common} cannot be varied: settings compare only where it is the same for all.`,
      `Choose among: ${variableOptions(training.recipe)
        .map(({ key }) => key)
        .join(', ')}.`,
    )
  const upside = vary.find((choice) => choice.kind === 'range' && choice.low >= choice.high)
  if (upside)
    throw refuse(
      'option-invalid',
      `The range of ${upside.option} is empty.`,
      'Give the lower end first, then the higher one.',
    )
}

/**
 * The settings to try, each once: all combinations, or draws that are a function of the seed.
 * @throws Refused `option-unknown`, `option-invalid`
 */
export function settingsOf(request: SweepRequest): SettingValues[] {
  checkVaried(request)
  const all = request.draws === null ? combine(request.vary) : draw(request, request.draws)
  const different = [...new Map(all.map((setting) => [JSON.stringify(setting), setting])).values()]
  if (different.length > MOST_SETTINGS) throw tooMany(countInWords(different.length, 'setting'))
  const { recipe, options } = request.training
  for (const setting of different) parseOptions(recipes[recipe].options, { ...options, ...setting })
  return different
}

/** @param steps of the last rung. @throws Refused `option-invalid` */
export function ladderOf(request: SweepRequest, count: number, steps: number): Ladder {
  const { recipe, options } = request.training
  const { checkpointEvery } = parseOptions(recipes[recipe].options, options)
  return planLadder(count, steps, request.eta, checkpointEvery)
}

export function ladderOfSweep({ request, trials, steps }: Settled): Ladder {
  return ladderOf(request, trials.length, steps)
}

/**
 * What the run of a setting is trained with. It is as long as the last rung, so that its learning rate falls as in a run
 * that is trained at once; each rung only takes it further.
 */
export function trainingOf(sweep: Settled, setting: SettingValues): TrainingSettings {
  const { recipe, options } = sweep.request.training
  const { checkpointEvery } = ladderOfSweep(sweep)
  return { recipe, options: { ...options, ...setting, steps: sweep.steps, checkpointEvery } }
}
