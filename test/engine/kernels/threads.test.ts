import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const run = promisify(execFile)
const script = fileURLToPath(new URL('../support/ownOps.ts', import.meta.url))

async function bitsOn(threads: number): Promise<string[]> {
  const { stdout } = await run(process.execPath, [script, String(threads)])
  return stdout.trim().split('\n')
}

it('our own kernels give the same bits on any number of threads', async () => {
  const [one, three] = await Promise.all([bitsOn(1), bitsOn(3)])
  expect(one).toHaveLength(8)
  expect(three).toEqual(one)
})
