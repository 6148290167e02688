import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { access, constants, mkdir, open, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { refuse } from '../../core/errors.ts'

const TEMPORARY = /^\.diptych-[0-9a-f-]{36}\.tmp$/

const reasons: Readonly<Record<string, readonly [code: string, why: string, remedy: string]>> = {
  ENOSPC: ['disk-full', 'the disk is full', 'Free some space, then go on where it stopped.'],
  EDQUOT: ['disk-full', 'your share of the disk is used up', 'Free some space, then go on where it stopped.'],
  EACCES: ['write-forbidden', 'the folder may not be written to', 'Change its permissions, or use another.'],
  EPERM: ['write-forbidden', 'the folder may not be written to', 'Change its permissions, or use another.'],
  EROFS: ['write-forbidden', 'the disk is read-only', 'Use a folder on another disk.'],
  EEXIST: ['not-a-folder', 'a part of its path is a file', 'Choose another folder.'],
  ENOTDIR: ['not-a-folder', 'a part of its path is a file', 'Choose another folder.'],
}

/** What the file system throws on writing, as a refusal where it is an expected failure. */
export function refusalForWriting(path: string, error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const known = reasons[code]
  return known ? refuse(known[0], `${basename(path)} could not be written: ${known[1]}.`, known[2]) : error
}

function temporaryIn(folder: string): string {
  return join(folder, `.diptych-${randomUUID()}.tmp`)
}

/**
 * Refuses where nothing can be written into a folder, or into the nearest one above it while it does not exist yet.
 * @param asked what the refusal names
 * @throws Refused `write-forbidden`, `not-a-folder`
 */
export async function checkWritable(folder: string, asked = folder): Promise<void> {
  try {
    await access(folder, constants.W_OK)
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    if (!isMissing || dirname(folder) === folder) throw refusalForWriting(asked, error)
    await checkWritable(dirname(folder), asked)
  }
}

/** @param asked what a refusal names. @throws Refused `disk-full`, `write-forbidden`, `not-a-folder` */
async function makeFolder(folder: string, asked: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true })
  } catch (error) {
    // Making several folders at once on a read-only disk fails with ENOENT: what is above them tells why.
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
      await checkWritable(folder, asked)
    throw refusalForWriting(asked, error)
  }
}

/** Tidies up after a failure, which is what must be told: a failure to tidy would hide it. */
async function removeQuietly(temporary: string): Promise<void> {
  await rm(temporary, { recursive: true, force: true }).catch(() => undefined)
}

/** Makes what happened in a folder (a rename, a new file) last through a power cut. Windows does it by itself. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/**
 * Puts a file in place whole or not at all: `write` fills a temporary file in the same folder and flushes it.
 * @throws Refused `disk-full`, `write-forbidden`, `not-a-folder`
 */
export async function placeWritten(path: string, write: (temporary: string) => Promise<void>): Promise<void> {
  const folder = dirname(path)
  const temporary = temporaryIn(folder)
  await makeFolder(folder, path)
  try {
    await write(temporary)
    await rename(temporary, path)
    await syncFolder(folder)
  } catch (error) {
    await removeQuietly(temporary)
    throw refusalForWriting(path, error)
  }
}

/** Writes a file whole or not at all. Makes its folder. @throws Refused as `placeWritten` */
export function writeFileAtomic(path: string, data: string | Uint8Array): Promise<void> {
  return placeWritten(path, (temporary) => writeFile(temporary, data, { flush: true }))
}

/** JSON for people: indented, with a last newline. */
export function writeJsonAtomic(path: string, value: unknown): Promise<void> {
  return writeFileAtomic(path, `${JSON.stringify(value, null, 2)}\n`)
}

/**
 * Puts a folder in place whole or not at all: `fill` works in a temporary folder beside it. What was there is replaced.
 * @throws Refused as `placeWritten`, and whatever `fill` throws
 */
export async function placeFolder(folder: string, fill: (temporary: string) => Promise<void>): Promise<void> {
  const parent = dirname(folder)
  const temporary = temporaryIn(parent)
  await makeFolder(temporary, folder)
  try {
    await fill(temporary)
    await syncFolder(temporary)
    await removeFolder(folder)
    await rename(temporary, folder)
    await syncFolder(parent)
  } catch (error) {
    await removeQuietly(temporary)
    throw refusalForWriting(folder, error)
  }
}

/**
 * Fills a folder that is new or empty. A new one appears whole or not at all; an empty one stays the folder it is, since a
 * shell may stand in it or a disk be mounted there, and is empty again when `fill` fails.
 * @throws Refused as `placeWritten`, and whatever `fill` throws
 */
export async function fillFolder(folder: string, fill: (place: string) => Promise<void>): Promise<void> {
  if (!existsSync(folder)) return placeFolder(folder, fill)
  try {
    await fill(folder)
    await syncFolder(folder)
  } catch (error) {
    for (const name of await namesIn(folder)) await removeQuietly(join(folder, name))
    throw refusalForWriting(folder, error)
  }
}

/** Removes a folder so that no half of it is ever seen under its name. @throws Refused `write-forbidden` */
export async function removeFolder(folder: string): Promise<void> {
  const doomed = temporaryIn(dirname(folder))
  try {
    await rename(folder, doomed)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return
    throw refusalForWriting(folder, error)
  }
  await rm(doomed, { recursive: true, force: true })
}

/**
 * Removes what a killed process left half-written in a folder. Only its writer may call this.
 * @param olderThanMs for folders that others write to as well: what is younger may be at work
 */
export async function removeStaleTemporaries(folder: string, olderThanMs = 0): Promise<void> {
  for (const name of await namesIn(folder)) {
    if (!TEMPORARY.test(name)) continue
    const path = join(folder, name)
    const isYoung = olderThanMs > 0 && Date.now() - (await stat(path)).mtimeMs < olderThanMs
    if (!isYoung) await rm(path, { recursive: true, force: true })
  }
}

/** The names in a folder, sorted; none where there is no folder. @throws Refused `not-a-folder` */
export async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort()
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw refusalForWriting(folder, error)
  }
}

/** Scratch folders of a process that was killed are younger than this only while another may be at work in them. */
const SCRATCH_STALE_AFTER_MS = 24 * 3600 * 1000

/**
 * Lends a folder that is gone afterwards, beside others of its kind in `parent`.
 * @throws Refused `write-forbidden`, `disk-full`, and whatever `work` throws
 */
export async function withScratchFolder<T>(parent: string, work: (folder: string) => Promise<T>): Promise<T> {
  await removeStaleTemporaries(parent, SCRATCH_STALE_AFTER_MS)
  const folder = temporaryIn(parent)
  await makeFolder(folder, parent)
  try {
    return await work(folder)
  } finally {
    await removeQuietly(folder)
  }
}
