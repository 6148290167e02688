import { join } from 'node:path'
import { BrowserWindow, nativeTheme } from 'electron'
import type { WindowEvent } from '../core/contract/index.ts'
import { rootFolder } from './paths.ts'
import { appOrigin } from './protocol.ts'

export const eventChannel = 'studio:event'

export function createWindow(): BrowserWindow {
  const window = new BrowserWindow({
    title: 'Diptych',
    width: 1440,
    height: 900,
    minWidth: 960,
    minHeight: 620,
    show: false,
    icon: join(rootFolder, 'resources', 'icon.png'),
    backgroundColor: nativeTheme.shouldUseDarkColors ? '#161616' : '#f4f4f4',
    webPreferences: {
      preload: join(import.meta.dirname, '..', 'preload', 'index.cjs'),
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webSecurity: true,
      webviewTag: false,
      spellcheck: false,
    },
  })
  window.once('ready-to-show', () => window.show())
  void window.loadURL(`${appOrigin}/index.html`)
  return window
}

export function tellWindow(window: BrowserWindow | null, event: WindowEvent): void {
  if (window && !window.isDestroyed()) window.webContents.send(eventChannel, event)
}

/** Brings the window back, from the background or from hiding. */
export function showWindow(window: BrowserWindow): void {
  if (window.isMinimized()) window.restore()
  window.show()
  window.focus()
}
