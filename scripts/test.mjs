// npm test: sets up what is missing, then checks, unit tests and laws, and the real window. The last line counts.
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildApp } from './setup/buildApp.mjs'
import { SetupError, detectMachine, ensureSetup, projectRoot } from './setup/index.mjs'

const say = (/** @type {string} */ line) => console.log(line)

/** @typedef {{ passed: number, failed: number, skipped: number }} Count */

async function main() {
  const scratch = mkdtempSync(join(tmpdir(), 'diptych-test-'))
  try {
    return await runAll(scratch)
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

/** @param {string} scratch */
async function runAll(scratch) {
  const interactive = Boolean(process.stdin.isTTY && process.stderr.isTTY)
  const setup = await ensureSetup({ log: say, interactive, want: 'test' })
  // A test that cannot run must not look like one that passed.
  const serious = setup.problems.filter((problem) => problem.code !== 'electron-end-of-life')
  /** @type {Count[]} */
  const counts = serious.map(() => ({ passed: 0, failed: 1, skipped: 0 }))
  counts.push(countExit(await run(process.execPath, [join(projectRoot, 'scripts', 'check.mjs')])))
  counts.push(await runVitest(setup.node24, 'unit', scratch, []))
  counts.push(await runWindowTests(setup, scratch))
  const sum = (/** @type {keyof Count} */ key) => counts.reduce((total, count) => total + count[key], 0)
  const skipped = sum('skipped') > 0 ? `, ${sum('skipped')} skipped` : ''
  for (const problem of serious) say(`Set-up: ${problem.message} ${problem.remedy}`)
  say(`${sum('passed')} passed, ${sum('failed')} failed${skipped}`)
  return sum('failed') > 0 ? 1 : 0
}

/** @param {import('./setup/index.mjs').Setup} setup @param {string} scratch @returns {Promise<Count>} */
async function runWindowTests(setup, scratch) {
  if (!existsSync(join(projectRoot, 'test', 'e2e'))) return countExit(1)
  try {
    await buildApp({ root: projectRoot, log: say })
  } catch (error) {
    if (!(error instanceof SetupError)) throw error
    say(error.message)
    return countExit(1)
  }
  const wrapper = detectMachine().display ? [] : ['xvfb-run', '-a', '-s', '-screen 0 1600x1000x24']
  return runVitest(setup.node24, 'e2e', scratch, wrapper)
}

/**
 * @param {string} node24 @param {string} project a name in vitest.config.ts @param {string} scratch
 * @param {string[]} wrapper a command that starts it
 * @returns {Promise<Count>}
 */
async function runVitest(node24, project, scratch, wrapper) {
  const report = join(scratch, `${project}.json`)
  const vitest = join(projectRoot, 'node_modules', 'vitest', 'vitest.mjs')
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  const [command = '', ...args] = [...wrapper, node24, vitest, 'run', '--project', project, ...reporters]
  const code = await run(command, args)
  if (!existsSync(report)) return countExit(code === 0 ? 1 : code)
  const { numPassedTests, numFailedTests, numPendingTests, numFailedTestSuites } = JSON.parse(
    readFileSync(report, 'utf8'),
  )
  // A file that cannot be loaded, or an error outside any test, has no failed test to show for it.
  const failed = numFailedTests > 0 ? numFailedTests : Math.max(code === 0 ? 0 : 1, numFailedTestSuites)
  return { passed: numPassedTests, failed, skipped: numPendingTests }
}

/** @param {number} code @returns {Count} */
function countExit(code) {
  return code === 0 ? { passed: 1, failed: 0, skipped: 0 } : { passed: 0, failed: 1, skipped: 0 }
}

/** @param {string} command @param {string[]} args @returns {Promise<number>} */
function run(command, args) {
  return new Promise((done, fail) => {
    const child = spawn(command, args, { cwd: projectRoot, stdio: 'inherit' })
    child.on('error', fail)
    child.on('close', (code) => done(code ?? 1))
  })
}

try {
  process.exitCode = await main()
} catch (error) {
  if (!(error instanceof SetupError)) throw error
  console.error(`${error.message}\n${error.remedy}`)
  process.exitCode = 1
}
