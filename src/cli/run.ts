import { refusalOf } from '../core/errors.ts'
import { EXIT_INTERRUPTED, exitCodeOf } from './exits.ts'
import { interruptSignal } from './interrupt.ts'
import { createOutput, type Output } from './output.ts'

export type CommandContext = { output: Output; signal: AbortSignal }

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
    process.exitCode = await work({ output, signal })
  } catch (error) {
    const refusal = refusalOf(error)
    output.refusal(refusal)
    if (refusal.code === 'internal' && error instanceof Error) process.stderr.write(`${error.stack ?? ''}\n`)
    process.exitCode = signal.aborted ? EXIT_INTERRUPTED : exitCodeOf(refusal.code)
  }
}
