import { constants, setPriority, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { type fromEngine, toEngine } from '../../core/contract/index.ts'
import { answerRequest } from './answer.ts'
import { Jobs } from './jobs.ts'
import { FAREWELL_MS, watchParent } from './parentWatch.ts'

const { values } = parseArgs({ options: { role: { type: 'string' }, cache: { type: 'string' } } })
const role = z.enum(['compute', 'library']).parse(values.role)
const cacheFolder = values.cache ?? join(tmpdir(), 'diptych-previews')

if (!process.send) throw new Error('The engine is started by Diptych, with a channel for messages.')

type FromEngine = z.infer<typeof fromEngine>

function send(message: FromEngine): void {
  // Without a parent there is nobody to tell; the farewell is under way then.
  if (process.connected) process.send?.(message)
}

const jobs = new Jobs((event) => send({ kind: 'event', event }))
let leaving = false

/** Lets every job save a state from which it can go on, then ends. */
async function leave(): Promise<void> {
  if (leaving) return
  leaving = true
  setTimeout(() => process.exit(1), FAREWELL_MS).unref()
  await jobs.stopAll()
  process.exit(0)
}

async function receive(raw: unknown): Promise<void> {
  const message = toEngine.parse(raw)
  if (message.kind === 'ping') return send({ kind: 'pong', sent: message.sent, busy: jobs.isBusy() })
  if (message.kind === 'shutdown') return leave()
  const answer = await answerRequest(role, message.name, message.request, { jobs, cacheFolder })
  send({ kind: 'answer', id: message.id, answer })
}

process.on('message', (raw) => void receive(raw))
process.on('disconnect', () => void leave())
process.on('SIGTERM', () => void leave())
// Ctrl-C in a terminal reaches the whole group: main decides, and tells the engine.
process.on('SIGINT', () => undefined)

// Training must not take the processor from the window; pictures for the window must not wait for it either.
if (role === 'compute') setPriority(constants.priority.PRIORITY_LOW)
watchParent(FAREWELL_MS)
send({ kind: 'ready', processId: process.pid })
