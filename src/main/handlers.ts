import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { app, dialog, nativeTheme, shell, type BrowserWindow, type OpenDialogOptions } from 'electron'
import type { WindowReply, WindowRequest } from '../core/contract/index.ts'
import type { windowRequests } from '../core/contract/windowRequests.ts'
import type { Closing } from './close.ts'
import type { Supervisor } from './engine/supervisor.ts'
import { chooseProjectFolder, makeScratchFolder } from './folders.ts'
import type { Grants } from './grants.ts'
import { projectsFolder, rootFolder } from './paths.ts'
import type { RecentProjects } from './recent.ts'
import type { SettingsStore } from './settings.ts'

export type Studio = {
  window(): BrowserWindow | null
  userData: string
  firstProject: string | null
  grants: Grants
  settings: SettingsStore
  recent: RecentProjects
  compute: Supervisor
  closing: Closing
}

type OwnName = keyof typeof windowRequests
export type WindowHandlers = {
  [Name in OwnName]: (request: WindowRequest<Name>) => Promise<WindowReply<Name>>
}

/** The oldest major version of Electron that still gets security fixes at the time of this version of Diptych. */
const OLDEST_SUPPORTED_ELECTRON = 43

const titles: Record<WindowRequest<'dialog:chooseFolder'>['purpose'], string> = {
  'open-project': 'Open a project',
  'new-project': 'Choose a folder for the new project',
  dataset: 'Choose a folder of pictures',
  output: 'Choose a folder for the results',
  input: 'Choose a folder of pictures',
}

export async function choose(window: BrowserWindow | null, options: OpenDialogOptions): Promise<string[]> {
  const { filePaths } = await (window
    ? dialog.showOpenDialog(window, options)
    : dialog.showOpenDialog(options))
  return filePaths
}

export function chooseFolder(
  window: BrowserWindow | null,
  purpose: WindowRequest<'dialog:chooseFolder'>['purpose'],
): Promise<string[]> {
  const canCreate = purpose === 'new-project' || purpose === 'output'
  return choose(window, {
    title: titles[purpose],
    properties: ['openDirectory', ...(canCreate ? (['createDirectory'] as const) : [])],
  })
}

/** What only main can do. One function a request: a request without one does not compile. */
export function createWindowHandlers(studio: Studio): WindowHandlers {
  return {
    ...appHandlers(studio),
    ...engineHandlers(studio),
    ...fileHandlers(studio),
    ...recentHandlers(studio),
  }
}

function appHandlers(studio: Studio) {
  return {
    'app:info': async () => ({
      version: app.getVersion(),
      electron: process.versions.electron,
      endOfLifeRuntime: Number.parseInt(process.versions.electron, 10) < OLDEST_SUPPORTED_ELECTRON,
      platform: process.platform,
      firstProject: studio.firstProject === null ? null : studio.grants.grant(resolve(studio.firstProject)),
    }),
    'app:settings': async () => studio.settings.get(),
    'app:saveSettings': async (next) => {
      nativeTheme.themeSource = next.theme
      await studio.settings.save(next)
      return {}
    },
    'app:guide': async () => ({ markdown: await readFile(join(rootFolder, 'docs', 'guide.md'), 'utf8') }),
    'app:answerClose': async ({ answer }) => {
      await studio.closing.answer(answer)
      return {}
    },
  } satisfies Partial<WindowHandlers>
}

function engineHandlers({ compute }: Studio) {
  return {
    'engine:status': async () => compute.status(),
    'engine:restart': async () => {
      await compute.restart()
      return {}
    },
  } satisfies Partial<WindowHandlers>
}

function fileHandlers({ window, userData, grants }: Studio) {
  return {
    'dialog:chooseFolder': async ({ purpose }) => {
      const [folder] = await chooseFolder(window(), purpose)
      return folder === undefined ? null : grants.grant(folder)
    },
    'dialog:choosePictures': async () => {
      const extensions = ['png', 'jpg', 'jpeg', 'tif', 'tiff', 'webp', 'avif']
      const paths = await choose(window(), {
        title: 'Choose pictures',
        properties: ['openFile', 'multiSelections'],
        filters: [{ name: 'Pictures', extensions }],
      })
      return paths.map((path) => grants.grant(path))
    },
    'folder:scratch': async () => grants.grant(await makeScratchFolder(userData)),
    'folder:forProject': async ({ name }) => grants.grant(await chooseProjectFolder(projectsFolder(), name)),
    'folder:show': async ({ file }) => {
      shell.showItemInFolder(grants.pathOf(file.id))
      return {}
    },
  } satisfies Partial<WindowHandlers>
}

function recentHandlers({ recent, grants }: Studio) {
  return {
    'recent:list': async () =>
      (await recent.list()).map(({ folder, name, cover, missing }) => ({
        folder: grants.grant(folder),
        name,
        cover: cover === null ? null : grants.grant(cover),
        missing,
      })),
    'recent:forget': async ({ folder }) => {
      await recent.forget(grants.pathOf(folder.id))
      return {}
    },
  } satisfies Partial<WindowHandlers>
}
