import { spawn } from 'node:child_process'
import { SetupError } from './errors.mjs'

const tailLength = 64_000
/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set()

/** Ends every command that still runs: set-up was interrupted. */
export function killCommands() {
  for (const child of running) child.kill('SIGTERM')
}

/**
 * Runs a command to its end and keeps the tail of what it printed.
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd?: string, env?: Record<string, string>, timeoutMs?: number, onStart?: (pid: number) => void }} [options]
 * @returns {Promise<{ code: number | null, output: string, timedOut: boolean }>} code null: it could not be started or was killed
 */
export function runCommand(command, args, options = {}) {
  return new Promise((resolve) => {
    // npm is a .cmd on Windows, which only a shell can start; our arguments hold no shell syntax.
    const shell = process.platform === 'win32' && !command.endsWith('.exe')
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
      shell,
      windowsHide: true,
    })
    running.add(child)
    if (child.pid !== undefined) options.onStart?.(child.pid)
    let output = ''
    let timedOut = false
    const keep = (/** @type {Buffer} */ chunk) => {
      output = (output + chunk.toString('utf8')).slice(-tailLength)
    }
    child.stdout.on('data', keep)
    child.stderr.on('data', keep)
    const timer = options.timeoutMs
      ? setTimeout(() => {
          timedOut = true
          child.kill('SIGKILL')
        }, options.timeoutMs)
      : null
    const finish = (/** @type {number | null} */ code) => {
      if (timer) clearTimeout(timer)
      running.delete(child)
      resolve({ code, output, timedOut })
    }
    child.on('error', (error) => {
      output += error.message
      finish(null)
    })
    child.on('close', finish)
  })
}

/**
 * Runs a command and refuses when it fails.
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd?: string, env?: Record<string, string>, timeoutMs?: number, onStart?: (pid: number) => void, code: string, what: string, remedy: string }} options
 * @returns {Promise<string>} the tail of what it printed
 */
export async function mustRun(command, args, options) {
  const result = await runCommand(command, args, options)
  if (result.code === 0) return result.output
  const cause = result.timedOut ? 'it took too long' : findCause(result.output)
  throw new SetupError(options.code, `${options.what} failed: ${cause}`, options.remedy)
}

/** Where lines speak of errors, the first of them tell the cause; otherwise the last lines do. @param {string} output */
function findCause(output) {
  const lines = output.split('\n').filter((line) => line.replace(/^(npm )?(error|warn)/i, '').trim() !== '')
  const errors = lines.filter((line) => /error|failed|cannot|no such|not found|missing/i.test(line))
  const chosen = errors.length > 0 ? errors.slice(0, 8) : lines.slice(-6)
  return chosen.join('\n') || 'it printed nothing'
}
