import { createStore } from 'zustand/vanilla'
import type { WindowEvent } from '../../core/contract/index.ts'
import type { Refusal } from '../../core/errors.ts'
import type { FileHandle } from '../../core/files.ts'
import { generateOptions } from '../../core/generation/events.ts'
import { parseOptions } from '../../core/options/parse.ts'
import { ask } from '../bridge.ts'
import { enterJob } from './jobs.ts'
import { attempt } from './notices.ts'
import { modelsFor, translateStore } from './translate.ts'
import type { ModelView } from './translate.ts'

type GenerateEvent = Extract<WindowEvent, { kind: 'generate' }>['event']
type Outcome = Extract<GenerateEvent, { type: 'generation-done' }>
/** One picture that was made. */
export type MadePicture = { file: FileHandle; label: string | null }

type GenerateState = {
  model: string | null
  options: Readonly<Record<string, unknown>>
  output: FileHandle | null
  /** Real pictures that none of the made ones may come too close to. */
  real: FileHandle | null
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
  output: null,
  real: null,
  made: [],
  label: null,
  selected: -1,
  job: null,
  starting: false,
  outcome: null,
  refusal: null,
}))

/** The model that was chosen, else the first of those that make pictures. */
export function generatorOf(
  models: Parameters<typeof modelsFor>[1],
  { model }: Pick<GenerateState, 'model'>,
): ModelView | null {
  const known = modelsFor('generate', models)
  return known.find(({ file }) => file.id === model) ?? known[0] ?? null
}

function chooseFolder(purpose: 'output' | 'input', key: 'output' | 'real'): Promise<void> {
  return attempt(async () => {
    const folder = await ask('dialog:chooseFolder', { purpose })
    if (folder) generateStore.setState({ [key]: folder })
  })
}

export const chooseSetFolder = () => chooseFolder('output', 'output')
export const chooseRealFolder = () => chooseFolder('input', 'real')

export async function generateAll(): Promise<void> {
  const state = generateStore.getState()
  const model = generatorOf(translateStore.getState(), state)
  if (!model || state.starting) return
  generateStore.setState({ starting: true, outcome: null, refusal: null })
  await attempt(async () => {
    const options = parseOptions(generateOptions, state.options)
    const output = state.output ?? (await ask('folder:scratch', {}))
    const { job } = await ask('generate:start', { model: model.file, output, real: state.real, options })
    enterJob(job, 'generate')
    generateStore.setState({ job, made: [], selected: -1 })
  })
  generateStore.setState({ starting: false })
}

function reduceOne(state: GenerateState, event: GenerateEvent): GenerateState {
  switch (event.type) {
    case 'generation-started':
      return { ...state, made: [], selected: -1 }
    case 'generation-trial':
      return state
    case 'generated':
      return { ...state, made: [...state.made, { file: event.output, label: event.label }] }
    case 'generation-done':
      return { ...state, outcome: event }
    case 'generation-failed':
      return { ...state, refusal: event.refusal }
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
