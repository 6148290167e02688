import { createStore } from 'zustand/vanilla'
import type { WindowEvent, WindowReply, WindowViews } from '../../core/contract/index.ts'
import type { EngineStatus, Settings } from '../../core/contract/windowRequests.ts'
import type { FileHandle } from '../../core/files.ts'
import { ask } from '../bridge.ts'
import { attempt, notifyRefusal } from './notices.ts'

export const places = ['data', 'train', 'compare', 'translate', 'generate'] as const
export type Place = (typeof places)[number]
export type ProjectView = WindowViews['project']

type ShellState = {
  /** Start is a page of its own. */
  place: Place | 'start'
  project: ProjectView | null
  opening: boolean
  info: WindowReply<'app:info'> | null
  settings: Settings
  /** What the wished theme comes to: that of the system may change at any time. */
  shownTheme: 'dark' | 'light'
  engine: EngineStatus | null
  backend: WindowViews['engine'] | null
  aside: 'none' | 'guide' | 'shortcuts'
  closeAsked: number | null
}

export const shellStore = createStore<ShellState>(() => ({
  place: 'start',
  project: null,
  opening: false,
  info: null,
  settings: { theme: 'system', panels: {} },
  shownTheme: 'dark',
  engine: null,
  backend: null,
  aside: 'none',
  closeAsked: null,
}))

export function goTo(place: Place | 'start'): void {
  shellStore.setState({ place })
}

export function showAside(aside: ShellState['aside']): void {
  shellStore.setState((state) => ({ aside: state.aside === aside ? 'none' : aside }))
}

let saving: ReturnType<typeof setTimeout> | undefined

/** Applies at once, and remembers a moment later, so that dragging a panel does not write a file a pixel. */
export function changeSettings(change: (settings: Settings) => Settings): void {
  shellStore.setState(({ settings }) => ({ settings: change(settings) }))
  clearTimeout(saving)
  saving = setTimeout(() => {
    void attempt(async () => {
      await ask('app:saveSettings', shellStore.getState().settings)
    })
  }, 400)
}

export function setPanel(name: string, value: number): void {
  changeSettings((settings) => ({ ...settings, panels: { ...settings.panels, [name]: value } }))
}

async function greetEngine(): Promise<void> {
  try {
    shellStore.setState({ backend: await ask('engine:hello', {}) })
  } catch (error) {
    notifyRefusal(error)
  }
}

export function reduceShell(event: WindowEvent): void {
  if (event.kind === 'close-asked') shellStore.setState({ closeAsked: event.running })
  if (event.kind === 'menu') {
    if (event.command === 'start') goTo('start')
    else shellStore.setState({ aside: event.command })
  }
  if (event.kind !== 'engine') return
  const before = shellStore.getState().engine
  shellStore.setState({ engine: event.status })
  const isNew = before?.state !== 'ready' || before.processId !== event.status.processId
  if (event.status.state === 'ready' && isNew) void greetEngine()
}

export function answerClose(answer: 'keep-running' | 'pause' | 'stop' | 'cancel'): Promise<void> {
  shellStore.setState({ closeAsked: null })
  return attempt(async () => {
    await ask('app:answerClose', { answer })
  })
}

export function restartEngine(): Promise<void> {
  return attempt(async () => {
    await ask('engine:restart', {})
  })
}

export function showInFolder(file: FileHandle): Promise<void> {
  return attempt(async () => {
    await ask('folder:show', { file })
  })
}

/** What the window needs before it can show itself; each part may fail without the others. */
export async function startShell(openFirst: (folder: FileHandle) => Promise<void>): Promise<void> {
  await attempt(async () => {
    shellStore.setState({ settings: await ask('app:settings', {}) })
  })
  await attempt(async () => {
    const info = await ask('app:info', {})
    shellStore.setState({ info })
    if (info.firstProject) void openFirst(info.firstProject)
  })
  await attempt(async () => {
    reduceShell({ kind: 'engine', status: await ask('engine:status', {}) })
  })
}
