import { refusalOf } from '../core/errors.ts'
import { EXIT_INTERRUPTED, exitCodeOf } from './exits.ts'
import { interruptSignal } from './interrupt.ts'
import { createOutput, type Output } from './output.ts'

export type CommandContext = { output: Output; signal: AbortSignal }

/** What `throwIfAborted` and aborted reads throw: no fault, only the end that was asked for. */
function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError'
}

/**
 * Runs a command's work and turns its ending into an exit code: what it returns, 130 when interrupted, or the code of its
 * refusal. Bugs keep their stack, on standard error.
 */
export async function runCommand(
  json: boolean,
  work: (context: CommandContext) => Promise<number>,
): Promise<void> {
  const output = createOutput(json)
  const signal = interruptSignal()
  try {
    signal.throwIfAborted()
    process.exitCode = await work({ output, signal })
  } catch (error) {
    if (signal.aborted && isAbort(error)) {
      output.event({ type: 'interrupted' }, 'Interrupted.')
      process.exitCode = EXIT_INTERRUPTED
      return
    }
    const refusal = refusalOf(error)
    output.refusal(refusal)
    if (refusal.code === 'internal' && error instanceof Error) process.stderr.write(`${error.stack ?? ''}\n`)
    process.exitCode = exitCodeOf(refusal.code)
  }
}
