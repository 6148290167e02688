import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { pathToFileURL } from 'node:url'
import { z } from 'zod'
import { refuse, Refused } from '../../core/errors.ts'
import { databaseMigrations } from './migrations.ts'
import { refusalForDatabase } from './sqliteErrors.ts'

const versionRow = z.object({ user_version: z.number() })

function versionOf(database: DatabaseSync): number {
  return versionRow.parse(database.prepare('PRAGMA user_version').get()).user_version
}

/** Runs `work` as one transaction: all of it or nothing. @throws Refused `disk-full` */
export function inTransaction(database: DatabaseSync, work: () => void): void {
  database.exec('BEGIN IMMEDIATE')
  try {
    work()
    database.exec('COMMIT')
  } catch (error) {
    // On a full disk SQLite has rolled back by itself.
    if (database.isTransaction) database.exec('ROLLBACK')
    throw refusalForDatabase(database.location() ?? 'studio.db', error)
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
 * @throws Refused `project-newer`, `database-damaged`, `write-forbidden`, `disk-full`
 */
export function openDatabase(projectFolder: string): DatabaseSync {
  const path = join(projectFolder, 'studio.db')
  let database: DatabaseSync | undefined
  try {
    database = new DatabaseSync(path, { timeout: 5000, enableForeignKeyConstraints: true })
    database.exec('PRAGMA journal_mode = WAL')
    database.exec('PRAGMA synchronous = FULL')
    migrate(database, path)
    return database
  } catch (error) {
    database?.close()
    throw refusalForDatabase(path, error)
  }
}

/**
 * A project that may not be written to, as it is: `immutable`, because SQLite would otherwise make files beside it. A
 * project without studio.db reads as one without runs.
 */
function openUnwritable(projectFolder: string): DatabaseSync {
  const path = join(projectFolder, 'studio.db')
  if (!existsSync(path)) {
    const empty = new DatabaseSync(':memory:')
    migrate(empty, path)
    return empty
  }
  const url = pathToFileURL(path)
  url.searchParams.set('immutable', '1')
  const database = new DatabaseSync(url, { readOnly: true })
  return versionOf(database) < databaseMigrations.length ? copyOfOlder(database, path, url) : database
}

/** An older version's database in memory, brought up to date there. Closes the one on disk. */
function copyOfOlder(older: DatabaseSync, path: string, url: URL): DatabaseSync {
  const copy = new DatabaseSync(':memory:', { enableForeignKeyConstraints: false })
  const version = versionOf(older)
  older.close()
  for (const sql of databaseMigrations.slice(0, version)) copy.exec(sql)
  copy.exec(`PRAGMA user_version = ${version}`)
  copy.prepare('ATTACH ? AS older').run(url.href)
  for (const { name } of z
    .array(z.object({ name: z.string() }))
    .parse(copy.prepare(`SELECT name FROM main.sqlite_schema WHERE type = 'table'`).all()))
    copy.exec(`INSERT INTO main."${name}" SELECT * FROM older."${name}"`)
  copy.exec('DETACH older')
  migrate(copy, path)
  return copy
}

/** Opens for reading, also where nothing may be written. @throws Refused `project-newer`, `database-damaged` */
function openForReading(projectFolder: string): DatabaseSync {
  try {
    return openDatabase(projectFolder)
  } catch (error) {
    if (error instanceof Refused && error.refusal.code === 'write-forbidden')
      return openUnwritable(projectFolder)
    throw error
  }
}

function useAndClose<T>(database: DatabaseSync, use: (database: DatabaseSync) => T): T {
  try {
    return use(database)
  } finally {
    database.close()
  }
}

/** Opens, changes and closes. */
export function withDatabase<T>(projectFolder: string, use: (database: DatabaseSync) => T): T {
  return useAndClose(openDatabase(projectFolder), use)
}

/** Opens, reads and closes; a folder that may not be written to can be read. */
export function readDatabase<T>(projectFolder: string, read: (database: DatabaseSync) => T): T {
  return useAndClose(openForReading(projectFolder), read)
}
