import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cacheFolder, isWhole, partFolder, sweepLeftovers } from './cache.mjs'
import { SetupError } from './errors.mjs'
import { hashText } from './hash.mjs'
import { withLock } from './lock.mjs'
import { detectMachine } from './machine.mjs'
import { isAddonLinked } from './parts/binding.mjs'
import { findElectron } from './parts/electron.mjs'
import { findPythonTag } from './parts/fetchWheel.mjs'
import { nodePath } from './parts/node24.mjs'
import { planSetup } from './plan.mjs'
import { killCommands } from './run.mjs'
import { readState, stampOf, writeState } from './state.mjs'
import { carryOut } from './steps.mjs'

export { SetupError, detectMachine, planSetup }

/** @typedef {import('./plan.mjs').Want} Want */
/** @typedef {import('./plan.mjs').Plan} Plan */
/** @typedef {{ code: string, message: string, remedy: string }} Problem */

/**
 * What is set up.
 * @typedef {object} Setup
 * @property {string} node24 the engine's Node
 * @property {{ path: string, version: string, endOfLife: boolean } | null} electron
 * @property {{ version: string, folder: string } | null} tensorflow
 * @property {string} cache
 * @property {Problem[]} problems what could not be set up; the rest works without it
 */

/** The project's folder. */
export const projectRoot = resolve(fileURLToPath(new URL('../..', import.meta.url)))

/**
 * Sets up what is missing; where nothing is, it takes milliseconds. May run in several clones at once, may be interrupted anywhere.
 * @param {{ log: (line: string) => void, interactive: boolean, want: Want }} options interactive: a person may be asked
 * @returns {Promise<Setup>}
 * @throws {SetupError} when npm's packages or Node 24 cannot be had: nothing runs without them
 */
export async function ensureSetup({ log, interactive, want }) {
  const cache = cacheFolder()
  const quick = readQuickly(cache, want)
  if (quick !== null) return quick
  await mkdir(cache, { recursive: true })
  const forgetSignals = endCommandsOnSignal()
  const lock = join(cache, 'locks', `clone-${hashText(projectRoot).slice(0, 16)}.lock`)
  try {
    const waiting = () => log('Another set-up of this folder is running; waiting for it.')
    return await withLock(lock, waiting, () => setUp({ cache, log, interactive, want }))
  } finally {
    forgetSignals()
  }
}

/**
 * What is set up now, without doing anything. Electron is told of wherever it is there; `want` says what must be there.
 * @param {Want} [want]
 * @returns {Omit<Setup, 'node24'> & { node24: string | null }}
 */
export function readSetup(want = 'headless') {
  const cache = cacheFolder()
  const state = readState(projectRoot)
  const machine = detectMachine()
  const plan = planSetup(machine, want, state.python)
  const found = lookAt(cache, planSetup(machine, 'test', state.python))
  const pending = { code: 'setup-missing', message: 'Set-up has not finished.', remedy: 'Run npm start.' }
  return { ...found, problems: isComplete(plan, found) ? state.problems : [pending, ...state.problems] }
}

/** @param {Plan} plan @param {ReturnType<typeof lookAt>} found */
function isComplete(plan, found) {
  const planned = (/** @type {string} */ id) => plan.parts.some((part) => part.id === id)
  if (found.node24 === null) return false
  if (found.tensorflow === null && planned('tensorflow')) return false
  return found.electron !== null || !planned('electron')
}

/** @param {string} cache @param {Want} want @returns {Setup | null} null when something is to be done */
function readQuickly(cache, want) {
  const state = readState(projectRoot)
  const plan = planSetup(detectMachine(), want, state.python)
  if (state.stamps[want] !== stampOf(projectRoot, plan, cache)) return null
  const { node24, ...found } = lookAt(cache, plan)
  if (node24 === null || !isComplete(plan, { node24, ...found })) return null
  return { node24, ...found, problems: state.problems }
}

/** @param {{ cache: string, log: (line: string) => void, interactive: boolean, want: Want }} options @returns {Promise<Setup>} */
async function setUp({ cache, log, interactive, want }) {
  // Whoever held the lock may have done it all.
  const quick = readQuickly(cache, want)
  if (quick !== null) return quick
  await sweepLeftovers(cache)
  const machine = detectMachine()
  const python = machine.platform === 'win32' ? await findPythonTag() : 'cp312'
  const plan = planSetup(machine, want, python)
  const failed = await carryOut({ root: projectRoot, cache, machine, plan, log, interactive })
  // What a run killed a moment ago left was too young to go before.
  await sweepLeftovers(cache)
  const { node24, ...found } = lookAt(cache, plan)
  if (node24 === null) {
    throw new SetupError(
      'node24-missing',
      'The engine needs Node 24, and it could not be set up.',
      'Install Node 24 and use it.',
    )
  }
  const problems = [...plan.problems, ...failed]
  for (const problem of problems) log(`Problem: ${problem.message} ${problem.remedy}`)
  const { stamps } = readState(projectRoot)
  await writeState(projectRoot, {
    stamps: { ...stamps, [want]: stampOf(projectRoot, plan, cache) },
    python,
    problems,
  })
  return { node24, ...found, problems }
}

/** @param {string} cache @param {Plan} plan */
function lookAt(cache, plan) {
  const parts = new Map(plan.parts.map((part) => [part.id, part]))
  const node = parts.get('node24')
  const tensorflow = parts.get('tensorflow')
  const binding = parts.get('binding')
  const electron = parts.get('electron')
  const ready =
    tensorflow?.folder &&
    binding?.folder &&
    isWhole(cache, tensorflow.folder) &&
    isWhole(cache, binding.folder) &&
    isAddonLinked(projectRoot, partFolder(cache, binding.folder))
  return {
    node24: node?.folder && isWhole(cache, node.folder) ? nodePath(cache, node) : ownNode24(),
    electron: electron ? findElectron(projectRoot, cache, electron) : null,
    tensorflow: ready
      ? { version: tensorflow.version, folder: partFolder(cache, tensorflow.folder ?? '') }
      : null,
    cache,
  }
}

/** The Node that runs this, where no pinned one can be had. */
function ownNode24() {
  return Number.parseInt(process.versions.node, 10) >= 24 && existsSync(process.execPath)
    ? process.execPath
    : null
}

/** @returns {() => void} */
function endCommandsOnSignal() {
  const onInterrupt = () => endWith(130)
  const onTerminate = () => endWith(143)
  process.once('SIGINT', onInterrupt)
  process.once('SIGTERM', onTerminate)
  return () => {
    process.off('SIGINT', onInterrupt)
    process.off('SIGTERM', onTerminate)
  }
}

/** @param {number} code */
function endWith(code) {
  killCommands()
  process.exit(code)
}
