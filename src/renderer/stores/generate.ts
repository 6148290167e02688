import { createStore } from 'zustand/vanilla'
import type { WindowEvent } from '../../core/contract/index.ts'
import type { Refusal } from '../../core/errors.ts'
import type { FileHandle } from '../../core/files.ts'
import { figureChoice, generateOptions } from '../../core/generation/events.ts'
import type { SetFigures } from '../../core/generation/figures.ts'
import { parseOptions } from '../../core/options/parse.ts'
import { ask } from '../bridge.ts'
import { enterJob } from './jobs.ts'
import { attempt } from './notices.ts'
import { modelsFor, translateStore } from './translate.ts'
import type { ModelView } from './translate.ts'

type GenerateEvent = Extract<WindowEvent, { kind: 'generate' }>['event']
type Outcome = Extract<GenerateEvent, { type: 'generation-done' }>
type Part = Extract<GenerateEvent, { type: 'figures-progress' }>
/** The figures of the set that is shown: not asked for yet, being found, found, or why there are none. */
export type Figures =
  | { state: 'none' }
  | { state: 'finding'; progress: Pick<Part, 'part' | 'done' | 'total'> }
  | { state: 'found'; figures: SetFigures; gallery: FileHandle }
  | { state: 'skipped'; reason: string }
/** One picture that was made. */
export type MadePicture = { file: FileHandle; label: string | null }

type GenerateState = {
  model: string | null
  options: Readonly<Record<string, unknown>>
  /** Whether figures are found. */
  choice: Readonly<Record<string, unknown>>
  output: FileHandle | null
  /** Real pictures that none of the made ones may come too close to. */
  real: FileHandle | null
  /** Pictures that a model turns which makes none from nothing. */
  source: FileHandle | null
  figures: Figures
  shown: 'pictures' | 'figures'
  made: readonly MadePicture[]
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
  choice: {},
  output: null,
  real: null,
  source: null,
  figures: { state: 'none' },
  shown: 'pictures',
  made: [],
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

export async function generateAll(): Promise<void> {
  const state = generateStore.getState()
  const model = generatorOf(translateStore.getState(), state)
  if (!model || state.starting) return
  generateStore.setState({ starting: true, outcome: null, refusal: null })
  await attempt(async () => {
    const options = parseOptions(generateOptions, state.options)
    const output = state.output ?? (await ask('folder:scratch', {}))
    const source = needsSource(model) ? state.source : null
    const { figures, worthSteps } = parseOptions(figureChoice, state.choice)
    const request = { model: model.file, output, real: state.real, source, options }
    const { job } = await ask('generate:start', { ...request, figures: figures && null, worthSteps })
    enterJob(job, 'generate')
    generateStore.setState({ job, made: [], selected: -1, figures: { state: 'none' } })
  })
  generateStore.setState({ starting: false })
}

const NAME_THEM = 'Choose the folder of real pictures on the right to have figures.'
const STOPPED = 'They were stopped. Make the set again to go on: what was found is kept.'

/** What was being found when the work ended will not come. */
function settled(figures: Figures, reason: string): Figures {
  return figures.state === 'finding' ? { state: 'skipped', reason } : figures
}

function reduceOne(state: GenerateState, event: GenerateEvent): GenerateState {
  switch (event.type) {
    case 'generation-started':
      return { ...state, made: [], selected: -1, figures: { state: 'none' } }
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
    if (event.kind !== 'generate') continue
    const isMine = next.job === event.job || (next.starting && event.event.type === 'generation-started')
    if (isMine) next = reduceOne({ ...next, job: event.job }, event.event)
  }
  return next
}
