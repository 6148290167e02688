import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import type { EngineStatus } from '../../src/core/contract/windowRequests.ts'
import { Supervisor, type supervisorLimits } from '../../src/main/engine/supervisor.ts'

const script = join(import.meta.dirname, 'fakeEngine.mjs')
const quick = { pingEveryMs: 40, missedPings: 4, pauseBeforeRestartMs: 5, shutdownMs: 400, restarts: 2 }

let supervisor: Supervisor
let seen: EngineStatus[]

function start(
  behaviour: string,
  limits: Partial<typeof supervisorLimits> = {},
  command = process.execPath,
): void {
  seen = []
  supervisor = new Supervisor({
    command,
    args: [script, behaviour],
    env: { ...process.env, NODE_OPTIONS: '--no-warnings', ELECTRON_RUN_AS_NODE: '1' },
    onStatus: (status) => seen.push(status),
    onEvent: () => undefined,
    limits: { ...quick, ...limits },
  })
  supervisor.start()
}

async function reaches(state: EngineStatus['state'], times = 1): Promise<EngineStatus> {
  await expect
    .poll(() => seen.filter((status) => status.state === state).length, { timeout: 10_000 })
    .toBeGreaterThanOrEqual(times)
  return seen.filter((status) => status.state === state)[times - 1] as EngineStatus
}

function isAlive(processId: number | null): boolean {
  try {
    return processId !== null && process.kill(processId, 0)
  } catch {
    return false
  }
}

afterEach(() => supervisor.shutdown())

describe('the supervisor of an engine process', () => {
  it('starts it, passes requests, and hides the environment of Electron from it', async () => {
    start('good')
    const answer = await supervisor.ask('sample:list', {})
    expect(answer).toMatchObject({ ok: true, reply: { name: 'sample:list' } })
    const env = answer.ok ? (answer.reply as { env: string[] }).env : []
    expect(env).toContain('PATH')
    expect(env).not.toContain('NODE_OPTIONS')
    expect(env).not.toContain('ELECTRON_RUN_AS_NODE')
    expect(seen.map(({ state }) => state)).toEqual(['starting', 'ready'])
  })

  it('refuses what a dying engine was working on, and starts it again', async () => {
    start('crashes-when-asked')
    await reaches('ready')
    const answer = await supervisor.ask('sample:list', {})
    expect(answer).toMatchObject({ ok: false, refusal: { code: 'engine-crashed' } })
    const crashed = await reaches('crashed')
    expect(crashed.message).toContain('exit code 7')
    await reaches('ready', 2)
    expect(supervisor.status().restarts).toBe(1)
    expect(seen.map(({ state }) => state)).toEqual(['starting', 'ready', 'crashed', 'restarting', 'ready'])
  })

  it('gives up after its limit, says why, and starts afresh when a person asks', async () => {
    start('crashes')
    const gaveUp = await reaches('gave-up')
    expect(seen.filter(({ state }) => state === 'crashed')).toHaveLength(quick.restarts)
    expect(gaveUp.message).toContain('the driver fell over')
    expect(gaveUp.remedy).not.toBe('')
    expect(await supervisor.ask('sample:list', {})).toMatchObject({
      ok: false,
      refusal: { code: 'engine-down' },
    })
    await supervisor.restart()
    await reaches('gave-up', 2)
  })

  it('ends an engine that does not answer any more', async () => {
    start('mute')
    await reaches('ready')
    const hung = await reaches('crashed')
    expect(hung.message).toContain('did not answer')
  })

  it('keeps an engine that is busy for less than its patience', async () => {
    start('good', { missedPings: 1000 })
    const { processId } = await reaches('ready')
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(supervisor.status()).toMatchObject({ state: 'ready', processId })
  })

  it('ends an engine that talks nonsense', async () => {
    start('nonsense')
    await reaches('ready')
    expect(await supervisor.ask('sample:list', {})).toMatchObject({
      ok: false,
      refusal: { code: 'engine-crashed' },
    })
    expect((await reaches('crashed')).message).toContain('cannot be understood')
  })

  it('answers what waits for an engine that cannot be started at all', async () => {
    start('good', {}, join(import.meta.dirname, 'no-such-node'))
    expect(await supervisor.ask('sample:list', {})).toMatchObject({ ok: false })
    await reaches('gave-up')
  })

  it('shuts down within its bound, by force if it must, and leaves nothing unanswered', async () => {
    start('stubborn')
    const { processId } = await reaches('ready')
    const startedAt = Date.now()
    await supervisor.shutdown()
    expect(Date.now() - startedAt).toBeGreaterThanOrEqual(quick.shutdownMs - 20)
    expect(isAlive(processId)).toBe(false)
    expect(supervisor.status().state).toBe('stopped')

    start('silent')
    const asked = supervisor.ask('sample:list', {})
    await reaches('ready')
    await supervisor.shutdown()
    expect(await asked).toMatchObject({ ok: false, refusal: { code: 'engine-down' } })
  })
})
