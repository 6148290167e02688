import { execFile } from 'node:child_process'
import { mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'

const run = promisify(execFile)
const launcher = resolve(import.meta.dirname, '../../bin/diptych')
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'diptych launcher-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const codeOf = (args: string[]) =>
  run(launcher, args, { cwd: folder }).then(
    () => 0,
    (error: { code?: number }) => error.code,
  )

test('runs from any folder and through a link, and keeps standard output clean', async () => {
  const link = join(folder, 'diptych')
  await symlink(launcher, link)
  const direct = await run(launcher, ['--version'], { cwd: folder })
  const linked = await run(link, ['--version'], { cwd: folder })
  expect(direct.stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
  expect(linked.stdout).toBe(direct.stdout)
})

test('passes exit codes through', async () => {
  expect(await codeOf(['--help'])).toBe(0)
  expect(await codeOf(['no-such-command'])).toBe(2)
})
