import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Protocol } from 'electron'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Answer } from '../../src/core/contract/index.ts'
import { derivationSchema } from '../../src/core/datasets/derivedPairs.ts'
import { createGrants } from '../../src/main/grants.ts'
import { fileBelow, serveScheme } from '../../src/main/protocol.ts'

let folder: string
let serve: (request: Request) => Promise<Response>
const asked: unknown[] = []
const grants = createGrants()

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'diptych-protocol-'))
  await mkdir(join(folder, 'renderer', 'assets'), { recursive: true })
  await writeFile(join(folder, 'renderer', 'index.html'), '<!doctype html>')
  await writeFile(join(folder, 'renderer', 'assets', 'a.js'), '1')
  await writeFile(join(folder, 'renderer', 'notes.txt'), 'x')
  await writeFile(join(folder, 'secret.js'), 'secret')
  await writeFile(join(folder, 'preview.png'), 'picture')
  const ask = async (_name: string, request: unknown): Promise<Answer> => {
    asked.push(request)
    return { ok: true, reply: { file: { path: join(folder, 'preview.png') }, widthPx: 1, heightPx: 1 } }
  }
  const target = { handle: (_scheme: string, handler: typeof serve) => (serve = handler) }
  serveScheme(target as unknown as Protocol, {
    rendererFolder: join(folder, 'renderer'),
    grants,
    library: { ask },
  })
})
afterAll(() => rm(folder, { recursive: true }))

/** A request as Electron hands it over; the class of the platform would not take our scheme everywhere. */
const get = (url: string, method = 'GET') => serve({ url, method } as Request)

describe('studio://', () => {
  it('serves the window with its type and its policy', async () => {
    const page = await get('studio://app/index.html')
    expect(page.status).toBe(200)
    expect(page.headers.get('content-type')).toContain('text/html')
    const policy = page.headers.get('content-security-policy') ?? ''
    expect(policy).toContain("default-src 'none'")
    expect(policy).not.toContain('unsafe')
    expect((await get('studio://app/assets/a.js')).headers.get('content-type')).toContain('text/javascript')
    expect((await get('studio://app/')).status).toBe(200)
  })

  it.each([
    'studio://app/%2e%2e/secret.js',
    'studio://app/..%2fsecret.js',
    'studio://app/assets/..%2f..%2fsecret.js',
    'studio://app/%00',
    'studio://app/%zz',
    'studio://app/notes.txt',
    'studio://app/missing.js',
    'studio://elsewhere/index.html',
  ])('serves nothing for %s', async (url) => {
    expect((await get(url)).status).toBe(404)
  })

  it('names no file outside its folder', () => {
    for (const path of ['/../secret.js', '/a/../../secret.js', '/..', '//..//secret.js'])
      expect(fileBelow(join(folder, 'renderer'), path)).toBe(null)
  })

  it('takes questions only', async () => {
    expect((await get('studio://app/index.html', 'POST')).status).toBe(405)
  })

  it('serves pictures by their handles, and asks for them within bounds', async () => {
    const { id } = grants.grant('/photos/cat.tif')
    const picture = await get(`studio://picture/${id}?side=256&region=right`)
    expect([picture.status, picture.headers.get('content-type'), await picture.text()]).toEqual([
      200,
      'image/png',
      'picture',
    ])
    const file = { path: '/photos/cat.tif' }
    expect(asked).toEqual([{ file, maxSidePx: 256, region: 'right', derivation: null }])
    const grey = derivationSchema.parse({ grey: true })
    const spoiled = `${id}?side=64&derivation=${encodeURIComponent(JSON.stringify(grey))}`
    expect((await get(`studio://picture/${spoiled}`)).status).toBe(200)
    expect(asked[1]).toEqual({ file, maxSidePx: 64, region: 'whole', derivation: grey })
    for (const address of [
      `${id}`,
      `${id}?side=15`,
      `${id}?side=16385`,
      `${id}?side=1.5`,
      `${id}?side=64&region=top`,
      `${id}?side=64&more=1`,
      `${id}?side=64&derivation=grey`,
      `${id}?side=64&derivation=%7B%22grey%22%3A1%7D`,
      'forged?side=64',
    ])
      expect((await get(`studio://picture/${address}`)).status).toBe(404)
    expect(asked).toHaveLength(2)
  })
})
