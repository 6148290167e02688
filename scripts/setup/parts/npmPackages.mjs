import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { hashText } from '../hash.mjs'
import { isAlive } from '../lock.mjs'
import { mustRun } from '../run.mjs'
import { npmCommand } from './fetchNpm.mjs'

const pollMs = 500
const orphanLimitMs = 5 * 60_000

/** @typedef {{ version?: string, integrity?: string, optional?: boolean, os?: string[], cpu?: string[], link?: boolean }} LockedPackage */

/**
 * True when node_modules holds what package-lock.json names. npm writes its own list last, so that an interrupted install has none.
 * @param {string} root
 */
export function packagesMatchLock(root) {
  const listPath = join(root, 'node_modules', '.package-lock.json')
  if (!existsSync(listPath)) return false
  const wanted = readPackages(join(root, 'package-lock.json'))
  const present = readPackages(listPath)
  return Object.entries(wanted).every(([path, locked]) => {
    if (path === '') return true
    const found = present[path]
    if (found === undefined) return locked.optional === true
    return (
      found.version === locked.version && found.integrity === locked.integrity && existsSync(join(root, path))
    )
  })
}

/**
 * `npm ci`, without any package's install script (.npmrc). When a set-up was killed, its npm may still be at work in the same
 * folder, and two would ruin each other's: the next one waits for it.
 * @param {{ root: string, cache: string, step: import('../progress.mjs').Step }} options
 */
export async function installPackages({ root, cache, step }) {
  const notePath = join(cache, 'locks', `npm-${hashText(root).slice(0, 16)}.pid`)
  const pid = existsSync(notePath) ? Number(readFileSync(notePath, 'utf8')) : NaN
  if (isOurNpm(pid)) step.note('waiting for the npm ci that an interrupted set-up left at work')
  for (let waitedMs = 0; isOurNpm(pid) && waitedMs < orphanLimitMs; waitedMs += pollMs) await wait(pollMs)
  rmSync(notePath, { force: true })
  if (packagesMatchLock(root)) return
  await mustRun(npmCommand(), ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    onStart: (started) => writeFileSync(notePath, String(started)),
    code: 'npm-failed',
    what: 'npm ci',
    remedy: 'Check the network and the disk space, then start again.',
  })
  rmSync(notePath, { force: true })
}

/** Process ids are used again: where the system tells a process's name, it must be npm. @param {number} pid */
function isOurNpm(pid) {
  if (!Number.isInteger(pid) || !isAlive(pid)) return false
  const title = `/proc/${pid}/cmdline`
  return !existsSync(title) || readFileSync(title, 'utf8').includes('npm')
}

/** @param {string} path @returns {Record<string, LockedPackage>} */
function readPackages(path) {
  return JSON.parse(readFileSync(path, 'utf8')).packages
}
