import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join, relative, resolve, sep } from 'node:path'
import { hashFile } from './hash.mjs'
import { isAlive, withLock } from './lock.mjs'

const markerName = 'whole.json'
const abandonedMs = 60 * 60 * 1000

/**
 * The per-user cache:
 *   parts/<name>-<version>-<platform>-<hash>/   finished parts, each with its marker whole.json
 *   downloads/<part>/                           files fetched and checked for a part that is not finished
 *   work/<part>.<pid>.<random>/                 parts in the making
 *   locks/
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {string}
 */
export function cacheFolder(env = process.env) {
  if (env.DIPTYCH_CACHE) return resolve(env.DIPTYCH_CACHE)
  if (process.platform === 'win32') {
    return join(env.LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local'), 'Diptych', 'Cache')
  }
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'diptych')
  return join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'diptych')
}

/** @param {string} cache @param {string} part @returns {string} */
export function partFolder(cache, part) {
  return join(cache, 'parts', part)
}

/** @param {string} cache @param {string} part @returns {string} */
export function downloadFolder(cache, part) {
  return join(cache, 'downloads', part)
}

/**
 * True when the part was finished and none of its files is missing or has another size. Milliseconds; `verifyPart` reads every byte.
 * @param {string} cache @param {string} part
 */
export function isWhole(cache, part) {
  const folder = partFolder(cache, part)
  const marker = readMarker(folder)
  if (marker === null) return false
  return Object.entries(marker.files).every(([name, file]) => {
    const info = statSync(join(folder, name), { throwIfNoEntry: false })
    return info !== undefined && info.size === file.bytes
  })
}

/**
 * Compares every file of a finished part with the hashes taken when it was made.
 * @param {string} cache @param {string} part
 * @returns {Promise<string[]>} names of the files that differ
 */
export async function verifyPart(cache, part) {
  const folder = partFolder(cache, part)
  const marker = readMarker(folder)
  if (marker === null) return [markerName]
  const wrong = []
  for (const [name, file] of Object.entries(marker.files)) {
    const path = join(folder, name)
    if (!existsSync(path) || (await hashFile(path)) !== file.sha256) wrong.push(name)
  }
  return wrong
}

/**
 * Makes a part unless it is there: in a work folder, renamed into place when whole, so that nothing half made is ever found under
 * its final name. Interrupted work leaves its checked downloads, which the next try uses.
 * @param {object} options
 * @param {string} options.cache
 * @param {string} options.part
 * @param {(text: string) => void} options.note
 * @param {(work: string) => Promise<void>} options.make
 * @returns {Promise<{ folder: string, reused: boolean }>}
 */
export async function ensurePart({ cache, part, note, make }) {
  const folder = partFolder(cache, part)
  if (isWhole(cache, part)) return { folder, reused: true }
  const waiting = () => note('another set-up is making it, waiting')
  return withLock(join(cache, 'locks', `${part}.lock`), waiting, async () => {
    if (isWhole(cache, part)) return { folder, reused: true }
    const work = join(cache, 'work', `${part}.${process.pid}.${randomBytes(4).toString('hex')}`)
    await mkdir(work, { recursive: true })
    try {
      await make(work)
      await writeFile(join(work, markerName), JSON.stringify({ part, files: await listFiles(work) }, null, 1))
      await putInPlace(work, folder)
    } finally {
      await rm(work, { recursive: true, force: true })
    }
    await rm(downloadFolder(cache, part), { recursive: true, force: true })
    return { folder, reused: false }
  })
}

/** Removes what dead runs left in the making. @param {string} cache */
export async function sweepLeftovers(cache) {
  const folder = join(cache, 'work')
  for (const name of await readdir(folder).catch(() => [])) {
    const pid = Number.parseInt(name.split('.').at(-2) ?? '', 10)
    const info = await stat(join(folder, name)).catch(() => null)
    if (info === null) continue
    // A process that is not seen here may be another container's: its folder is young as long as it works.
    const old = Date.now() - info.mtimeMs > (isAlive(pid) ? abandonedMs : 60_000)
    if (old) await rm(join(folder, name), { recursive: true, force: true })
  }
}

/** @param {string} work @param {string} folder */
async function putInPlace(work, folder) {
  await mkdir(join(folder, '..'), { recursive: true })
  // What stands there is damaged, or isWhole would have found it.
  await rm(folder, { recursive: true, force: true })
  await rename(work, folder)
}

/** @param {string} folder @returns {{ files: Record<string, { bytes: number, sha256: string }> } | null} */
function readMarker(folder) {
  const path = join(folder, markerName)
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : null
}

/** @param {string} root */
async function listFiles(root) {
  /** @type {Record<string, { bytes: number, sha256: string }>} */
  const files = {}
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const path = join(entry.parentPath, entry.name)
    const name = relative(root, path).split(sep).join('/')
    files[name] = { bytes: (await stat(path)).size, sha256: await hashFile(path) }
  }
  return files
}
