import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export type CliResult = {
  code: number | null
  stdout: string
  stderr: string
  events: Record<string, unknown>[]
  last: Record<string, unknown>
  /** The most memory that the process held, in MB; NaN where the system does not tell. */
  peakMemoryMb: number
}

const entry = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))

/** The high-water mark of a living process, in MB. */
function peakMemoryMbOf(processId: number | undefined): number {
  try {
    const status = readFileSync(`/proc/${processId ?? 0}/status`, 'utf8')
    return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? NaN) / 1000
  } catch {
    return NaN
  }
}

function parseLines(stdout: string): Record<string, unknown>[] {
  return stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Record<string, unknown>)
}

/** Runs the command line as a child process, as a person does. `onLine` and `onStart` may kill it. */
export function runCli(
  args: readonly string[],
  onLine?: (line: string, kill: (signal: NodeJS.Signals) => void) => void,
  onStart?: (kill: (signal: NodeJS.Signals) => void) => void,
): Promise<CliResult> {
  const child = spawn(process.execPath, [entry, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  onStart?.((signal) => child.kill(signal))
  let [stdout, stderr, seen, peakMemoryMb] = ['', '', 0, NaN]
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString()
    const peakMb = peakMemoryMbOf(child.pid)
    if (!Number.isNaN(peakMb)) peakMemoryMb = peakMb
    const lines = stdout.split('\n')
    for (; seen < lines.length - 1; seen += 1) onLine?.(lines[seen] ?? '', (signal) => child.kill(signal))
  })
  return new Promise((resolve) =>
    child.on('close', (code) => {
      const events = args.includes('--json') ? parseLines(stdout) : []
      resolve({ code, stdout, stderr, events, last: events.at(-1) ?? {}, peakMemoryMb })
    }),
  )
}
