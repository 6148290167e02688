import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { hashText } from './hash.mjs'
import { mustRun } from './run.mjs'

const folders = ['src/core', 'src/main', 'src/preload', 'src/renderer']
const files = ['electron.vite.config.ts', 'package.json', 'package-lock.json']
const results = ['out/main/index.js', 'out/renderer/index.html']

/**
 * Builds the window's side with electron-vite, unless nothing changed since the last build.
 * @param {{ root: string, log: (line: string) => void }} options
 */
export async function buildApp({ root, log }) {
  const stampPath = join(root, 'out', '.sources')
  const stamp = hashSources(root)
  const built = results.every((name) => existsSync(join(root, name)))
  if (built && existsSync(stampPath) && readFileSync(stampPath, 'utf8') === stamp) return
  log('Building the window, about 10 s')
  const tool = join(root, 'node_modules', 'electron-vite', 'bin', 'electron-vite.js')
  await mustRun(process.execPath, [tool, 'build', '--logLevel', 'warn'], {
    cwd: root,
    code: 'build-failed',
    what: 'Building the window',
    remedy: 'Look at the message; npm run check tells more.',
  })
  await mkdir(join(root, 'out'), { recursive: true })
  await writeFile(stampPath, stamp)
}

/** @param {string} root @returns {string} */
function hashSources(root) {
  const names = folders.flatMap((folder) =>
    existsSync(join(root, folder))
      ? readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
          .filter((entry) => entry.isFile())
          .map((entry) => join(entry.parentPath, entry.name))
      : [],
  )
  const all = [...names.sort(), ...files.map((name) => join(root, name)).filter((path) => existsSync(path))]
  return hashText(all.map((path) => `${path} ${hashText(readFileSync(path))}`).join('\n'))
}
