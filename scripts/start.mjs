// npm start: sets up what is missing, then opens the studio on the sample project; without a display it runs the sample headlessly.
import { spawn } from 'node:child_process'
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { buildApp } from './setup/buildApp.mjs'
import { SetupError, detectMachine, ensureSetup, projectRoot } from './setup/index.mjs'
import { killCommands } from './setup/run.mjs'

// glibc gives large buffers back to the system after every step unless told otherwise (docs/setup.md).
const engineEnvironment = JSON.parse(
  readFileSync(join(projectRoot, 'src', 'core', 'engineEnvironment.json'), 'utf8'),
)
const sample = 'map-to-satellite'
// Beside the program: a fresh clone starts afresh, and nothing is left behind elsewhere.
const home = resolve(process.env.DIPTYCH_HOME ?? join(projectRoot, 'projects'))
const project = join(home, sample)
const say = (/** @type {string} */ line) => console.log(line)

async function main() {
  const { version } = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8'))
  say(`Diptych ${version}`)
  const machine = detectMachine()
  const interactive = Boolean(process.stdin.isTTY && process.stderr.isTTY)
  const setup = await ensureSetup({ log: say, interactive, want: 'studio' })
  if (machine.display && setup.electron !== null) return openStudio(setup.node24, setup.electron)
  say(
    machine.display
      ? 'Electron could not be set up, so the sample project runs here instead of in a window.'
      : 'There is no display, so the sample project runs here instead of in a window.',
  )
  return runSample(setup.node24)
}

/**
 * @param {string} node24
 * @param {NonNullable<import('./setup/index.mjs').Setup['electron']>} electron
 */
async function openStudio(node24, electron) {
  await buildApp({ root: projectRoot, log: say })
  if (!existsSync(join(project, 'project.json'))) {
    const code = await diptych(node24, ['new', project, '--sample', sample])
    if (code !== 0) return code
  }
  const asRoot = process.platform === 'linux' && process.getuid?.() === 0
  if (asRoot) say('Running as root: Chromium has no sandbox here. Use another account for daily work.')
  if (electron.endOfLife)
    say(`Electron ${electron.version} is past its end of life: good for tests, not for daily work.`)
  say(`Opening the studio on ${project}`)
  return run(electron.path, [...(asRoot ? ['--no-sandbox'] : []), projectRoot, project])
}

/** Train, translate the held-out pictures, report. Whatever an earlier start finished is used again. @param {string} node24 */
async function runSample(node24) {
  if (!existsSync(join(project, 'project.json'))) {
    const code = await diptych(node24, ['new', project, '--sample', sample])
    if (code !== 0) return code
  }
  let model = newestFile(join(project, 'models'), '.safetensors')
  if (model === null) {
    const code = await train(node24)
    if (code !== 0) return code
    model = newestFile(join(project, 'models'), '.safetensors')
    if (model === null) throw new Error(`training ended well, but ${project} holds no model`)
  } else say(`The sample is trained: ${model}`)
  const translated = join(project, 'translated')
  const isNewer = !existsSync(translated) || statSync(model).mtimeMs > statSync(translated).mtimeMs
  const code = await diptych(node24, [
    'translate',
    '--model',
    model,
    join(project, 'A', 'test'),
    '--output',
    translated,
    ...(isNewer ? ['--overwrite'] : []),
  ])
  if (code !== 0) return code
  return report(node24, model)
}

/** Goes on with an earlier start's run; one that cannot be resumed gives way to a new one. @param {string} node24 */
async function train(node24) {
  const runs = join(project, 'runs')
  if (existsSync(runs) && readdirSync(runs).length > 0) {
    say('An earlier start was training the sample; going on with that.')
    const code = await diptych(node24, ['train', project, '--resume'])
    if (code === 0 || code === 130) return code
    say('It cannot be gone on with; training anew.')
  }
  return diptych(node24, ['train', project, '--preset', 'quick'])
}

/** @param {string} node24 @param {string} model */
async function report(node24, model) {
  const known = newestFile(join(project, 'reports'), '.html')
  if (known === null || statSync(known).mtimeMs < statSync(model).mtimeMs) {
    const code = await diptych(node24, ['report', project])
    if (code !== 0) return code
  }
  say('')
  say(`Translated pictures: ${join(project, 'translated')}`)
  say(`Before and after:    ${newestFile(join(project, 'reports'), '.html') ?? project}`)
  return 0
}

/** @param {string} folder @param {string} ending @returns {string | null} */
function newestFile(folder, ending) {
  if (!existsSync(folder)) return null
  const files = readdirSync(folder)
    .filter((name) => name.endsWith(ending))
    .map((name) => join(folder, name))
  return files.sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs)[0] ?? null
}

/** @param {string} node24 @param {string[]} args */
function diptych(node24, args) {
  say(`> diptych ${args.join(' ')}`)
  return run(node24, [join(projectRoot, 'src', 'cli', 'main.ts'), ...args])
}

/** @param {string} command @param {string[]} args @returns {Promise<number>} its exit code */
function run(command, args) {
  return new Promise((done, fail) => {
    const child = spawn(command, args, { stdio: 'inherit', env: { ...process.env, ...engineEnvironment } })
    // A terminal sends Ctrl+C to the child as well; another sender may know only us.
    const pass = (/** @type {NodeJS.Signals} */ signal) => void child.kill(signal)
    const ignore = () => {}
    process.on('SIGTERM', pass)
    process.on('SIGINT', process.stdin.isTTY ? ignore : pass)
    child.on('error', fail)
    child.on('close', (code, signal) => {
      process.off('SIGTERM', pass)
      process.off('SIGINT', process.stdin.isTTY ? ignore : pass)
      done(code ?? (signal === 'SIGINT' ? 130 : 143))
    })
  })
}

try {
  process.exitCode = await main()
} catch (error) {
  killCommands()
  if (!(error instanceof SetupError)) throw error
  console.error(`${error.message}\n${error.remedy}`)
  process.exitCode = 1
}
