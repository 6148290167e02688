/** Fetches pinned packages by name through npm, pip and apt for the make-*.mjs scripts, and refuses other bytes. */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

/** @param {Uint8Array | string} bytes */
export function sha256(bytes) {
  return createHash('sha256').update(bytes).digest('hex')
}

/** Downloads with `command` into an empty folder and returns the one file there, its hash checked. */
function download(folder, command, args, expectedSha256) {
  mkdirSync(folder)
  execFileSync(command, args, { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] })
  const [name, ...others] = readdirSync(folder)
  if (name === undefined || others.length > 0)
    throw new Error(`${command} ${args.join(' ')} left not exactly one file.`)
  const file = path.join(folder, name)
  const actual = sha256(readFileSync(file))
  if (actual !== expectedSha256) throw new Error(`${name} has SHA-256 ${actual}, expected ${expectedSha256}.`)
  return file
}

function fetchNpm(folder, spec, expectedSha256) {
  const file = download(path.join(folder, 'download'), 'npm', ['pack', '--silent', spec], expectedSha256)
  execFileSync('tar', ['-xzf', file, '-C', folder])
  return path.join(folder, 'package')
}

function fetchPip(folder, spec, expectedSha256) {
  const args = ['download', '--no-deps', '--quiet', '--only-binary=:all:', spec]
  const file = download(path.join(folder, 'download'), 'pip', args, expectedSha256)
  execFileSync('unzip', ['-q', file, '-d', folder])
  return folder
}

function fetchApt(folder, spec, expectedSha256) {
  const file = download(path.join(folder, 'download'), 'apt-get', ['download', '-qq', spec], expectedSha256)
  execFileSync('dpkg-deb', ['-x', file, folder])
  return folder
}

const fetchers = { npm: fetchNpm, pip: fetchPip, apt: fetchApt }

/**
 * Runs `use(folderOf)` with every package of `packages` unpacked in a temporary folder, which is removed afterwards.
 * @param {Record<string, { from: 'npm' | 'pip' | 'apt', spec: string, sha256: string }>} packages
 * @param {(folders: Record<string, string>) => Promise<void>} use
 */
export async function withPackages(packages, use) {
  const root = mkdtempSync(path.join(tmpdir(), 'diptych-make-'))
  try {
    const folders = {}
    for (const [name, { from, spec, sha256: expected }] of Object.entries(packages)) {
      const folder = path.join(root, name)
      mkdirSync(folder)
      folders[name] = fetchers[from](folder, spec, expected)
    }
    await use(folders)
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}
