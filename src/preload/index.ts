import { contextBridge, ipcRenderer, webUtils, type IpcRendererEvent } from 'electron'
import { windowContract } from '../core/contract/index.ts'

contextBridge.exposeInMainWorld('studio', {
  /** Asks main. Names are checked here, requests and replies are parsed in main. */
  ask: (name: string, request: unknown): Promise<unknown> =>
    Object.hasOwn(windowContract, name)
      ? ipcRenderer.invoke('studio:ask', name, request)
      : Promise.reject(new Error(`Unknown request: ${name}`)),
  /** Hears every event; the answer ends it. */
  on: (listener: (event: unknown) => void): (() => void) => {
    const hear = (_event: IpcRendererEvent, event: unknown) => listener(event)
    ipcRenderer.on('studio:event', hear)
    return () => ipcRenderer.off('studio:event', hear)
  },
  /** Handles for files that a person dropped. Only real files have paths; they never reach the page. */
  dropped: (files: File[]): Promise<unknown> => {
    const paths = files.map((file) => webUtils.getPathForFile(file)).filter((path) => path !== '')
    return ipcRenderer.invoke('studio:dropped', paths)
  },
})
