import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { mustRun } from '../run.mjs'
import { npmCommand } from './fetchNpm.mjs'

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

/** `npm ci`, without any package's install script (.npmrc). @param {string} root */
export async function installPackages(root) {
  const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error']
  await mustRun(npmCommand(), args, {
    cwd: root,
    code: 'npm-failed',
    what: 'npm ci',
    remedy: 'Check the network and the disk space, then start again.',
  })
}

/** @param {string} path @returns {Record<string, LockedPackage>} */
function readPackages(path) {
  return JSON.parse(readFileSync(path, 'utf8')).packages
}
