import { createStore } from 'zustand/vanilla'
import type { WindowEvent, WindowReply, WindowViews } from '../../core/contract/index.ts'
import type { Refusal } from '../../core/errors.ts'
import { exporters } from '../../core/exporters/index.ts'
import type { ExporterId } from '../../core/exporters/index.ts'
import type { FileHandle } from '../../core/files.ts'
import { describeOptions } from '../../core/options/describe.ts'
import type { OptionDescription } from '../../core/options/describe.ts'
import { parseOptions } from '../../core/options/parse.ts'
import { translateOptions } from '../../core/translation/events.ts'
import type { TranslateOptions } from '../../core/translation/events.ts'
import { ask } from '../bridge.ts'
import { enterJob } from './jobs.ts'
import { idle, load, valueOf } from './loadable.ts'
import type { Loadable } from './loadable.ts'
import { attempt } from './notices.ts'
import { exportItemsOf, newItem, reduceItems } from './translation.ts'
import type { Item } from './translation.ts'

export type ModelView = WindowViews['model']
type Outcome = Extract<Extract<WindowEvent, { kind: 'translate' }>['event'], { type: 'translate-done' }>

type TranslateState = {
  models: Loadable<readonly ModelView[]>
  model: string | null
  roots: readonly FileHandle[]
  items: readonly Item[]
  listing: boolean
  selected: number
  job: string | null
  starting: boolean
  outcome: Outcome | null
  refusal: Refusal | null
  options: Readonly<Record<string, unknown>>
  /** null: a fresh folder of ours, until they are exported. */
  output: FileHandle | null
  exporter: ExporterId
  exportOptions: Readonly<Record<string, unknown>>
  /** All variants, not the picked ones alone. */
  exportAll: boolean
  exported: Loadable<{ folder: FileHandle } & WindowReply<'export:write'>>
}

export const translateStore = createStore<TranslateState>(() => ({
  models: idle,
  model: null,
  roots: [],
  items: [],
  listing: false,
  selected: 0,
  job: null,
  starting: false,
  outcome: null,
  refusal: null,
  options: {},
  output: null,
  exporter: 'pictures',
  exportOptions: {},
  exportAll: false,
  exported: idle,
}))

/** What models do here: work on pictures, or make them from nothing. */
export type Work = 'translate' | 'generate'

export function modelsFor(work: Work, { models }: { models: Loadable<readonly ModelView[]> }): ModelView[] {
  return (valueOf(models) ?? []).filter(
    ({ header }) => (header.task === 'generate') === (work === 'generate'),
  )
}

export function chosenModel({ models, model }: TranslateState): ModelView | null {
  const known = modelsFor('translate', { models })
  return known.find(({ file }) => file.id === model) ?? known[0] ?? null
}

const described = describeOptions(translateOptions)
const VARIANT_OPTIONS: readonly string[] = ['variants', 'styleSeed']

/**
 * The options that mean something to a model: of variants nothing is asked where a picture has one answer, and the look is one of
 * those that the model knows, the first of them unless told otherwise.
 */
export function optionsOf(model: ModelView | null): OptionDescription[] {
  const { latent = 0, labels = [] } = model?.header.condition ?? {}
  const choices = labels.map((label) => ({ value: label, label }))
  const known = described.filter(({ key }) => {
    if (key === 'label') return labels.length > 0
    return latent > 0 || !VARIANT_OPTIONS.includes(key)
  })
  return known.map((option) =>
    option.key === 'label'
      ? { ...option, kind: 'choice', level: 'simple', choices, defaultValue: labels[0] }
      : option,
  )
}

/** What is asked of a model: options of another model's that mean nothing to this one are left out. */
export function askedOf(model: ModelView, options: TranslateState['options']): TranslateOptions {
  const asked = optionsOf(model).map(({ key, kind, choices, defaultValue }) => {
    const value = options[key] ?? defaultValue
    const isKnown = kind !== 'choice' || choices.some((choice) => choice.value === value)
    return [key, isKnown ? value : defaultValue]
  })
  return parseOptions(translateOptions, Object.fromEntries(asked))
}

export function listModels(project: FileHandle | null): Promise<void> {
  return load(
    () => ask('model:list', { project }),
    (models) => {
      // What is shown stays in place while the list is read again.
      if (models.status === 'loading' && translateStore.getState().models.status === 'ready') return
      translateStore.setState({ models })
    },
  )
}

export function chooseModel(model: string): void {
  translateStore.setState({ model })
}

/** Adds pictures and folders; a folder stands for all pictures in it, at any depth. */
export function addInputs(files: readonly FileHandle[]): Promise<void> {
  const { roots } = translateStore.getState()
  const fresh = files.filter((file) => !roots.some((root) => root.id === file.id))
  return fresh.length === 0 ? Promise.resolve() : setInputs([...roots, ...fresh])
}

export async function setInputs(roots: readonly FileHandle[]): Promise<void> {
  translateStore.setState({ roots, listing: true, outcome: null, refusal: null, exported: idle })
  await attempt(async () => {
    const files = roots.length === 0 ? [] : await ask('picture:list', { inputs: [...roots] })
    translateStore.setState(({ items, selected }) => ({
      items: files.map((file) => items.find((item) => item.input.id === file.id) ?? newItem(file)),
      selected: Math.min(selected, Math.max(0, files.length - 1)),
    }))
  })
  translateStore.setState({ listing: false })
}

export function choosePictures(): Promise<void> {
  return attempt(async () => addInputs(await ask('dialog:choosePictures', {})))
}

export function chooseInputFolder(): Promise<void> {
  return attempt(async () => {
    const folder = await ask('dialog:chooseFolder', { purpose: 'input' })
    if (folder) await addInputs([folder])
  })
}

export function chooseOutput(): Promise<void> {
  return attempt(async () => {
    const output = await ask('dialog:chooseFolder', { purpose: 'output' })
    if (output) translateStore.setState({ output })
  })
}

export async function translateAll(): Promise<void> {
  const state = translateStore.getState()
  const model = chosenModel(state)
  if (!model || state.roots.length === 0 || state.starting) return
  translateStore.setState({ starting: true, outcome: null, refusal: null, exported: idle })
  await attempt(async () => {
    const options = askedOf(model, state.options)
    const output = state.output ?? (await ask('folder:scratch', {}))
    const inputs = [...state.roots]
    const { job } = await ask('translate:start', { model: model.file, inputs, output, options })
    enterJob(job, 'translate')
    translateStore.setState(({ items }) => ({ job, items: items.map((item) => newItem(item.input)) }))
  })
  translateStore.setState({ starting: false })
}

export async function exportResults(): Promise<void> {
  const state = translateStore.getState()
  await attempt(async () => {
    const folder = await ask('dialog:chooseFolder', { purpose: 'output' })
    if (!folder) return
    const options = parseOptions(exporters[state.exporter].options, state.exportOptions)
    const items = exportItemsOf(state.items, state.exportAll)
    await load(
      async () => ({
        folder,
        ...(await ask('export:write', { exporter: state.exporter, options, items, output: folder })),
      }),
      (exported) => translateStore.setState({ exported }),
    )
  })
}

/** The next state of the batch. Events of batches that were started elsewhere, or before, leave it as it is. */
export function reduceTranslate(state: TranslateState, events: readonly WindowEvent[]): TranslateState {
  let next = state
  for (const event of events) {
    if (event.kind !== 'translate') continue
    const mine = next.job === event.job || (next.starting && event.event.type === 'translate-started')
    if (!mine) continue
    next = { ...next, job: event.job, items: reduceItems(next.items, event.event) }
    if (event.event.type === 'translate-done') next = { ...next, outcome: event.event }
    if (event.event.type === 'translate-failed') next = { ...next, refusal: event.event.refusal }
  }
  return next
}
