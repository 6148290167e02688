import { existsSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { refuse } from '../../core/errors.ts'
import { readSqliteLock, takeSqliteLock } from './sqliteLock.ts'

const holderSchema = z.strictObject({
  processId: z.number().int(),
  host: z.string(),
  /** When that process started, as ISO 8601. */
  since: z.string(),
  door: z.string(),
})
export type LockHolder = z.infer<typeof holderSchema>

function lockPath(projectFolder: string): string {
  return join(projectFolder, 'project.lock')
}

/** Who this process is, for whoever finds the project busy. The window's engine is started with DIPTYCH_DOOR=window. */
function describeThisProcess(): LockHolder {
  return {
    processId: process.pid,
    host: hostname(),
    since: new Date(Date.now() - process.uptime() * 1000).toISOString(),
    door: process.env.DIPTYCH_DOOR === 'window' ? 'the window' : 'the command line',
  }
}

function parseHolder(text: string): LockHolder | undefined {
  if (text === '') return undefined
  const parsed = holderSchema.safeParse(JSON.parse(text))
  return parsed.success ? parsed.data : undefined
}

/**
 * Takes a project for writing. One writer a project: window and command line together are safe. The lock dies with
 * its process, so there are no stale ones.
 * @throws Refused `project-busy`, naming the holder; `write-forbidden`, `disk-full`
 */
export function lockProject(projectFolder: string): { release(): void } {
  const path = lockPath(projectFolder)
  const lock = takeSqliteLock(path, JSON.stringify(describeThisProcess()))
  if (lock) return lock
  const holder = parseHolder(readSqliteLock(path) ?? '')
  const who = holder
    ? `${holder.door} (process ${holder.processId} on ${holder.host}, running since ${holder.since})`
    : 'another process'
  throw refuse(
    'project-busy',
    `The project in ${projectFolder} is being trained by ${who}.`,
    'Wait until it is done, or stop it there.',
  )
}

/**
 * Takes project.json for the moment of a change. It is another lock than the project's: settings may change while a run
 * trains, since the run has its own copy of them.
 * @throws Refused `project-busy`, `write-forbidden`, `disk-full`
 */
export function lockSettings(projectFolder: string): { release(): void } {
  const path = join(projectFolder, 'settings.lock')
  const lock = takeSqliteLock(path, JSON.stringify(describeThisProcess()))
  if (lock) return lock
  throw refuse(
    'project-busy',
    `Another process is changing the settings of the project in ${projectFolder}.`,
    'Try again in a moment.',
  )
}

/**
 * Takes the sweeps of a project. It is another lock than the project's, which each of a sweep's runs takes for itself.
 * @throws Refused `project-busy`, `write-forbidden`, `disk-full`
 */
export function lockSweeps(projectFolder: string): { release(): void } {
  const path = join(projectFolder, 'sweep.lock')
  const lock = takeSqliteLock(path, JSON.stringify(describeThisProcess()))
  if (lock) return lock
  throw refuse(
    'project-busy',
    `Another process is trying several settings in the project in ${projectFolder}.`,
    'Wait until it is done, or stop it there.',
  )
}

/** Whether somebody, this process included, holds the project for writing. Never keeps the lock. */
export function isProjectLocked(projectFolder: string): boolean {
  const path = lockPath(projectFolder)
  return existsSync(path) && readSqliteLock(path) !== null
}
