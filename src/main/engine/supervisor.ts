import { spawn, type ChildProcess } from 'node:child_process'
import type { z } from 'zod'
import {
  fromEngine,
  type Answer,
  type EngineJobEvent,
  type EngineRequestName,
} from '../../core/contract/index.ts'
import type { EngineStatus } from '../../core/contract/windowRequests.ts'
import type { Refusal } from '../../core/errors.ts'

/** How long things may take. A large tile blocks the engine for many seconds, so its silence is judged generously. */
export const supervisorLimits = {
  readyMs: 60_000,
  pingEveryMs: 5_000,
  /** Pings without an answer until a silent engine counts as hung: two minutes. Counted, so that a sleeping computer is no hang. */
  missedPings: 24,
  restarts: 3,
  withinMs: 5 * 60_000,
  pauseBeforeRestartMs: 300,
  shutdownMs: 70_000,
}

export type SupervisorOptions = {
  command: string
  args: readonly string[]
  env: NodeJS.ProcessEnv
  onStatus(status: EngineStatus): void
  onEvent(event: EngineJobEvent): void
  limits?: Partial<typeof supervisorLimits>
}

export type Supervisor = {
  start(): void
  status(): EngineStatus
  /** Asks the engine. Never rejects: an engine that is not there or dies meanwhile is a refusal. */
  ask(name: EngineRequestName, request: unknown): Promise<Answer>
  /** A person's wish: starts afresh, whatever happened before. */
  restart(): Promise<void>
  /** Lets the engine save what it can; by force once the time is over. Resolves when its process is gone. */
  shutdown(): Promise<void>
}

type Pending = { name: string; request: unknown; sent: boolean; settle(answer: Answer): void }
type FromEngine = z.infer<typeof fromEngine>

const crashedRefusal: Refusal = {
  code: 'engine-crashed',
  message: 'The engine stopped while it worked on this.',
  remedy: 'It is started again by itself. A training goes on from its last saved state with Resume.',
}
const downRefusal: Refusal = {
  code: 'engine-down',
  message: 'The engine is not running.',
  remedy: 'Start it again with Restart engine.',
}

/** Starts one engine process, watches it, starts it again when it dies, and takes it along at the end. */
export function createSupervisor(options: SupervisorOptions): Supervisor {
  const limits = { ...supervisorLimits, ...options.limits }
  const pending = new Map<number, Pending>()
  let child: ChildProcess | null = null
  let current: EngineStatus = { state: 'stopped', message: '', remedy: '', restarts: 0, processId: null }
  let crashes: number[] = []
  let lastWords = ''
  let missed = 0
  let count = 0
  let wantsToEnd = false
  let restartTimer: NodeJS.Timeout | undefined
  let watchTimer: NodeJS.Timeout | undefined

  function tell(change: Partial<EngineStatus>): void {
    current = { ...current, message: '', remedy: '', ...change }
    options.onStatus(current)
  }

  function deliver(id: number, entry: Pending): void {
    if (!child?.connected) return
    entry.sent = true
    child.send({ kind: 'request', id, name: entry.name, request: entry.request })
  }

  function refusePending(refusal: Refusal, which: (entry: Pending) => boolean): void {
    for (const [id, entry] of [...pending])
      if (which(entry)) {
        pending.delete(id)
        entry.settle({ ok: false, refusal })
      }
  }

  function receive(message: FromEngine): void {
    missed = 0
    if (message.kind === 'event') options.onEvent(message.event)
    if (message.kind === 'ready') tell({ state: 'ready', processId: message.processId })
    if (message.kind !== 'answer') return
    const entry = pending.get(message.id)
    pending.delete(message.id)
    entry?.settle(message.answer)
  }

  function receiveRaw(from: ChildProcess, raw: unknown): void {
    const parsed = fromEngine.safeParse(raw)
    if (parsed.success) return receive(parsed.data)
    // An engine that talks nonsense is of another version or broken: end it, and let the limits decide.
    lastWords = `It sent a message that cannot be understood: ${parsed.error.issues[0]?.message ?? ''}`
    from.kill('SIGKILL')
  }

  function watch(): void {
    const startedAt = Date.now()
    clearInterval(watchTimer)
    watchTimer = setInterval(() => {
      if (!child?.connected) return
      const late = current.state !== 'ready' && Date.now() - startedAt > limits.readyMs
      if (late || missed >= limits.missedPings) {
        lastWords = late ? 'It did not become ready.' : 'It did not answer any more.'
        child.kill('SIGKILL')
        return
      }
      missed += 1
      child.send({ kind: 'ping', sent: Date.now() })
    }, limits.pingEveryMs)
  }

  function start(): void {
    wantsToEnd = false
    lastWords = ''
    missed = 0
    const { ELECTRON_RUN_AS_NODE: _asNode, NODE_OPTIONS: _options, ...env } = options.env
    const started = spawn(options.command, [...options.args], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      serialization: 'json',
      env,
    })
    child = started
    tell({ state: crashes.length > 0 ? 'restarting' : 'starting', processId: started.pid ?? null })
    started.stderr?.on('data', (data: Buffer) => {
      process.stderr.write(data)
      lastWords = `${lastWords}${data.toString()}`.slice(-4000)
    })
    started.on('message', (raw) => receiveRaw(started, raw))
    started.on('error', (error) => {
      lastWords = error.message
      if (started.pid === undefined) onGone(started, 'it could not be started')
    })
    started.on('exit', (code, signal) =>
      onGone(started, signal ? `signal ${signal}` : `exit code ${code ?? '?'}`),
    )
    for (const [id, entry] of pending) deliver(id, entry)
    watch()
  }

  function onGone(gone: ChildProcess, how: string): void {
    if (child !== gone) return
    child = null
    clearInterval(watchTimer)
    refusePending(crashedRefusal, (entry) => entry.sent)
    if (wantsToEnd) {
      refusePending(downRefusal, () => true)
      return tell({ state: 'stopped', processId: null })
    }
    onCrash(how)
  }

  function onCrash(how: string): void {
    const now = Date.now()
    crashes = [...crashes.filter((at) => now - at < limits.withinMs), now]
    const lastLine = lastWords.trim().split('\n').at(-1) ?? ''
    const message = `The engine stopped unexpectedly (${how}${lastLine ? `: ${lastLine.slice(0, 300)}` : ''}).`
    if (crashes.length > limits.restarts) {
      refusePending(downRefusal, () => true)
      const remedy =
        'Restart the engine by hand. If it stops again, run "diptych doctor" and report what it says.'
      return tell({ state: 'gave-up', message, remedy, processId: null })
    }
    const remedy = 'It is being started again. A training goes on from its last saved state with Resume.'
    tell({ state: 'crashed', message, remedy, processId: null, restarts: current.restarts + 1 })
    restartTimer = setTimeout(start, limits.pauseBeforeRestartMs * 2 ** (crashes.length - 1))
  }

  async function shutdown(): Promise<void> {
    wantsToEnd = true
    clearTimeout(restartTimer)
    const ending = child
    if (!ending) {
      refusePending(downRefusal, () => true)
      return
    }
    const gone = new Promise<void>((resolve) => ending.once('exit', () => resolve()))
    if (ending.connected) ending.send({ kind: 'shutdown' })
    const force = setTimeout(() => ending.kill('SIGKILL'), limits.shutdownMs)
    await gone
    clearTimeout(force)
  }

  return {
    start,
    status: () => current,
    ask: (name, request) =>
      new Promise((settle) => {
        if (wantsToEnd || current.state === 'gave-up') return settle({ ok: false, refusal: downRefusal })
        count += 1
        const entry: Pending = { name, request, sent: false, settle }
        pending.set(count, entry)
        deliver(count, entry)
      }),
    restart: async () => {
      await shutdown()
      crashes = []
      start()
    },
    shutdown,
  }
}
