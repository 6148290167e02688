import { existsSync } from 'node:fs'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { SetupError } from '../errors.mjs'
import { hashFile } from '../hash.mjs'
import { mustRun, runCommand } from '../run.mjs'

/** Ways to start pip, the likeliest first. */
const pipCandidates = [
  ['python3', '-m', 'pip'],
  ['pip3'],
  ['python', '-m', 'pip'],
  ['py', '-3', '-m', 'pip'],
  ['pip'],
]

/**
 * Fetches pinned wheels with pip, whatever Python it runs on; pip checks the SHA-256, and so do we before using a file again.
 * @param {import('../plan.mjs').Source[]} wheels
 * @param {{ work: string, downloads: string }} folders
 * @returns {Promise<string[]>} paths, in the order of the wheels
 */
export async function fetchWheels(wheels, { work, downloads }) {
  await mkdir(downloads, { recursive: true })
  const missing = []
  for (const wheel of wheels) {
    const path = join(downloads, wheel.file ?? '')
    const present = existsSync(path) && (await hashFile(path)) === wheel.sha256
    if (!present) missing.push(wheel)
  }
  // One at a time, so that an interrupted set-up keeps the wheels that were whole.
  const pip = missing.length > 0 ? await findPip() : []
  if (pip === null) throw pipMissing()
  for (const wheel of missing) await fetchOne(pip, wheel, { work, downloads })
  return wheels.map((wheel) => join(downloads, wheel.file ?? ''))
}

/** @returns {Promise<string[] | null>} the command and its first arguments */
export async function findPip() {
  for (const candidate of pipCandidates) {
    const [command = '', ...args] = candidate
    const result = await runCommand(command, [...args, '--version'], { timeoutMs: 20_000 })
    if (result.code === 0) return candidate
  }
  return null
}

function pipMissing() {
  return new SetupError(
    'pip-missing',
    'TensorFlow is fetched with pip, and no pip was found.',
    process.platform === 'linux'
      ? 'Install it: sudo apt-get install python3-pip'
      : 'Install Python 3 from python.org.',
  )
}

/** @param {string[]} pip @param {import('../plan.mjs').Source} wheel @param {{ work: string, downloads: string }} folders */
async function fetchOne(pip, wheel, { work, downloads }) {
  const file = wheel.file ?? ''
  const requirements = join(work, 'requirements.txt')
  const inbox = join(work, 'inbox')
  await mkdir(inbox, { recursive: true })
  await writeFile(requirements, `${wheel.name}==${wheel.version} --hash=sha256:${wheel.sha256}\n`)
  const [command = '', ...first] = pip
  const args = [
    'download',
    '--quiet',
    '--no-deps',
    '--require-hashes',
    '--no-cache-dir',
    '--only-binary=:all:',
  ]
  const target = [...tagArguments(file), '--dest', inbox, '--requirement', requirements]
  await mustRun(command, [...first, ...args, ...target], {
    // pip unpacks nothing, but writes to its temporary folder first, and /tmp may be small.
    env: { TMPDIR: inbox, PIP_DISABLE_PIP_VERSION_CHECK: '1' },
    code: 'pip-failed',
    what: `Fetching ${wheel.name} ${wheel.version}`,
    remedy: 'Check the network and the disk space, then start again.',
  })
  await rename(join(inbox, file), join(downloads, file))
}

/**
 * A wheel's name ends in its tags: python-abi-platform. Given to pip, they make any Python fetch it.
 * @param {string} file
 */
function tagArguments(file) {
  const [platforms = '', abi = '', python = ''] = file
    .replace(/\.whl$/, '')
    .split('-')
    .reverse()
  const version = /^cp(\d)(\d+)$/.exec(python)
  const versionArguments = version ? ['--python-version', `${version[1]}.${version[2]}`] : []
  const platformArguments = platforms.split('.').flatMap((platform) => ['--platform', platform])
  return [...versionArguments, '--implementation', version ? 'cp' : 'py', '--abi', abi, ...platformArguments]
}

/** @returns {Promise<string>} the tag of the Python found, as `cp312` */
export async function findPythonTag() {
  const script = "import sys; print('cp%d%d' % sys.version_info[:2])"
  for (const command of ['python', 'py', 'python3']) {
    const result = await runCommand(command, ['-c', JSON.stringify(script)], { timeoutMs: 20_000 })
    const tag = result.output.trim()
    if (result.code === 0 && /^cp\d+$/.test(tag)) return tag
  }
  return 'cp312'
}
