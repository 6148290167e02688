import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { chooseProjectFolder, makeScratchFolder, sweepScratch } from '../../src/main/folders.ts'
import { openRecentProjects } from '../../src/main/recent.ts'
import { openSettings } from '../../src/main/settings.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'diptych-main-'))
})
afterEach(() => rm(folder, { recursive: true }))

describe('settings', () => {
  it('are what was saved last, also when saved many times at once', async () => {
    const settings = await openSettings(folder)
    expect(settings.get()).toEqual({ theme: 'system', panels: {} })
    await Promise.all([1, 2, 3].map((width) => settings.save({ theme: 'dark', panels: { list: width } })))
    expect((await openSettings(folder)).get()).toEqual({ theme: 'dark', panels: { list: 3 } })
    expect(await readdir(folder)).toEqual(['settings.json'])
  })

  it.each(['{ "theme": "dark"', '{ "theme": "pink", "panels": {} }', ''])(
    'that are damaged (%s) are kept aside',
    async (text) => {
      await writeFile(join(folder, 'settings.json'), text)
      expect((await openSettings(folder)).get()).toEqual({ theme: 'system', panels: {} })
      expect(await readFile(join(folder, 'settings.json.damaged'), 'utf8')).toBe(text)
    },
  )
})

describe('recent projects', () => {
  it('come newest first, once each, bounded, and say which are gone', async () => {
    const recent = await openRecentProjects(folder)
    await mkdir(join(folder, 'here'))
    await writeFile(join(folder, 'here', 'project.json'), '{}')
    for (let count = 0; count < 20; count += 1)
      await recent.remember({ folder: join(folder, `p${count}`), name: `p${count}`, cover: null })
    await recent.remember({ folder: join(folder, 'here'), name: 'Here', cover: null })
    await recent.remember({ folder: join(folder, 'p19'), name: 'p19', cover: null })
    const listed = await (await openRecentProjects(folder)).list()
    expect(listed).toHaveLength(12)
    expect(listed.slice(0, 2).map(({ name, missing }) => [name, missing])).toEqual([
      ['p19', true],
      ['Here', false],
    ])
    await recent.forget(join(folder, 'p19'))
    expect((await recent.list())[0]?.name).toBe('Here')
  })
})

describe('folders', () => {
  it('for projects are new and have names that every system takes', async () => {
    expect(await chooseProjectFolder(folder, 'Maps: north/south?')).toBe(join(folder, 'Maps north south'))
    await mkdir(join(folder, 'maps north south'))
    expect(await chooseProjectFolder(folder, 'Maps: north/south?')).toBe(join(folder, 'Maps north south 2'))
    expect(await chooseProjectFolder(folder, '../..')).toBe(join(folder, 'Project'))
  })

  it('for results are fresh, and swept when nobody kept them for long', async () => {
    const [old, fresh] = [await makeScratchFolder(folder), await makeScratchFolder(folder)]
    const longAgo = new Date(Date.now() - 20 * 24 * 3_600_000)
    await utimes(old, longAgo, longAgo)
    await sweepScratch(folder)
    expect(await readdir(join(folder, 'scratch'))).toEqual([fresh.split('/').at(-1)])
  })
})
