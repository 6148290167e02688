import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const child = fileURLToPath(new URL('./trainChild.ts', import.meta.url))

type ToldEvent = { type: string; step: number; model?: { path: string } }
export type Ending = { last: ToldEvent | undefined; killed: boolean; steps: number }

/**
 * Trains in a process of its own, and kills it with SIGKILL once it has told `lines` events and another `delayMs` have
 * passed. Without `lines` it runs to its end.
 */
export async function trainAndKill(
  projectFolder: string,
  command: 'start' | 'resume',
  options: Record<string, unknown>,
  kill?: { lines: number; delayMs: number },
): Promise<Ending> {
  const running = spawn(process.execPath, [child, projectFolder, command, JSON.stringify(options)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const closed = new Promise<NodeJS.Signals | null>((resolve) =>
    running.on('close', (_code, signal) => resolve(signal)),
  )
  let errors = ''
  running.stderr.on('data', (text: Buffer) => (errors += text.toString()))
  let told = 0
  const ending: Ending = { last: undefined, killed: false, steps: 0 }
  for await (const line of createInterface({ input: running.stdout })) {
    const event = JSON.parse(line) as ToldEvent
    ending.last = event
    if (event.type === 'step') ending.steps += 1
    told += 1
    if (kill && told === kill.lines) setTimeout(() => running.kill('SIGKILL'), kill.delayMs)
  }
  ending.killed = (await closed) === 'SIGKILL'
  if (!ending.killed && ending.last?.type !== 'done') throw new Error(`The training failed: ${errors}`)
  return ending
}

export async function hashOf(path: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(path))
    .digest('hex')
}
