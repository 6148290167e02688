import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { runCli } from '../support/cli.ts'
import { makePairs, makeRoom, TINY_FLAGS } from '../support/tinyProject.ts'

const room = makeRoom()
afterAll(() => rmSync(room, { recursive: true, force: true }))

const flags = [...TINY_FLAGS, '--steps', '16', '--vary', 'learning-rate=2e-3,1e-7,1e-3']

async function makeProject(name: string): Promise<string> {
  const { a, b } = await makePairs(join(room, name))
  const project = join(room, name, 'project')
  await runCli(['new', project, '--a', a, '--b', b])
  return project
}

describe('diptych sweep', () => {
  it('killed with SIGKILL and resumed ends with the same table', async () => {
    const [whole, broken] = [await makeProject('whole'), await makeProject('broken')]
    const expected = await runCli(['sweep', whole, ...flags, '--json'])
    expect(expected.code).toBe(0)
    expect(expected.last.type).toBe('sweep-done')
    const table = expected.last.table as {
      rank: number
      state: string
      settings: unknown
      outStep: unknown
    }[]
    expect(table.map(({ state }) => state)).toEqual(['won', 'out', 'out'])
    expect(table[2]).toMatchObject({ rank: 3, settings: { learningRate: 1e-7 }, outStep: 8 })

    // As its first run is being made, in the middle of the second, and in the last rung.
    for (const [from, line] of [
      [['sweep', broken, ...flags], '"sweep"'],
      [['sweep', broken, '--resume'], '"step":2'],
      [['sweep', broken, '--resume'], '"step":13'],
    ] as const) {
      let told = false
      const killed = await runCli([...from, '--json'], (text, kill) => {
        if (!told && text.includes(line)) kill('SIGKILL')
        told ||= text.includes(line)
      })
      expect(killed.code).toBeNull()
    }
    const resumed = await runCli(['sweep', broken, '--resume', '--json'])
    expect(resumed.code).toBe(0)
    expect(resumed.last.table).toEqual(expected.last.table)
  }, 180_000)

  it('ends with a table in words, and says what it would cost', async () => {
    const project = await makeProject('words')
    const planned = await runCli(['sweep', project, ...flags, '--plan'])
    expect(planned.stdout).toContain('3 runs: 3 to step 8, 2 to step 16; 40 steps in all.')
    expect(planned.stdout).toMatch(/This takes about .* here.*; .* memory; up to .* on disk\./)

    const done = await runCli(['sweep', project, ...flags])
    expect(done.code).toBe(0)
    const lines = done.stdout.trimEnd().split('\n')
    const last = lines.slice(-7)
    expect(last[0]).toMatch(/settings +run +steps +L1 \(lower is better\)/)
    expect(last[1]).toMatch(/^1 +learningRate 0\.00\d +run-00\d +16 +0\.\d{4} +the best$/)
    expect(last[2]).toMatch(/^2 +.* +16 +0\.\d{4} +beaten at the end$/)
    expect(last[3]).toMatch(/^3 +learningRate 1e-7 +run-002 +8 +0\.\d{4} +out at step 8$/)
    expect(last[5]).toMatch(/^The best: learningRate/)
    expect(last[6]).toContain('--learning-rate')
    expect(lines[0]).toContain('sweep-001: 3 runs')
  }, 120_000)

  it('refuses with exit code 2 what was typed wrongly', async () => {
    const project = await makeProject('wrong')
    const refused = async (...typed: string[]) => {
      const { code, last } = await runCli(['sweep', project, ...typed, '--json'])
      expect(code).toBe(2)
      return last.message
    }
    expect(await refused()).toBe('Nothing is varied.')
    expect(await refused('--vary', 'ngf=16..32')).toContain('given as a range')
    expect(await refused('--vary', 'ngf=1,2', '--eta', '4')).toBe('--eta cannot take "4".')
    expect(await refused('--resume', '--vary', 'ngf=1,2')).toContain('cannot change a sweep')
    expect(await refused('--resume', 'sweep-009')).toContain('There is no sweep named sweep-009')
  }, 60_000)
})
