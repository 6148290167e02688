import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ask, isRunning, replyTo, startStudio, until, type StartedStudio } from './studio.ts'
import { childrenOf } from './processes.ts'

let studio: StartedStudio

describe('main and its engine', () => {
  beforeEach(async () => {
    studio = await startStudio()
  })
  afterEach(async () => {
    await studio.close().catch(() => undefined)
  })

  it('starts the engine, owns both its processes, and takes them along when it ends', async () => {
    const hello = (await replyTo(studio.page, 'engine:hello', {})) as { processId: number }
    const engines = childrenOf(studio.mainProcessId).filter(({ command }) =>
      command.includes('engine/server'),
    )
    expect(engines.map(({ id }) => id)).toContain(hello.processId)
    expect(engines.map(({ command }) => /--role (\w+)/.exec(command)?.[1]).sort()).toEqual([
      'compute',
      'library',
    ])
    await studio.close()
    await until('no engine is left', () => !engines.some(({ id }) => isRunning(id)))
  })

  it('leaves no orphan when main is killed', async () => {
    await replyTo(studio.page, 'engine:hello', {})
    const engines = childrenOf(studio.mainProcessId).filter(({ command }) =>
      command.includes('engine/server'),
    )
    expect(engines).toHaveLength(2)
    process.kill(studio.mainProcessId, 'SIGKILL')
    await until('no engine is left', () => !engines.some(({ id }) => isRunning(id)))
  })

  it('tells of a crash of the engine, and starts it again', async () => {
    const { processId } = (await replyTo(studio.page, 'engine:hello', {})) as { processId: number }
    process.kill(processId, 'SIGKILL')
    const status = async () =>
      (await replyTo(studio.page, 'engine:status', {})) as { state: string; restarts: number }
    await until('the engine is ready again', async () => {
      const { state, restarts } = await status()
      return state === 'ready' && restarts === 1
    })
    const again = (await replyTo(studio.page, 'engine:hello', {})) as { processId: number }
    expect(again.processId).not.toBe(processId)
    expect(await ask(studio.page, 'engine:status', {})).toMatchObject({ ok: true })
  })
})
