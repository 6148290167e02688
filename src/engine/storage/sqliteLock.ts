import { DatabaseSync } from 'node:sqlite'
import { Refused } from '../../core/errors.ts'
import { refusalForDatabase } from './sqliteErrors.ts'

/** How long to wait for somebody who only looks whether the lock is held. */
const WAIT_MS = 500

function isBusy(error: unknown): boolean {
  return error instanceof Error && /database is locked/.test(error.message)
}

function begin(database: DatabaseSync): boolean {
  try {
    database.exec('BEGIN IMMEDIATE')
    return true
  } catch (error) {
    if (isBusy(error)) return false
    throw error
  }
}

/**
 * A lock that the operating system holds for this process and drops with it, however it dies: an open write
 * transaction on a small SQLite file (fcntl on Linux and macOS, LockFileEx on Windows). While it is held anybody may
 * still read who holds it. Undefined when somebody else has it.
 * @throws Refused `write-forbidden`, `disk-full`
 */
export function takeSqliteLock(path: string, holder: string): { release(): void } | undefined {
  let database: DatabaseSync | undefined
  try {
    database = new DatabaseSync(path, { timeout: WAIT_MS })
    database.exec('PRAGMA journal_mode = DELETE')
    if (!begin(database)) return close(database)
    database.exec('CREATE TABLE IF NOT EXISTS holder (text TEXT NOT NULL)')
    database.exec('DELETE FROM holder')
    database.prepare('INSERT INTO holder (text) VALUES (?)').run(holder)
    database.exec('COMMIT')
    if (!begin(database)) return close(database)
  } catch (error) {
    database?.close()
    if (isBusy(error)) return undefined
    throw refusalForDatabase(path, error)
  }
  const held = database
  return { release: () => held.close() }
}

function close(database: DatabaseSync): undefined {
  database.close()
}

/** What the present holder said of itself; null when nobody holds the lock. The file must exist. */
export function readSqliteLock(path: string): string | null {
  let database: DatabaseSync | undefined
  try {
    database = new DatabaseSync(path, { timeout: 0 })
    if (begin(database)) {
      database.exec('ROLLBACK')
      return null
    }
    const row = database.prepare('SELECT text FROM holder').get()
    return typeof row?.text === 'string' ? row.text : ''
  } catch (error) {
    if (isBusy(error)) return ''
    const refusal = refusalForDatabase(path, error)
    // Where nothing may be written nobody can be seen to hold anything.
    if (refusal instanceof Refused && refusal.refusal.code === 'write-forbidden') return null
    throw refusal
  } finally {
    database?.close()
  }
}
