import { mkdirSync } from 'node:fs'
import { app } from 'electron'
import { startStudio } from './studio.ts'
import { declareScheme, lockProcess } from './security.ts'

const userData = process.env.DIPTYCH_USER_DATA
if (userData) {
  mkdirSync(userData, { recursive: true })
  app.setPath('userData', userData)
}
declareScheme()
lockProcess()
// Not awaited: Electron becomes ready only after this module has been evaluated.
if (app.requestSingleInstanceLock()) void app.whenReady().then(startStudio)
else app.quit()
