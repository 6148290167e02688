import { interruptSignal } from './interrupt.ts'

// Before anything else loads: an early Ctrl+C must end as a late one does.
interruptSignal()
const { runProgram } = await import('./program.ts')
await runProgram()
