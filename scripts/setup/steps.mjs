import { isWhole, partFolder } from './cache.mjs'
import { SetupError } from './errors.mjs'
import { isAddonLinked, makeBinding, proveAddon } from './parts/binding.mjs'
import { findElectron, makeElectron } from './parts/electron.mjs'
import { makeNode24, nodePath } from './parts/node24.mjs'
import { installPackages as installNpmPackages, packagesMatchLock } from './parts/npmPackages.mjs'
import { makeTensorflow } from './parts/tensorflow.mjs'
import { createProgress } from './progress.mjs'
import { findMissing, installCommand, installPackages } from './systemPackages.mjs'

/** @typedef {import('./plan.mjs').Plan} Plan */
/** @typedef {import('./plan.mjs').PlannedPart} PlannedPart */
/** @typedef {ReturnType<SetupError['toProblem']>} Problem */

/**
 * @typedef {object} Job
 * @property {string} root
 * @property {string} cache
 * @property {import('./machine.mjs').Machine} machine
 * @property {Plan} plan
 * @property {(line: string) => void} log
 * @property {boolean} interactive
 */

/**
 * Does what is missing of a plan, side by side where one step does not need another.
 * @param {Job} job
 * @returns {Promise<Problem[]>} what failed and can be done without
 */
export async function carryOut(job) {
  const todo = job.plan.parts.filter((part) => isMissing(job, part))
  const missing = await findMissing(neededPackages(job.plan, todo))
  const mayInstall = job.machine.root && job.machine.apt
  const installs = missing.length > 0 && mayInstall
  const total = todo.length + (installs ? 1 : 0)
  if (total > 0) job.log(describe(job, todo))
  const terminal = process.stderr.isTTY ? process.stderr : null
  const progress = createProgress({ log: job.log, terminal, total })
  /** @type {Problem[]} */
  const problems = []
  if (missing.length > 0 && !mayInstall) problems.push(systemProblem(job, missing))
  try {
    await runSteps(
      { ...job, log: progress.say },
      { todo, missing: installs ? missing : [], progress, problems },
    )
  } finally {
    progress.stop()
  }
  return problems
}

/**
 * @param {Job} job
 * @param {{ todo: PlannedPart[], missing: string[], progress: ReturnType<typeof createProgress>, problems: Problem[] }} work
 */
async function runSteps(job, { todo, missing, progress, problems }) {
  const { root, cache, interactive } = job
  /** @param {PlannedPart['id']} id @param {(part: PlannedPart, step: import('./progress.mjs').Step) => Promise<unknown>} work */
  const run = async (id, work) => {
    const part = todo.find((candidate) => candidate.id === id)
    if (part) await progress.step(`${part.title} ${part.version}`, part, (step) => work(part, step))
  }
  /** @param {Promise<unknown>} step */
  const optional = (step) => step.catch((error) => void problems.push(toProblem(error)))

  // A question to a person must not be scrolled away by other steps.
  const system = optional(installMissing(missing, interactive, progress))
  if (interactive && missing.length > 0) await system
  const packages = run('packages', (_part, step) => installNpmPackages({ root, cache, step }))
  const node24 = run('node24', (part, step) => makeNode24({ cache, part, step }))
  const tensorflow = system.then(() =>
    run('tensorflow', (part, step) => makeTensorflow({ cache, part, step })),
  )
  const binding = Promise.all([tensorflow, packages, node24]).then(() =>
    run('binding', (part, step) => buildBinding(job, part, step)),
  )
  const electron = packages.then(() =>
    run('electron', (part, step) => makeElectron({ root, cache, part, step })),
  )
  // The binding fails with TensorFlow: one problem is enough.
  const settled = await Promise.allSettled([packages, node24, system, optional(binding), optional(electron)])
  const fatal = settled.find((result) => result.status === 'rejected')
  if (fatal?.status === 'rejected') throw fatal.reason
}

/** @param {string[]} missing @param {boolean} interactive @param {ReturnType<typeof createProgress>} progress */
async function installMissing(missing, interactive, progress) {
  if (missing.length === 0) return
  const expected = { downloadMB: 15 * missing.length, seconds: 10 + 4 * missing.length }
  await progress.step('System packages', expected, (step) => installPackages({ missing, interactive, step }))
}

/** @param {Job} job @param {PlannedPart} part @param {import('./progress.mjs').Step} step */
async function buildBinding({ root, cache, plan }, part, step) {
  const tensorflow = plan.parts.find((candidate) => candidate.id === 'tensorflow')
  const node = plan.parts.find((candidate) => candidate.id === 'node24')
  if (tensorflow === undefined || node === undefined)
    throw new Error('a binding was planned without TensorFlow or Node')
  await makeBinding({ root, cache, part, tensorflow, step })
  await proveAddon(root, nodePath(cache, node))
}

/** @param {Job} job @param {PlannedPart} part */
function isMissing({ root, cache }, part) {
  const folder = part.folder ?? ''
  if (part.id === 'packages') return !packagesMatchLock(root)
  if (part.id === 'electron') return findElectron(root, cache, part) === null
  if (part.id === 'binding') return !isWhole(cache, folder) || !isAddonLinked(root, partFolder(cache, folder))
  return !isWhole(cache, folder)
}

/** Tools are needed only where there is something to fetch or to build. @param {Plan} plan @param {PlannedPart[]} todo */
function neededPackages(plan, todo) {
  const busy = new Set(todo.map((part) => part.id))
  return plan.systemPackages
    .filter((entry) => entry.for === 'electron' || entry.for === 'tests' || busy.has(entry.for))
    .map((entry) => entry.name)
}

/** @param {Job} job @param {PlannedPart[]} todo */
function describe({ cache }, todo) {
  const downloadMB = todo.reduce((sum, part) => sum + part.downloadMB, 0)
  const seconds = todo.reduce((sum, part) => sum + part.seconds, 0)
  return `Setting up Diptych: about ${downloadMB} MB to fetch, about ${seconds} s on a fast line. Large parts go to ${cache}.`
}

/** @param {Job} job @param {string[]} missing @returns {Problem} */
function systemProblem({ machine }, missing) {
  const names = missing.map((name) => name.split('|')[0]).join(', ')
  return {
    code: 'system-packages-missing',
    message: `These system packages are missing: ${names}.`,
    remedy: machine.apt
      ? `Run: ${installCommand(missing)}`
      : 'Install them with your package manager, under the names it uses.',
  }
}

/** Only expected failures become problems: a bug ends set-up. @param {unknown} error @returns {Problem} */
function toProblem(error) {
  if (error instanceof SetupError) return error.toProblem()
  throw error
}
