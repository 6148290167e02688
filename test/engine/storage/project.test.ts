import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { engineViews } from '../../../src/core/contract/index.ts'
import { scanDataset } from '../../../src/engine/datasets/index.ts'
import { inTransaction, openDatabase } from '../../../src/engine/storage/database.ts'
import { lockProject, lockSettings } from '../../../src/engine/storage/lock.ts'
import {
  createProject,
  openProject,
  setDataset,
  setTraining,
  slugOf,
} from '../../../src/engine/storage/project.ts'
import { getRun, listRuns } from '../../../src/engine/storage/runs.ts'
import { temporaryFolder } from '../training/support/tinyProject.ts'

const empty = { name: 'Empty', sample: null, dataset: null }
const insertRun = 'INSERT INTO runs (id, recipe, state, step, steps, created_at)'
const refused = (code: string) => ({ refusal: { code } })

test('a project from a sample holds its pictures, its licence and a cover', async () => {
  const folder = join(await temporaryFolder(), 'earth')
  const opened = await createProject(folder, { name: 'Earth', sample: 'map-to-satellite', dataset: null })
  expect(engineViews.project.parse(opened)).toEqual(opened)
  expect(opened.project).toMatchObject({ name: 'Earth', sample: 'map-to-satellite' })
  expect(opened.cover?.path).toMatch(/\.png$/)
  expect(await readdir(folder)).toEqual(expect.arrayContaining(['A', 'B', 'LICENSE.txt', 'project.json']))
  const { counts } = await scanDataset(
    opened.project.dataset ?? { kind: 'side-by-side', options: {} },
    folder,
  )
  expect(Math.min(counts.train, counts.val, counts.test)).toBeGreaterThan(5)
  const unknown = createProject(`${folder}2`, { name: 'x', sample: '../secrets', dataset: null })
  await expect(unknown).rejects.toMatchObject(refused('sample-unknown'))
})

test('a folder that is in use is left alone; an empty one is used', async () => {
  const parent = await temporaryFolder()
  await writeFile(join(parent, 'letter.txt'), 'Dear')
  await expect(createProject(parent, empty)).rejects.toMatchObject(refused('folder-not-empty'))
  expect(await readdir(parent)).toEqual(['letter.txt'])
  const file = createProject(join(parent, 'letter.txt'), empty)
  await expect(file).rejects.toMatchObject(refused('not-a-folder'))
  await mkdir(join(parent, 'new'))
  const { ino } = await stat(join(parent, 'new'))
  const { project } = await createProject(join(parent, 'new'), empty)
  expect(project).toMatchObject({ name: 'Empty', dataset: null })
  // A shell may stand in it.
  expect((await stat(join(parent, 'new'))).ino).toBe(ino)
  await mkdir(join(parent, 'fails'))
  const failing = createProject(join(parent, 'fails'), { ...empty, sample: 'none' })
  await expect(failing).rejects.toMatchObject(refused('sample-unknown'))
  expect(await readdir(join(parent, 'fails'))).toEqual([])
})

const sideBySide = (folder: string) => ({
  kind: 'side-by-side' as const,
  folders: { folder },
  options: {},
})

test('other pictures keep how they are dealt, and take a recipe that can learn from them', async () => {
  const folder = join(await temporaryFolder(), 'p')
  await createProject(folder, empty)
  const folders = { a: join(folder, 'A'), b: join(folder, 'B') }
  const options = { splitSeed: 7, scoreByName: true }
  const unpaired = await setDataset(folder, { kind: 'unpaired-folders', folders, options })
  expect(unpaired.project.training.recipe).toBe('cyclegan')
  const { project } = await setDataset(folder, { kind: 'paired-folders', folders, options: {} })
  expect(project.training.recipe).toBe('pix2pix')
  expect(project.dataset?.options).toMatchObject({ a: 'A', splitSeed: 7 })
  expect(project.dataset?.options).not.toHaveProperty('scoreByName')
})

test('a folder among the other options is refused: the window could name what it was not given', async () => {
  const folder = join(await temporaryFolder(), 'p')
  await createProject(folder, empty)
  const hidden = setDataset(folder, { kind: 'side-by-side', folders: {}, options: { folder: '/etc' } })
  await expect(hidden).rejects.toMatchObject(refused('option-invalid'))
})

test('folders inside the project are stored relative to it, others as they are', async () => {
  const parent = await temporaryFolder()
  const folder = join(parent, 'project')
  await createProject(folder, empty)
  const inside = await setDataset(folder, {
    kind: 'paired-folders',
    folders: { a: join(folder, 'pairs', 'A'), b: join(parent, 'B') },
    options: {},
  })
  expect(inside.project.dataset).toMatchObject({
    kind: 'paired-folders',
    options: { a: 'pairs/A', b: join(parent, 'B') },
  })
  const single = await setDataset(folder, sideBySide(join(folder, 'both')))
  expect(single.project.dataset).toMatchObject({
    kind: 'side-by-side',
    options: { folder: 'both', splitSeed: 1 },
  })
})

test('training settings are parsed before they are kept', async () => {
  const folder = join(await temporaryFolder(), 'p')
  await createProject(folder, empty)
  const wrong = setTraining(folder, { recipe: 'pix2pix', options: { lambdaL2: 1 } })
  await expect(wrong).rejects.toMatchObject(refused('option-unknown'))
  const { project } = await setTraining(folder, { recipe: 'pix2pix', options: { steps: 5 } })
  expect(project.training.options).toEqual({ steps: 5 })
})

test('changes of settings do not undo each other, also while a run trains', async () => {
  const folder = join(await temporaryFolder(), 'p')
  await createProject(folder, empty)
  const training = lockProject(folder)
  await Promise.all([
    setTraining(folder, { recipe: 'pix2pix', options: { steps: 5 } }),
    setDataset(folder, sideBySide(join(folder, 'both'))),
  ])
  training.release()
  const { project } = await openProject(folder)
  expect(project).toMatchObject({ training: { options: { steps: 5 } }, dataset: { kind: 'side-by-side' } })
  const other = lockSettings(folder)
  const refusedNow = setDataset(folder, sideBySide('x'))
  await expect(refusedNow).rejects.toMatchObject(refused('project-busy'))
  other.release()
})

test('what is no project, is damaged or comes from the future is told apart', async () => {
  const folder = join(await temporaryFolder(), 'p')
  await expect(openProject(folder)).rejects.toMatchObject(refused('not-a-project'))
  await createProject(folder, empty)
  const path = join(folder, 'project.json')
  const json = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>
  await writeFile(path, JSON.stringify({ ...json, schema: 9 }))
  await expect(openProject(folder)).rejects.toMatchObject(refused('project-newer'))
  await writeFile(path, JSON.stringify({ ...json, name: 5 }))
  await expect(openProject(folder)).rejects.toMatchObject(refused('project-damaged'))
  await writeFile(path, '{"schema":')
  await expect(openProject(folder)).rejects.toMatchObject(refused('project-damaged'))
})

test('a database that is damaged or newer is refused, one that is gone is made again', async () => {
  const folder = await temporaryFolder()
  openDatabase(folder).close()
  const newer = openDatabase(folder)
  newer.exec('PRAGMA user_version = 99')
  newer.close()
  expect(() => openDatabase(folder)).toThrow('newer version')
  await writeFile(join(folder, 'studio.db'), 'this is not a database, it is a text'.repeat(100))
  expect(() => openDatabase(folder)).toThrow('is damaged')
})

test('readers see what is committed while a writer is at work', async () => {
  const folder = await temporaryFolder()
  const writer = openDatabase(folder)
  writer.exec(`${insertRun} VALUES ('run-001', 'pix2pix', 'running', 0, 9, '2026')`)
  writer.exec('BEGIN IMMEDIATE')
  writer.exec(`UPDATE runs SET step = 5`)
  const reader = openDatabase(folder)
  expect(reader.prepare('SELECT step FROM runs').get()).toEqual({ step: 0 })
  writer.exec('COMMIT')
  expect(reader.prepare('SELECT step FROM runs').get()).toEqual({ step: 5 })
  reader.close()
  writer.close()
})

test('a project without runs has none, and says which there are', async () => {
  const folder = join(await temporaryFolder(), 'p')
  await createProject(folder, empty)
  expect(await listRuns(folder)).toEqual([])
  await expect(getRun(folder, 'run-001')).rejects.toMatchObject(refused('run-unknown'))
  await expect(getRun(folder, '../../etc')).rejects.toMatchObject(refused('run-unknown'))
})

test('a damaged run is left out, and refused only where it is named', async () => {
  const folder = join(await temporaryFolder(), 'p')
  await createProject(folder, empty)
  await mkdir(join(folder, 'runs', 'run-001'), { recursive: true })
  await writeFile(join(folder, 'runs', 'run-001', 'config.json'), '{"schema":')
  expect(await listRuns(folder)).toEqual([])
  expect((await openProject(folder)).project.name).toBe('Empty')
  await expect(getRun(folder, 'run-001')).rejects.toMatchObject(refused('run-damaged'))
})

test('a full disk is told as one, and the database stays as it was', async () => {
  const database = openDatabase(await temporaryFolder())
  database.exec('PRAGMA max_page_count = 20')
  const fill = () =>
    inTransaction(database, () =>
      database
        .prepare(`${insertRun} VALUES ('run-001', ?, 'running', 0, 9, '2026')`)
        .run('x'.repeat(200_000)),
    )
  expect(fill).toThrow('the disk is full')
  expect(database.prepare('SELECT COUNT(*) AS runs FROM runs').get()).toEqual({ runs: 0 })
  database.close()
})

test('a name becomes a file name in any language', () => {
  expect(slugOf('Map to Satellite!')).toBe('map-to-satellite')
  expect(slugOf('写真 é/..')).toBe('写真-é')
  expect(slugOf('***')).toBe('model')
})
