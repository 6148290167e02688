import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { refuse } from '../src/core/errors.ts'
import { engineEnvironment } from './quiet.ts'

const folder = dirname(fileURLToPath(import.meta.url))

/** Runs a program and returns what it printed; what it says on standard error is shown when it fails. */
export async function run(
  program: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<string> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env })
  const printed = { stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => (printed.stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (printed.stderr += text))
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  if (code !== 0)
    throw new Error(`${program} ${args.join(' ')} ended with ${code}.\n${printed.stderr.slice(-4000)}`)
  return printed.stdout
}

/** The last line that a contender printed, which is its result. TensorFlow may print lines of its own before. */
async function runForResult<Result>(
  program: string,
  args: readonly string[],
  env?: NodeJS.ProcessEnv,
): Promise<Result> {
  const printed = await run(program, args, env)
  const line = printed.trimEnd().split('\n').at(-1) ?? ''
  return JSON.parse(line) as Result
}

export function runOurs<Result>(...args: string[]): Promise<Result> {
  return runForResult(process.execPath, [join(folder, 'ours.ts'), ...args])
}

/** The same as TensorFlow would be run by a program that does not know what glibc does to it. */
export function runOursPlainly<Result>(...args: string[]): Promise<Result> {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !(name in engineEnvironment)))
  return runForResult(process.execPath, [join(folder, 'ours.ts'), ...args], env)
}

export function runAlone<Result>(...args: string[]): Promise<Result> {
  return runForResult(process.execPath, [join(folder, 'alone.ts'), ...args])
}

export function runTheirs<Result>(python: string, ...args: string[]): Promise<Result> {
  return runForResult(python, ['-B', join(folder, 'torch_contender.py'), ...args])
}

/**
 * Python of a virtual environment in the per-user cache that holds exactly bench/requirements.txt. Made on first use
 * (3 GB to fetch, 5 GB on disk); a half-made one is made again.
 */
export async function ensurePython(cache: string, onInstall: (path: string) => void): Promise<string> {
  const requirements = join(folder, 'requirements.txt')
  const hash = createHash('sha256')
    .update(await readFile(requirements))
    .digest('hex')
  const environment = join(cache, `bench-${hash.slice(0, 12)}`)
  const python = join(environment, 'bin', 'python')
  const complete = join(environment, 'complete')
  if (existsSync(complete)) return python
  onInstall(environment)
  await rm(environment, { recursive: true, force: true })
  await mkdir(cache, { recursive: true })
  try {
    await run('python3', ['-m', 'venv', environment])
  } catch (error) {
    throw refuse(
      'python-missing',
      `No virtual environment could be made with python3: ${error instanceof Error ? error.message : String(error)}`,
      'Install Python 3.10 or later with its venv module (on Debian: apt install python3-venv), then try again.',
    )
  }
  try {
    await run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', requirements])
  } catch (error) {
    throw refuse(
      'torch-missing',
      `pip could not install bench/requirements.txt: ${error instanceof Error ? error.message : String(error)}`,
      'Check the connection and 6 GB of free disk, then try again.',
    )
  }
  await writeFile(complete, '')
  return python
}
