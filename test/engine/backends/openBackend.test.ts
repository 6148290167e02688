import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { BackendRequest } from '../../../src/engine/backends/index.ts'

const script = new URL('../support/openBackend.ts', import.meta.url).pathname

const reportSchema = z.strictObject({
  info: z.strictObject({
    kind: z.enum(['tensorflow', 'cpu']),
    version: z.string().regex(/^\d+\.\d+\.\d+/),
    device: z.string().min(1),
    precision: z.enum(['float32', 'bfloat16']),
    precisionBecause: z.string().min(1),
    threads: z.number(),
    fellBackBecause: z.string().nullable(),
  }),
  product: z.literal(256),
  threadsRunning: z.number(),
})

/** Opens the backend in a fresh process. Its whole standard output must be the report: nothing else may write there. */
async function open(request: BackendRequest, ...nodeFlags: string[]) {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [
    ...nodeFlags,
    script,
    JSON.stringify(request),
  ])
  return { ...reportSchema.parse(JSON.parse(stdout)), stderr }
}

describe('openBackend', () => {
  it('opens TensorFlow and prints nothing of its own', async () => {
    const { info, stderr } = await open({ threads: 2 })
    expect(info).toMatchObject({ kind: 'tensorflow', threads: 2 })
    expect(info.fellBackBecause).toBeNull()
    expect(stderr).not.toMatch(/tfjs|Hi there|Deprecation/i)
  })

  it.runIf(process.platform === 'linux')('runs as many threads as asked for', async () => {
    const [one, five] = await Promise.all([open({ threads: 1 }), open({ threads: 5 })])
    expect(five.threadsRunning - one.threadsRunning).toBeGreaterThanOrEqual(4)
  })

  it('falls back visibly where native code cannot be loaded', async () => {
    const { info } = await open({}, '--no-addons')
    expect(info).toMatchObject({ kind: 'cpu', threads: 1 })
    expect(info.fellBackBecause).toMatch(/addon/)
  })

  it('computes without TensorFlow when asked to, which is no falling back', async () => {
    const { info } = await open({ prefer: 'cpu' })
    expect(info.kind).toBe('cpu')
    expect(info.fellBackBecause).toBeNull()
  })
})
