import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import {
  placeFolder,
  refusalForWriting,
  removeStaleTemporaries,
  writeFileAtomic,
} from '../../../src/engine/storage/atomic.ts'
import { temporaryFolder } from '../training/support/tinyProject.ts'

test('a folder is replaced whole, or left as it was', async () => {
  const parent = await temporaryFolder()
  const folder = join(parent, 'it')
  await placeFolder(folder, (temporary) => writeFile(join(temporary, 'old'), '1'))
  const failing = placeFolder(folder, async (temporary) => {
    await writeFile(join(temporary, 'new'), '2')
    throw new Error('the disk went away')
  })
  await expect(failing).rejects.toThrow('the disk went away')
  expect(await readdir(parent)).toEqual(['it'])
  expect(await readdir(folder)).toEqual(['old'])
  await placeFolder(folder, (temporary) => writeFile(join(temporary, 'new'), '2'))
  expect(await readdir(folder)).toEqual(['new'])
})

test('a file under a file is refused with a remedy, and nothing is left behind', async () => {
  const folder = await temporaryFolder()
  await writeFileAtomic(join(folder, 'deep', 'file'), 'x')
  await expect(writeFileAtomic(join(folder, 'deep', 'file', 'below'), 'y')).rejects.toMatchObject({
    refusal: { code: 'not-a-folder' },
  })
  expect(await readFile(join(folder, 'deep', 'file'), 'utf8')).toBe('x')
  expect(refusalForWriting('x', Object.assign(new Error(), { code: 'ENOSPC' }))).toMatchObject({
    refusal: { code: 'disk-full' },
  })
})

test('only our own leftovers are removed', async () => {
  const folder = await temporaryFolder()
  await mkdir(join(folder, '.diptych-00000000-0000-0000-0000-000000000000.tmp'))
  await writeFile(join(folder, '.diptych-notes.tmp'), 'mine')
  await removeStaleTemporaries(folder)
  expect(await readdir(folder)).toEqual(['.diptych-notes.tmp'])
  const young = '.diptych-00000000-0000-0000-0000-000000000001.tmp'
  await writeFile(join(folder, young), '')
  await removeStaleTemporaries(folder, 60_000)
  expect(await readdir(folder)).toContain(young)
})
