import { fork, type ChildProcess } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it, onTestFinished } from 'vitest'
import { engineContract, fromEngine, type EngineRequestName } from '../../../src/core/contract/index.ts'
import { handlers } from '../../../src/engine/server/handlers/index.ts'

const server = join(import.meta.dirname, '../../../src/engine/server/index.ts')
let child: ChildProcess
const started: ChildProcess[] = []

function start(role: 'compute' | 'library'): Promise<void> {
  child = fork(server, ['--role', role], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  started.push(child)
  return new Promise((resolve) =>
    child.once('message', (raw) => fromEngine.parse(raw).kind === 'ready' && resolve()),
  )
}

let count = 0
function ask(
  name: string,
  request: unknown,
): Promise<{ ok: boolean; refusal?: { code: string }; reply?: unknown }> {
  count += 1
  const id = count
  child.send({ kind: 'request', id, name, request })
  return new Promise((resolve) =>
    child.on('message', (raw) => {
      const message = fromEngine.parse(raw)
      if (message.kind === 'answer' && message.id === id) resolve(message.answer as never)
    }),
  )
}

const exit = () => new Promise<number | null>((resolve) => child.once('exit', resolve))

afterEach(() => started.splice(0).forEach((process) => process.kill('SIGKILL')))

describe('the engine server', () => {
  it('has a handler for every request of the contract, and no other', () => {
    expect(Object.keys(handlers).sort()).toEqual(Object.keys(engineContract).sort())
  })

  it('answers with what the contract says, each role its own requests, without TensorFlow in the library', async () => {
    await start('library')
    for (const name of ['sample:list', 'photo:list'] as const satisfies EngineRequestName[]) {
      const answer = await ask(name, {})
      expect(engineContract[name].reply.parse(answer.reply)).not.toEqual([])
    }
    const models = await ask('model:list', { project: null })
    expect(engineContract['model:list'].reply.parse(models.reply)).not.toEqual([])
    expect(await ask('engine:hello', {})).toMatchObject({ ok: false, refusal: { code: 'request-malformed' } })
    if (process.platform === 'linux')
      expect(readFileSync(`/proc/${child.pid}/maps`, 'utf8')).not.toMatch(/tensorflow/)
  })

  it('lists the models it can read, whatever else lies beside them', async () => {
    const project = mkdtempSync(join(tmpdir(), 'diptych-test-'))
    onTestFinished(() => rmSync(project, { recursive: true }))
    mkdirSync(join(project, 'models', 'folder.safetensors'), { recursive: true })
    writeFileSync(join(project, 'models', 'half.safetensors'), Buffer.from([200, 0, 0, 0, 0, 0, 0, 0, 123]))
    writeFileSync(join(project, 'models', 'empty.safetensors'), '')
    await start('library')
    const alone = await ask('model:list', { project: null })
    expect(await ask('model:list', { project: { path: project } })).toMatchObject({
      ok: true,
      reply: alone.reply,
    })
  })

  it('refuses what it does not understand, and goes on', async () => {
    await start('library')
    expect(await ask('shell:run', {})).toMatchObject({ ok: false, refusal: { code: 'request-malformed' } })
    expect(await ask('__proto__', {})).toMatchObject({ ok: false, refusal: { code: 'request-malformed' } })
    expect(await ask('sample:list', { more: 1 })).toMatchObject({
      ok: false,
      refusal: { code: 'request-malformed' },
    })
    expect(await ask('project:open', { folder: { path: '/nowhere' } })).toMatchObject({
      ok: false,
      refusal: { code: 'not-a-project' },
    })
    expect(await ask('sample:list', {})).toMatchObject({ ok: true })
  })

  it.each(['shutdown', 'SIGTERM', 'disconnect'])('leaves on %s, with a clean exit', async (how) => {
    await start('compute')
    const gone = exit()
    if (how === 'shutdown') child.send({ kind: 'shutdown' })
    else if (how === 'disconnect') child.disconnect()
    else child.kill('SIGTERM')
    expect(await gone).toBe(0)
  })
})
