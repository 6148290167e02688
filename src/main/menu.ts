import { Menu, type MenuItemConstructorOptions } from 'electron'

export type MenuActions = {
  openProject(): void
  command(command: 'start' | 'guide' | 'shortcuts'): void
}

const edit: MenuItemConstructorOptions = {
  label: '&Edit',
  submenu: [
    { role: 'undo' },
    { role: 'redo' },
    { type: 'separator' },
    { role: 'cut' },
    { role: 'copy' },
    { role: 'paste' },
    { role: 'selectAll' },
  ],
}
const view: MenuItemConstructorOptions = {
  label: '&View',
  submenu: [
    { role: 'zoomIn', accelerator: 'CmdOrCtrl+=' },
    { role: 'zoomOut' },
    { role: 'resetZoom' },
    { type: 'separator' },
    { role: 'togglefullscreen' },
  ],
}

export function setMenu(actions: MenuActions): void {
  const isMac = process.platform === 'darwin'
  const file: MenuItemConstructorOptions = {
    label: '&File',
    submenu: [
      { label: 'Start page', accelerator: 'CmdOrCtrl+N', click: () => actions.command('start') },
      { label: 'Open project…', accelerator: 'CmdOrCtrl+O', click: actions.openProject },
      { type: 'separator' },
      isMac ? { role: 'close' } : { role: 'quit' },
    ],
  }
  const help: MenuItemConstructorOptions = {
    label: '&Help',
    role: 'help',
    submenu: [
      { label: 'Guide', accelerator: 'F1', click: () => actions.command('guide') },
      { label: 'Keys', accelerator: 'CmdOrCtrl+/', click: () => actions.command('shortcuts') },
      ...(isMac ? [] : [{ type: 'separator' } as const, { role: 'about' } as const]),
    ],
  }
  const own: MenuItemConstructorOptions[] = isMac ? [{ role: 'appMenu' }] : []
  Menu.setApplicationMenu(Menu.buildFromTemplate([...own, file, edit, view, { role: 'windowMenu' }, help]))
}
