import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  cacheFolder,
  ensurePart,
  isWhole,
  partFolder,
  sweepLeftovers,
  verifyPart,
} from '../../scripts/setup/cache.mjs'
import { withLock } from '../../scripts/setup/lock.mjs'

const part = 'tool-1-linux-x64-0a1b2c3d'
let cache: string

beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), 'diptych-cache-'))
})
afterEach(() => rm(cache, { recursive: true, force: true }))

const writeTool = (work: string) => writeFile(join(work, 'tool'), 'whole')
const make = (work: (folder: string) => Promise<void>) =>
  ensurePart({ cache, part, note: () => {}, make: work })

test('a part is made once and used again', async () => {
  expect((await make(writeTool)).reused).toBe(false)
  const again = await make(() => Promise.reject(new Error('made twice')))
  expect(again).toEqual({ folder: partFolder(cache, part), reused: true })
})

test('work that fails half way leaves no part behind, and the next try makes it', async () => {
  const half = make(async (work) => {
    await writeTool(work)
    throw new Error('the network went away')
  })
  await expect(half).rejects.toThrow('the network went away')
  expect(existsSync(partFolder(cache, part))).toBe(false)
  expect(await readdir(join(cache, 'work'))).toEqual([])
  await make(writeTool)
  expect(isWhole(cache, part)).toBe(true)
})

test('a part with a shortened or missing file is made again', async () => {
  await make(writeTool)
  await writeFile(join(partFolder(cache, part), 'tool'), 'who')
  expect(isWhole(cache, part)).toBe(false)
  await make(writeTool)
  expect(await readFile(join(partFolder(cache, part), 'tool'), 'utf8')).toBe('whole')
})

test('a file changed at the same length is named when every byte is read', async () => {
  await make(writeTool)
  expect(await verifyPart(cache, part)).toEqual([])
  await writeFile(join(partFolder(cache, part), 'tool'), 'WHOLE')
  expect(await verifyPart(cache, part)).toEqual(['tool'])
})

test('two at once: one makes, the other waits and uses it', async () => {
  let made = 0
  const slowly = async (work: string) => {
    made += 1
    await wait(300)
    await writeTool(work)
  }
  const results = await Promise.all([make(slowly), make(slowly)])
  expect(made).toBe(1)
  expect(results.map((result) => result.reused).sort()).toEqual([false, true])
})

test('the lock of a dead holder is taken over, that of a beating one is not', async () => {
  const lock = join(cache, 'locks', 'x.lock')
  await mkdir(join(cache, 'locks'))
  // A process id that cannot exist, last seen a minute ago.
  await writeFile(lock, '4194999 dead')
  const before = new Date(Date.now() - 60_000)
  await utimes(lock, before, before)
  const order: string[] = []
  const first = withLock(
    lock,
    () => order.push('waited'),
    async () => {
      await wait(400)
      order.push('first')
    },
  )
  await wait(100)
  await withLock(
    lock,
    () => order.push('second waits'),
    async () => void order.push('second'),
  )
  await first
  expect(order).toEqual(['second waits', 'first', 'second'])
  expect(existsSync(lock)).toBe(false)
})

test('leftovers of dead runs go, those of living ones stay', async () => {
  const dead = join(cache, 'work', `${part}.4194999.abcd`)
  const living = join(cache, 'work', `${part}.${process.pid}.abcd`)
  const before = new Date(Date.now() - 120_000)
  for (const folder of [dead, living]) {
    await mkdir(folder, { recursive: true })
    await utimes(folder, before, before)
  }
  await sweepLeftovers(cache)
  expect(existsSync(dead)).toBe(false)
  expect((await stat(living)).isDirectory()).toBe(true)
})

test('DIPTYCH_CACHE comes first, then the system’s own place', () => {
  expect(cacheFolder({ DIPTYCH_CACHE: '/big/disk' })).toBe('/big/disk')
  if (process.platform === 'linux') expect(cacheFolder({ XDG_CACHE_HOME: '/x' })).toBe('/x/diptych')
})
