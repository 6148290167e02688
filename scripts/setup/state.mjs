import { existsSync, readFileSync } from 'node:fs'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { hashText } from './hash.mjs'

/**
 * What set-up last did in this clone. It lies in node_modules, so that whatever empties that folder forgets it too.
 * @typedef {object} State
 * @property {Record<string, string>} stamps by want: the plan and the lock file that were set up
 * @property {string} python on Windows: the tag of the Python that TensorFlow's wheel follows
 * @property {{ code: string, message: string, remedy: string }[]} problems
 */

/** @param {string} root */
function statePath(root) {
  return join(root, 'node_modules', '.diptych-setup.json')
}

/** @param {string} root @returns {State} */
export function readState(root) {
  const path = statePath(root)
  return existsSync(path)
    ? JSON.parse(readFileSync(path, 'utf8'))
    : { stamps: {}, python: 'cp312', problems: [] }
}

/** @param {string} root @param {State} state */
export async function writeState(root, state) {
  const path = statePath(root)
  await mkdir(dirname(path), { recursive: true })
  const fresh = `${path}.${process.pid}`
  await writeFile(fresh, JSON.stringify(state, null, 1))
  await rename(fresh, path)
}

/** @param {string} root @param {import('./plan.mjs').Plan} plan @param {string} cache @returns {string} */
export function stampOf(root, plan, cache) {
  const lock = hashText(readFileSync(join(root, 'package-lock.json')))
  const folders = plan.parts.map((part) => part.folder)
  return hashText(JSON.stringify([lock, folders, plan.window, cache]))
}
