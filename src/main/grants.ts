import { randomBytes } from 'node:crypto'
import { basename } from 'node:path'
import { refuse } from '../core/errors.ts'
import type { FileHandle } from '../core/files.ts'

/** A data set of a hundred thousand pairs fits; beyond it the handles that were used longest ago are forgotten. */
const MOST_GRANTS = 400_000

export type Grants = {
  /** The handle of a path. The same path keeps its handle. */
  grant(path: string): FileHandle
  /** @throws Refused `file-unknown` for an id that was never given out, or too long ago */
  pathOf(id: string): string
}

/**
 * Which files the window may name: those a person chose, dropped or opened before, and those the engine told of. Ids are
 * random, so that none can be guessed from another.
 */
export function createGrants(most: number = MOST_GRANTS): Grants {
  const pathById = new Map<string, string>()
  const idByPath = new Map<string, string>()

  function touch(id: string, path: string): void {
    pathById.delete(id)
    pathById.set(id, path)
  }

  function forgetOldest(): void {
    const oldest = pathById.entries().next().value
    if (!oldest) return
    pathById.delete(oldest[0])
    idByPath.delete(oldest[1])
  }

  return {
    grant(path) {
      const id = idByPath.get(path) ?? randomBytes(15).toString('base64url')
      idByPath.set(path, id)
      touch(id, path)
      if (pathById.size > most) forgetOldest()
      return { id, name: basename(path) || path }
    },
    pathOf(id) {
      const path = pathById.get(id)
      if (path === undefined)
        throw refuse(
          'file-unknown',
          'The window asked for a file that it was not given.',
          'Choose the file again.',
        )
      touch(id, path)
      return path
    },
  }
}
