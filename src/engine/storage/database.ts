import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { z } from 'zod'
import { refuse } from '../../core/errors.ts'
import { databaseMigrations } from './migrations.ts'

const versionRow = z.object({ user_version: z.number() })

function versionOf(database: DatabaseSync): number {
  return versionRow.parse(database.prepare('PRAGMA user_version').get()).user_version
}

/** Runs `work` as one transaction: all of it or nothing. */
export function inTransaction(database: DatabaseSync, work: () => void): void {
  database.exec('BEGIN IMMEDIATE')
  try {
    work()
    database.exec('COMMIT')
  } catch (error) {
    database.exec('ROLLBACK')
    throw error
  }
}

function migrate(database: DatabaseSync, path: string): void {
  const newest = databaseMigrations.length
  if (versionOf(database) > newest)
    throw refuse('project-newer', `${path} was written by a newer version of Diptych.`, 'Update Diptych.')
  if (versionOf(database) === newest) return
  inTransaction(database, () => {
    for (const [version, sql] of databaseMigrations.entries())
      if (version >= versionOf(database)) apply(database, version, sql)
  })
}

function apply(database: DatabaseSync, version: number, sql: string): void {
  database.exec(sql)
  database.exec(`PRAGMA user_version = ${version + 1}`)
}

/**
 * Opens a project's studio.db, made or brought up to date where needed. Several processes may have it open: readers
 * see the last committed state and never wait for the one that trains (WAL).
 * @throws Refused `project-newer`, `database-damaged`
 */
export function openDatabase(projectFolder: string): DatabaseSync {
  const path = join(projectFolder, 'studio.db')
  const database = new DatabaseSync(path, { timeout: 5000, enableForeignKeyConstraints: true })
  try {
    database.exec('PRAGMA journal_mode = WAL')
    database.exec('PRAGMA synchronous = FULL')
    migrate(database, path)
    return database
  } catch (error) {
    database.close()
    if (error instanceof Error && /not a database|malformed/.test(error.message))
      throw refuse(
        'database-damaged',
        `${path} is damaged: ${error.message}.`,
        'Move it away and open the project again: pictures, runs and models are kept, only the curves are lost.',
      )
    throw error
  }
}

/** Opens, uses and closes. */
export function withDatabase<T>(projectFolder: string, use: (database: DatabaseSync) => T): T {
  const database = openDatabase(projectFolder)
  try {
    return use(database)
  } finally {
    database.close()
  }
}
