// By hand: node test/engine/training/killLoop.ts DIR OTHER_DIR [KILLS] [OPTIONS AS JSON]
// Trains DIR to its end. Then trains OTHER_DIR, a project over the same pictures, killing it with SIGKILL at KILLS random
// moments (20) and resuming each time, and compares the two model files byte by byte.
import { hashOf, trainAndKill } from './support/killing.ts'

const [whole, broken, kills = '20', json = '{}'] = process.argv.slice(2)
if (!whole || !broken) throw new Error('Give two project folders over the same pictures.')
const options = JSON.parse(json) as Record<string, unknown>
const expected = await trainAndKill(whole, 'start', options)
const total = expected.steps
console.log(`Never stopped: ${total} steps.`)

let ending = { last: expected.last, killed: false, steps: 0 }
let done = 0
let command: 'start' | 'resume' = 'start'
for (; done < Number(kills); done += 1) {
  const lines = 1 + Math.floor(Math.random() * Math.max(2, (2 * total) / Number(kills)))
  const delayMs = Math.floor(Math.random() * 60)
  ending = await trainAndKill(broken, command, options, { lines, delayMs })
  console.log(`Kill ${done + 1}: after event ${lines} and ${delayMs} ms, at step ${ending.last?.step ?? 0}.`)
  command = 'resume'
  if (!ending.killed) break
}
if (ending.killed) ending = await trainAndKill(broken, 'resume', options)
const [a, b] = await Promise.all([
  hashOf(expected.last?.model?.path ?? ''),
  hashOf(ending.last?.model?.path ?? ''),
])
console.log(`${done} kills.\n${a}\n${b}\n${a === b ? 'The same bytes.' : 'DIFFERENT.'}`)
if (done < Number(kills)) console.log('The run ended before the last kill: give it more steps.')
process.exitCode = a === b && done >= Number(kills) ? 0 : 1
