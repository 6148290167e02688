import { runCommand, mustRun } from './run.mjs'
import { SetupError } from './errors.mjs'
import { askYesNo } from './ask.mjs'
import { findCommand } from './machine.mjs'
import { findPip } from './parts/fetchWheel.mjs'

/** @typedef {import('./progress.mjs').Step} Step */

/** A package is not needed where its command came from elsewhere. */
const providers = /** @type {Record<string, string[]>} */ ({
  'g++': ['g++', 'clang++'],
  xvfb: ['xvfb-run'],
  xauth: ['xauth'],
})

/**
 * Of the wanted packages those that are needed and not installed. Without dpkg only commands can be looked for.
 * @param {string[]} wanted Debian names; `a|b` where systems differ
 * @returns {Promise<string[]>}
 */
export async function findMissing(wanted) {
  if (wanted.length === 0) return []
  const names = wanted.flatMap((name) => name.split('|'))
  const result = await runCommand('dpkg-query', ['-W', '-f', '${Package} ${db:Status-Status}\n', ...names])
  const dpkg = result.code !== null
  const installed = new Set(
    result.output
      .split('\n')
      .filter((line) => line.endsWith(' installed'))
      .map((line) => line.split(' ')[0]),
  )
  const missing = []
  for (const name of wanted) {
    const commands = providers[name]
    if (commands?.some((command) => findCommand(command) !== null)) continue
    if (name === 'python3-pip' && (await findPip()) !== null) continue
    const checkable = dpkg || commands !== undefined || name === 'python3-pip'
    if (checkable && !name.split('|').some((variant) => installed.has(variant))) missing.push(name)
  }
  return missing
}

/**
 * Installs packages with apt; a person at the terminal is asked first.
 * @param {{ missing: string[], interactive: boolean, step: Step }} options
 */
export async function installPackages({ missing, interactive, step }) {
  if (interactive && !(await askYesNo(`Install these system packages with apt: ${missing.join(', ')}?`))) {
    throw new SetupError(
      'system-packages-declined',
      `Not installed: ${missing.join(', ')}.`,
      installCommand(missing),
    )
  }
  const env = { DEBIAN_FRONTEND: 'noninteractive' }
  const remedy = `Look at the message and run: ${installCommand(missing)}`
  await mustRun('apt-get', ['update', '-qq'], { env, code: 'apt-failed', what: 'apt-get update', remedy })
  const names = await Promise.all(missing.map(chooseVariant))
  step.note(`installing ${names.join(', ')}`)
  const args = ['install', '-y', '-qq', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=300', ...names]
  await mustRun('apt-get', args, { env, code: 'apt-failed', what: 'apt-get install', remedy })
}

/** @param {string[]} missing @returns {string} the one command that installs them */
export function installCommand(missing) {
  const names = missing.map((name) => name.split('|')[0])
  return `sudo apt-get install --no-install-recommends ${names.join(' ')}`
}

/** The newer name first: where it exists, the older one may be an ambiguous virtual package. @param {string} name */
async function chooseVariant(name) {
  const variants = name.split('|').reverse()
  for (const variant of variants.slice(0, -1)) {
    const result = await runCommand('apt-cache', ['show', '--no-all-versions', variant])
    if (result.code === 0) return variant
  }
  return variants.at(-1) ?? name
}
