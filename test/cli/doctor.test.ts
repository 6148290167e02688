import { describe, expect, it } from 'vitest'
import { runCli } from '../support/cli.ts'

type Plan = { parts: { id: string; sources: { name: string }[] }[]; problems: unknown[] }

async function planFor(machine: string): Promise<Plan> {
  const { code, last } = await runCli(['doctor', '--plan', machine, '--json'])
  expect(code).toBe(0)
  return last as unknown as Plan
}

function sourcesOf(plan: Plan, id: string): string[] {
  return plan.parts
    .filter((part) => part.id === id)
    .flatMap((part) => part.sources.map((source) => source.name))
}

describe('doctor', () => {
  it('tells what really computes here', async () => {
    const { code, last } = await runCli(['doctor', '--json'])
    expect(code).toBe(0)
    expect(last).toMatchObject({ backend: 'tensorflow', node: process.versions.node })
    expect(last.tensorflow).toMatch(/^2\.\d+/)
    expect(Array.isArray(last.problems)).toBe(true)
  })

  it('plans the CPU wheel, the GPU wheel with CUDA, and the platform wheels, without doing anything', async () => {
    expect(sourcesOf(await planFor('linux-x64'), 'tensorflow')).toEqual(['tensorflow-cpu'])
    const cuda = sourcesOf(await planFor('linux-x64-cuda'), 'tensorflow')
    expect(cuda).toContain('tensorflow')
    expect(cuda.some((name) => name.startsWith('nvidia-cudnn'))).toBe(true)
    for (const machine of ['linux-arm64', 'darwin-arm64', 'win32-x64'])
      expect(sourcesOf(await planFor(machine), 'tensorflow'), machine).toHaveLength(1)
  })

  it('says where TensorFlow cannot be had', async () => {
    const plan = await planFor('darwin-x64')
    expect(sourcesOf(plan, 'tensorflow')).toEqual([])
    expect(JSON.stringify(plan.problems)).toContain('TensorFlow')
  })

  it('refuses a machine it does not know', async () => {
    const { code, stderr } = await runCli(['doctor', '--plan', 'linux-x46'])
    expect(code).toBe(2)
    expect(stderr).toContain('linux-x64')
  })
})
