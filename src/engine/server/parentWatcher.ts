import { setTimeout as wait } from 'node:timers/promises'
import { workerData } from 'node:worker_threads'
import { z } from 'zod'

const { parent, farewellMs } = z
  .strictObject({ parent: z.number().int(), farewellMs: z.number() })
  .parse(workerData)

function isOrphan(): boolean {
  if (process.ppid !== parent) return true
  try {
    process.kill(parent, 0)
    return false
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ESRCH'
  }
}

while (!isOrphan()) await wait(1000)
await wait(farewellMs)
process.kill(process.pid, 'SIGKILL')
