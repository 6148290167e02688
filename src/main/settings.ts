import { join } from 'node:path'
import { settings as settingsSchema, type Settings } from '../core/contract/windowRequests.ts'
import { readJsonFile, writeJsonFile } from './jsonFile.ts'

export type SettingsStore = { get(): Settings; save(next: Settings): Promise<void> }

export async function openSettings(folder: string): Promise<SettingsStore> {
  const path = join(folder, 'settings.json')
  let current = await readJsonFile(path, settingsSchema, { theme: 'system', panels: {} })
  let writing = Promise.resolve()
  return {
    get: () => current,
    save: (next) => {
      current = next
      // One after the other, so that the last wish is what stays on disk.
      writing = writing.then(
        () => writeJsonFile(path, next),
        () => writeJsonFile(path, next),
      )
      return writing
    },
  }
}
