import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { isProjectLocked, lockProject } from '../../../src/engine/storage/lock.ts'
import { temporaryFolder } from '../training/support/tinyProject.ts'

async function holdElsewhere(folder: string): Promise<ChildProcess> {
  const script = fileURLToPath(new URL('./holdLock.ts', import.meta.url))
  const holder = spawn(process.execPath, [script, folder], { stdio: ['ignore', 'pipe', 'inherit'] })
  if (holder.stdout) await once(holder.stdout, 'data')
  return holder
}

test('one writer a project: the second is told who the first is, and the lock dies with it', async () => {
  const folder = await temporaryFolder()
  expect(isProjectLocked(folder)).toBe(false)
  const holder = await holdElsewhere(folder)
  expect(isProjectLocked(folder)).toBe(true)
  expect(() => lockProject(folder)).toThrow(`the command line (process ${holder.pid} on`)
  holder.kill('SIGKILL')
  await once(holder, 'close')
  expect(isProjectLocked(folder)).toBe(false)
  const lock = lockProject(folder)
  expect(() => lockProject(folder)).toThrow(`process ${process.pid} on`)
  expect(isProjectLocked(folder)).toBe(true)
  lock.release()
  lockProject(folder).release()
})

test('looking whether a project is locked does not disturb whoever locks it', async () => {
  const folder = await temporaryFolder()
  lockProject(folder).release()
  const holder = await holdElsewhere(folder)
  for (let look = 0; look < 50; look += 1) expect(isProjectLocked(folder)).toBe(true)
  holder.kill('SIGKILL')
  await once(holder, 'close')
})
