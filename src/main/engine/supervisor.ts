import { spawn, type ChildProcess } from 'node:child_process'
import type { z } from 'zod'
import {
  fromEngine,
  type toEngine,
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

type Pending = { name: string; request: unknown; sent: boolean; settle(answer: Answer): void }

const crashedRefusal: Refusal = {
  code: 'engine-crashed',
  message: 'The engine stopped while it worked on this.',
  remedy: 'It is started again by itself. A training goes on from its last saved state with Resume.',
}
const downRefusal: Refusal = {
  code: 'engine-down',
  message: 'The engine is not running.',
  remedy: 'Start it again with Restart the engine.',
}

/** Starts one engine process, watches it, starts it again when it dies, and takes it along at the end. */
export class Supervisor {
  readonly #options: SupervisorOptions
  readonly #limits: typeof supervisorLimits
  readonly #pending = new Map<number, Pending>()
  #child: ChildProcess | null = null
  #status: EngineStatus = { state: 'stopped', message: '', remedy: '', restarts: 0, processId: null }
  #crashes: number[] = []
  #lastWords = ''
  #missed = 0
  #count = 0
  #wantsToEnd = false
  #restartTimer: NodeJS.Timeout | undefined
  #watchTimer: NodeJS.Timeout | undefined

  constructor(options: SupervisorOptions) {
    this.#options = options
    this.#limits = { ...supervisorLimits, ...options.limits }
  }

  status(): EngineStatus {
    return this.#status
  }

  start(): void {
    this.#wantsToEnd = false
    this.#lastWords = ''
    this.#missed = 0
    const { command, args, env } = this.#options
    const { ELECTRON_RUN_AS_NODE: _asNode, NODE_OPTIONS: _options, ...ownEnv } = env
    const child = spawn(command, [...args], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      serialization: 'json',
      env: ownEnv,
    })
    this.#child = child
    this.#tell({ state: this.#crashes.length > 0 ? 'restarting' : 'starting', processId: child.pid ?? null })
    this.#listen(child)
    for (const [id, entry] of this.#pending) this.#deliver(id, entry)
    this.#watch()
  }

  /** Asks the engine. Never rejects: an engine that is not there or dies meanwhile is a refusal. */
  ask(name: EngineRequestName, request: unknown): Promise<Answer> {
    return new Promise((settle) => {
      if (this.#wantsToEnd || this.#status.state === 'gave-up')
        return settle({ ok: false, refusal: downRefusal })
      this.#count += 1
      const entry: Pending = { name, request, sent: false, settle }
      this.#pending.set(this.#count, entry)
      this.#deliver(this.#count, entry)
    })
  }

  /** A person's wish: starts afresh, whatever happened before. */
  async restart(): Promise<void> {
    await this.shutdown()
    this.#crashes = []
    this.start()
  }

  /** Lets the engine save what it can; by force once the time is over. Resolves when its process is gone. */
  async shutdown(): Promise<void> {
    this.#wantsToEnd = true
    clearTimeout(this.#restartTimer)
    const child = this.#child
    if (!child) return this.#refusePending(downRefusal, () => true)
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
    this.#send(child, { kind: 'shutdown' })
    const force = setTimeout(() => child.kill('SIGKILL'), this.#limits.shutdownMs)
    await gone
    clearTimeout(force)
  }

  #tell(change: Partial<EngineStatus>): void {
    this.#status = { ...this.#status, message: '', remedy: '', ...change }
    this.#options.onStatus(this.#status)
  }

  #listen(child: ChildProcess): void {
    child.stderr?.on('data', (data: Buffer) => {
      process.stderr.write(data)
      this.#lastWords = `${this.#lastWords}${data.toString()}`.slice(-4000)
    })
    child.on('message', (raw) => this.#receive(child, raw))
    child.on('error', (error) => {
      this.#lastWords = error.message
      if (child.pid === undefined) this.#onGone(child, 'it could not be started')
    })
    child.on('exit', (code, signal) =>
      this.#onGone(child, signal ? `signal ${signal}` : `exit code ${code ?? '?'}`),
    )
  }

  #receive(child: ChildProcess, raw: unknown): void {
    const parsed = fromEngine.safeParse(raw)
    if (!parsed.success) {
      // An engine that talks nonsense is of another version or broken: end it, and let the limits decide.
      this.#lastWords = `It sent a message that cannot be understood: ${parsed.error.issues[0]?.message ?? ''}`
      child.kill('SIGKILL')
      return
    }
    if (child !== this.#child) return
    const message = parsed.data
    this.#missed = 0
    if (message.kind === 'event') this.#options.onEvent(message.event)
    if (message.kind === 'ready') this.#tell({ state: 'ready', processId: message.processId })
    if (message.kind !== 'answer') return
    const entry = this.#pending.get(message.id)
    this.#pending.delete(message.id)
    entry?.settle(message.answer)
  }

  #send(child: ChildProcess, message: z.infer<typeof toEngine>): void {
    // A child that dies just now cannot be told; its exit says so.
    if (child.connected) child.send(message, () => undefined)
  }

  #deliver(id: number, entry: Pending): void {
    if (!this.#child?.connected) return
    entry.sent = true
    this.#send(this.#child, { kind: 'request', id, name: entry.name, request: entry.request })
  }

  #refusePending(refusal: Refusal, which: (entry: Pending) => boolean): void {
    for (const [id, entry] of [...this.#pending])
      if (which(entry)) {
        this.#pending.delete(id)
        entry.settle({ ok: false, refusal })
      }
  }

  #watch(): void {
    const startedAt = Date.now()
    clearInterval(this.#watchTimer)
    this.#watchTimer = setInterval(() => {
      const child = this.#child
      if (!child) return
      const late = this.#status.state !== 'ready' && Date.now() - startedAt > this.#limits.readyMs
      if (late || this.#missed >= this.#limits.missedPings) {
        this.#lastWords = late ? 'It did not become ready.' : 'It did not answer any more.'
        child.kill('SIGKILL')
        return
      }
      if (this.#status.state !== 'ready') return
      this.#missed += 1
      this.#send(child, { kind: 'ping', sent: Date.now() })
    }, this.#limits.pingEveryMs)
  }

  #onGone(child: ChildProcess, how: string): void {
    if (this.#child !== child) return
    this.#child = null
    clearInterval(this.#watchTimer)
    if (this.#wantsToEnd) {
      this.#refusePending(downRefusal, () => true)
      return this.#tell({ state: 'stopped', processId: null })
    }
    this.#refusePending(crashedRefusal, (entry) => entry.sent)
    this.#onCrash(how)
  }

  #onCrash(how: string): void {
    const now = Date.now()
    this.#crashes = [...this.#crashes.filter((at) => now - at < this.#limits.withinMs), now]
    const lastLine = this.#lastWords.trim().split('\n').at(-1) ?? ''
    const message = `The engine stopped unexpectedly (${how}${lastLine ? `: ${lastLine.slice(0, 300)}` : ''}).`
    if (this.#crashes.length > this.#limits.restarts) {
      this.#refusePending(downRefusal, () => true)
      const remedy =
        'Restart the engine by hand. If it stops again, run "diptych doctor" and report what it says.'
      return this.#tell({ state: 'gave-up', message, remedy, processId: null })
    }
    const remedy = 'It is being started again. A training goes on from its last saved state with Resume.'
    this.#tell({ state: 'crashed', message, remedy, processId: null, restarts: this.#status.restarts + 1 })
    const pauseMs = this.#limits.pauseBeforeRestartMs * 2 ** (this.#crashes.length - 1)
    this.#restartTimer = setTimeout(() => this.start(), pauseMs)
  }
}
