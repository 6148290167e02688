import { existsSync } from 'node:fs'
import { mkdir, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { SetupError } from '../errors.mjs'
import { hashFile } from '../hash.mjs'
import { mustRun } from '../run.mjs'

/** @returns {string} */
export function npmCommand() {
  return process.platform === 'win32' ? 'npm.cmd' : 'npm'
}

/**
 * Fetches a pinned package file with npm and checks its SHA-256. Files already fetched are used again.
 * @param {import('../plan.mjs').Source} source
 * @param {{ work: string, downloads: string }} folders
 * @returns {Promise<string>} the path of the .tgz
 */
export async function fetchNpm(source, { work, downloads }) {
  const path = join(downloads, `${source.name.replace('/', '+')}-${source.version}.tgz`)
  if (existsSync(path) && (await hashFile(path)) === source.sha256) return path
  const inbox = join(work, 'inbox')
  await mkdir(inbox, { recursive: true })
  const args = ['pack', `${source.name}@${source.version}`, '--pack-destination', inbox, '--loglevel=error']
  await mustRun(npmCommand(), [...args, '--cache', join(work, 'npm-cache')], {
    cwd: work,
    code: 'npm-failed',
    what: `Fetching ${source.name}@${source.version}`,
    remedy: 'Check the network and the disk space, then start again.',
  })
  const [name] = await readdir(inbox)
  const fetched = join(inbox, name ?? '')
  const actual = await hashFile(fetched)
  if (actual !== source.sha256) throw wrongHash(source.name, source.sha256, actual)
  await mkdir(downloads, { recursive: true })
  await rename(fetched, path)
  await rm(join(work, 'npm-cache'), { recursive: true, force: true })
  await rm(inbox, { recursive: true, force: true })
  return path
}

/** @param {string} name @param {string | null} expected @param {string} actual */
export function wrongHash(name, expected, actual) {
  return new SetupError(
    'hash-mismatch',
    `${name} does not have the pinned SHA-256: expected ${expected}, got ${actual}.`,
    'Try again; if it stays, the source was changed: do not use it and tell the maintainers.',
  )
}
