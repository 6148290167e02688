import { resolve } from 'node:path'
import { app, dialog, nativeTheme, protocol, session, type BrowserWindow } from 'electron'
import { refusalOf } from '../core/errors.ts'
import type { WindowEvent } from '../core/contract/index.ts'
import { createClosing, type Closing } from './close.ts'
import { eventForWindow } from './engine/forward.ts'
import { createRunningJobs } from './engine/running.ts'
import { createEngines, type Engines } from './engines.ts'
import { sweepScratch } from './folders.ts'
import { createGrants } from './grants.ts'
import { chooseFolder, createWindowHandlers } from './handlers.ts'
import { setMenu } from './menu.ts'
import { projectFromStart, rendererFolder } from './paths.ts'
import { serveScheme } from './protocol.ts'
import { openRecentProjects } from './recent.ts'
import { createResponder } from './respond.ts'
import { lockSession } from './security.ts'
import { serveWindow } from './serve.ts'
import { openSettings } from './settings.ts'
import { createWindow, showWindow, tellWindow } from './window.ts'

/** Puts the parts together and opens the window. What cannot start is told in a dialog, and ends the app. */
export async function startStudio(): Promise<void> {
  try {
    await assemble()
  } catch (error) {
    const { message, remedy } = refusalOf(error)
    console.error(error)
    dialog.showErrorBox('Diptych cannot start', `${message}\n\n${remedy}`)
    app.exit(1)
  }
}

async function assemble(): Promise<void> {
  const userData = app.getPath('userData')
  let window: BrowserWindow | null = null
  const tell = (event: WindowEvent) => tellWindow(window, event)
  const grants = createGrants()
  const settings = await openSettings(userData)
  const recent = await openRecentProjects(userData)
  const running = createRunningJobs(() => closing.jobsChanged())
  const engines = await createEngines(userData, {
    onStatus: (status) => {
      if (status.state !== 'ready') running.clear()
      tell({ kind: 'engine', status })
    },
    onEvent: (event) => {
      running.follow(event)
      tell(eventForWindow(grants, event))
    },
  })
  const { compute, library } = engines
  const closing = createClosing({ running, compute, tell, quit: () => app.quit() })
  const firstProject = process.env.DIPTYCH_OPEN ?? projectFromStart(process.argv)
  const studio = { window: () => window, userData, firstProject, grants, settings, recent, compute, closing }
  const openProject = (folder: string) => tell({ kind: 'open-project', folder: grants.grant(folder) })

  nativeTheme.themeSource = settings.get().theme
  lockSession(session.defaultSession)
  serveScheme(protocol, { rendererFolder, grants, library })
  const respond = createResponder({ grants, recent, engines, handlers: createWindowHandlers(studio) })
  serveWindow({ respond, grantDropped: (paths) => paths.map((path) => grants.grant(path)) })
  setMenu({
    command: (command) => tell({ kind: 'menu', command }),
    openProject: () =>
      void chooseFolder(window, 'open-project').then(
        ([folder]) => folder !== undefined && openProject(folder),
      ),
  })
  endCleanly(engines, closing.leave)
  comeBack(closing, () => window, openProject)

  compute.start()
  library.start()
  window = createWindow()
  closing.guard(window)
  // What cannot be swept today is swept another day.
  void sweepScratch(userData).catch(console.error)
}

/** A second start of the app, or its icon, brings the one window back, with the project that was named. */
function comeBack(
  closing: Closing,
  window: () => BrowserWindow | null,
  openProject: (folder: string) => void,
): void {
  const show = () => {
    const shown = window()
    if (shown && !shown.isDestroyed()) showWindow(shown)
  }
  app.on('activate', show)
  app.on('second-instance', (_event, argv, folder) => {
    if (closing.isLeaving()) return app.relaunch()
    show()
    const wanted = projectFromStart(argv)
    if (wanted !== null) openProject(resolve(folder, wanted))
  })
}

/** The engines save what they can before the app ends, however it is ended. */
function endCleanly({ compute, library }: Engines, leave: () => void): void {
  let ended = false
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, leave)
  app.on('window-all-closed', () => app.quit())
  app.on('will-quit', (event) => {
    if (ended) return
    ended = true
    event.preventDefault()
    void Promise.all([compute.shutdown(), library.shutdown()]).then(() => app.exit(0))
  })
}
