import { refusalOf } from '../../core/errors.ts'
import { measureRun } from './measuring.ts'
import { probeRequest, type fromProbe } from './probeMessages.ts'
import type { z } from 'zod'

// A process of its own: measures one trainer and ends. Its parent may kill it at any time.

function send(message: z.infer<typeof fromProbe>): Promise<void> {
  return new Promise((resolve) => {
    if (process.connected) process.send?.(message, () => resolve())
    else resolve()
  })
}

async function answer(raw: unknown): Promise<void> {
  try {
    const result = await measureRun(probeRequest.parse(raw), () => void send({ kind: 'part' }))
    await send({ kind: 'result', result })
  } catch (error) {
    await send({ kind: 'refused', refusal: refusalOf(error) })
  }
  process.exit(0)
}

process.once('message', (raw) => void answer(raw))
process.on('disconnect', () => process.exit(0))
