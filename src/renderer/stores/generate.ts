import { createStore } from 'zustand/vanilla'
import type { WindowEvent } from '../../core/contract/index.ts'
import type { Refusal } from '../../core/errors.ts'
import type { FileHandle } from '../../core/files.ts'
import { figureChoice, generateOptions, walkOptions } from '../../core/generation/events.ts'
import type { SetFigures } from '../../core/generation/figures.ts'
import { describeOptions, type OptionDescription } from '../../core/options/describe.ts'
import { parseOptions } from '../../core/options/parse.ts'
import { ask } from '../bridge.ts'
import { enterJob } from './jobs.ts'
import { attempt } from './notices.ts'
import { modelsFor, translateStore } from './translate.ts'
import type { ModelView } from './translate.ts'

type GenerateEvent = Extract<WindowEvent, { kind: 'generate' }>['event']
type Outcome = Extract<GenerateEvent, { type: 'generation-done' }>
type Part = Extract<GenerateEvent, { type: 'figures-progress' }>
/** The figures of the set that is shown: not there yet, being found, found, or why there are none. */
export type Figures =
  | { state: 'none' }
  | { state: 'finding'; progress: Pick<Part, 'part' | 'done' | 'total'> }
  | { state: 'found'; figures: SetFigures; gallery: FileHandle }
  | { state: 'skipped'; reason: string }
/** One picture that was made. */
export type MadePicture = { file: FileHandle; label: string | null }

type GenerateState = {
  model: string | null
  /** Of the set and of its figures, where they differ from the defaults. */
  options: Readonly<Record<string, unknown>>
  /** A whole set, or the way between two pictures. */
  work: 'set' | 'walk'
  walk: Readonly<Record<string, unknown>>
  output: FileHandle | null
  /** Real pictures that none of the made ones may come too close to. */
  real: FileHandle | null
  /** Pictures that a model turns which makes none from nothing. */
  source: FileHandle | null
  figures: Figures
  shown: 'pictures' | 'figures'
  /** The set that was begun last: what it is a function of, and where it lies. */
  begun: { recipe: string; output: FileHandle } | null
  made: readonly MadePicture[]
  /** Pictures that were there before this window began, and are not among `made`. */
  before: number
  /** The class that is shown alone. */
  label: string | null
  selected: number
  job: string | null
  starting: boolean
  outcome: Outcome | null
  refusal: Refusal | null
}

export const generateStore = createStore<GenerateState>(() => ({
  model: null,
  options: {},
  work: 'set',
  walk: {},
  output: null,
  real: null,
  source: null,
  figures: { state: 'none' },
  shown: 'pictures',
  begun: null,
  made: [],
  before: 0,
  label: null,
  selected: -1,
  job: null,
  starting: false,
  outcome: null,
  refusal: null,
}))

type Shelf = Parameters<typeof modelsFor>[1]

/** Models that sets can be made with: first those from nothing, then the project's own that turn pictures. */
export function modelsForSets(models: Shelf): ModelView[] {
  const turning = modelsFor('translate', models).filter(({ origin }) => origin === 'project')
  return [...modelsFor('generate', models), ...turning]
}

/** The model that was chosen, else the first of those that make sets. */
export function generatorOf(models: Shelf, { model }: Pick<GenerateState, 'model'>): ModelView | null {
  const known = modelsForSets(models)
  return known.find(({ file }) => file.id === model) ?? known[0] ?? null
}

export function needsSource({ header }: ModelView): boolean {
  return header.task !== 'generate'
}

function chooseFolder(purpose: 'output' | 'input', key: 'output' | 'real' | 'source'): Promise<void> {
  return attempt(async () => {
    const folder = await ask('dialog:chooseFolder', { purpose })
    if (folder) generateStore.setState({ [key]: folder })
  })
}

export const chooseSetFolder = () => chooseFolder('output', 'output')
export const chooseRealFolder = () => chooseFolder('input', 'real')
export const chooseSourceFolder = () => chooseFolder('input', 'source')

const described = [...describeOptions(generateOptions), ...describeOptions(figureChoice)]

/** The options that mean something to a model, as things are chosen. */
export function optionsOf(
  model: ModelView | null,
  values: GenerateState['options'],
): readonly OptionDescription[] {
  const turns = model !== null && needsSource(model)
  const isFilled = values['balance'] === true || (values['balanceTo'] ?? null) !== null
  const hasClasses = turns || (model?.header.condition?.labels ?? []).length > 0
  const idle = new Set([
    ...(turns ? ['count', 'dropLowest'] : ['variants']),
    ...(isFilled ? ['count'] : []),
    ...(hasClasses ? [] : ['classes', 'balance', 'balanceTo']),
    ...(values['figures'] === false ? ['worthSteps'] : []),
  ])
  return described.filter(({ key }) => !idle.has(key))
}

/** What is asked for: the options of the set, and what is done with it. */
function askedOf(model: ModelView, values: GenerateState['options']) {
  const chosen = (shape: object) =>
    Object.fromEntries(
      optionsOf(model, values).flatMap(({ key }) =>
        key in shape && key in values ? [[key, values[key]]] : [],
      ),
    )
  return {
    options: parseOptions(generateOptions, chosen(generateOptions.shape)),
    choice: parseOptions(figureChoice, chosen(figureChoice.shape)),
  }
}

/** What is made by this model: one that turns pictures has no way between them. */
export function workOf(
  model: ModelView | null,
  { work }: Pick<GenerateState, 'work'>,
): GenerateState['work'] {
  return model !== null && needsSource(model) ? 'set' : work
}

const describedWalk = describeOptions(walkOptions)

/** The options of a walk that mean something to a model. */
export function walkOptionsOf(model: ModelView | null): readonly OptionDescription[] {
  const hasClasses = (model?.header.condition?.labels ?? []).length > 0
  return describedWalk.filter(({ key }) => hasClasses || key !== 'classes')
}

function walkAskedOf(model: ModelView, values: GenerateState['walk']) {
  const keys = walkOptionsOf(model).map(({ key }) => key)
  return parseOptions(
    walkOptions,
    Object.fromEntries(Object.entries(values).filter(([key]) => keys.includes(key))),
  )
}

function recipeOf(model: ModelView, state: GenerateState): string {
  const { options, real, source, output, walk } = state
  if (workOf(model, state) === 'walk')
    return JSON.stringify(['walk', model.file.id, output?.id, walkAskedOf(model, walk)])
  return JSON.stringify([model.file.id, real?.id, source?.id, output?.id, askedOf(model, options).options])
}

/** Whether the set that was begun last is the one that is asked for now: the same settings give the same pictures. */
function isBegun(model: ModelView, state: GenerateState): boolean {
  return state.begun !== null && state.begun.recipe === recipeOf(model, state)
}

/** Whether the set that is asked for was stopped on the way. */
export function canGoOn(model: ModelView | null, state: GenerateState): boolean {
  const wasStopped = state.outcome?.cancelled ?? state.refusal?.code === 'stopped'
  return model !== null && wasStopped && isBegun(model, state)
}

function start(model: ModelView, output: FileHandle, state: GenerateState): Promise<{ job: string }> {
  const request = { model: model.file, output }
  if (workOf(model, state) === 'walk')
    return ask('walk:start', { ...request, options: walkAskedOf(model, state.walk) })
  const { options, choice } = askedOf(model, state.options)
  return ask('generate:start', {
    ...request,
    real: state.real,
    source: needsSource(model) ? state.source : null,
    figures: choice.figures && null,
    worthSteps: choice.worthSteps,
    options,
  })
}

export async function generateAll(): Promise<void> {
  const state = generateStore.getState()
  const model = generatorOf(translateStore.getState(), state)
  if (!model || state.starting) return
  generateStore.setState({ starting: true, outcome: null, refusal: null })
  await attempt(async () => {
    const known = isBegun(model, state) ? state.begun : null
    const output = known?.output ?? state.output ?? (await ask('folder:scratch', {}))
    generateStore.setState({
      begun: { recipe: recipeOf(model, state), output },
      made: known ? state.made : [],
      before: known ? state.before : 0,
      label: known ? state.label : null,
      selected: -1,
      figures: { state: 'none' },
    })
    const { job } = await start(model, output, state)
    enterJob(job, 'generate')
    generateStore.setState({ job })
  })
  generateStore.setState({ starting: false })
}

const NAME_THEM =
  'Choose the folder of real pictures on the right and make the set again, into an empty folder, to have figures.'
const STOPPED = 'They were stopped. What was found is kept: Go on finds the rest.'
const LOST = 'The engine stopped while they were being found. Make the set again: what was found is kept.'

/** What was being found when the work ended will not come. */
function settled(figures: Figures, reason: string): Figures {
  return figures.state === 'finding' ? { state: 'skipped', reason } : figures
}

function reduceOne(state: GenerateState, event: GenerateEvent): GenerateState {
  switch (event.type) {
    case 'generation-started':
      // Where nothing is there, what was made before is gone, or made again.
      return event.already === 0
        ? { ...state, made: [], before: 0 }
        : { ...state, before: state.made.length > 0 ? state.before : event.already }
    case 'generation-trial':
      return state
    case 'generated':
      return { ...state, made: [...state.made, { file: event.output, label: event.label }] }
    case 'figures-progress':
      return { ...state, figures: { state: 'finding', progress: event } }
    case 'figures':
      return { ...state, figures: { state: 'found', figures: event.figures, gallery: event.gallery } }
    case 'figures-skipped':
      return { ...state, figures: { state: 'skipped', reason: `${event.reason} ${NAME_THEM}` } }
    case 'generation-done':
      return { ...state, outcome: event, figures: settled(state.figures, STOPPED) }
    case 'generation-failed':
      return { ...state, refusal: event.refusal, figures: settled(state.figures, event.refusal.message) }
  }
}

/** The next state of the set. Events of sets that were started elsewhere, or before, leave it as it is. */
export function reduceGenerate(state: GenerateState, events: readonly WindowEvent[]): GenerateState {
  let next = state
  for (const event of events) {
    if (event.kind === 'engine' && event.status.state === 'crashed')
      next = { ...next, figures: settled(next.figures, LOST) }
    if (event.kind !== 'generate') continue
    const isMine = next.job === event.job || (next.starting && event.event.type === 'generation-started')
    if (isMine) next = reduceOne({ ...next, job: event.job }, event.event)
  }
  return next
}
