import { randomBytes } from 'node:crypto'
import { mkdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

const beatMs = 2_000
const staleMs = 30_000
/** A holder whose process is not seen here may live in another container that shares the cache. */
const unseenMs = 6_000
const retryMs = 250

/**
 * Runs work while holding a lock file; others wait. A holder that died, or stopped beating, loses it.
 * The lock saves double work, no more: finished parts appear by one rename, so even two holders could do no harm.
 * @template T
 * @param {string} path
 * @param {() => void} onWait called once if somebody else holds it
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock(path, onWait, work) {
  await mkdir(dirname(path), { recursive: true })
  const token = `${process.pid} ${randomBytes(6).toString('hex')}`
  let told = false
  while (!(await take(path, token))) {
    if (await isStale(path)) await discard(path)
    else {
      if (!told) onWait()
      told = true
      await wait(retryMs)
    }
  }
  const beat = setInterval(() => {
    const now = new Date()
    utimes(path, now, now).catch(() => clearInterval(beat))
  }, beatMs)
  beat.unref()
  try {
    return await work()
  } finally {
    clearInterval(beat)
    if ((await readOrNull(path)) === token) await rm(path, { force: true })
  }
}

/** @param {number} pid @returns {boolean} */
export function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // EPERM: it lives, and belongs to somebody else.
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM'
  }
}

/** @param {string} path @param {string} token */
async function take(path, token) {
  try {
    await writeFile(path, token, { flag: 'wx' })
    return true
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'EEXIST') return false
    throw error
  }
}

/** @param {string} path */
async function isStale(path) {
  const token = await readOrNull(path)
  if (token === null) return false
  const info = await stat(path).catch(() => null)
  const limitMs = isAlive(Number.parseInt(token, 10)) ? staleMs : unseenMs
  return info !== null && Date.now() - info.mtimeMs > limitMs
}

/** Of several that find a lock stale, one renames it; the others find nothing to rename. @param {string} path */
async function discard(path) {
  const aside = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`
  const moved = await rename(path, aside).then(
    () => true,
    () => false,
  )
  if (moved) await rm(aside, { force: true })
}

/** @param {string} path */
function readOrNull(path) {
  return readFile(path, 'utf8').catch(() => null)
}
