import { readdirSync } from 'node:fs'
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, onTestFinished, test } from 'vitest'
import { placeResults } from '../../../src/engine/inference/placement.ts'
import { writeFileAtomic } from '../../../src/engine/storage/atomic.ts'
import { openDatabase, readDatabase } from '../../../src/engine/storage/database.ts'
import { isProjectLocked, lockProject } from '../../../src/engine/storage/lock.ts'
import { databaseMigrations } from '../../../src/engine/storage/migrations.ts'
import { createProject, openProject } from '../../../src/engine/storage/project.ts'
import { readRunRows } from '../../../src/engine/storage/runRows.ts'
import { getRun, listRuns } from '../../../src/engine/storage/runs.ts'
import { follow, start } from '../training/support/running.ts'
import { createTinyProject, temporaryFolder } from '../training/support/tinyProject.ts'

const forbidden = { refusal: { code: 'write-forbidden' } }
const NOBODY = 65534

/** Whether a folder can be closed to us here: root must be able to become somebody who still reaches the tests' folder. */
function canBeShutOut(): boolean {
  if (process.platform === 'win32') return false
  if (process.getuid?.() !== 0) return true
  process.seteuid?.(NOBODY)
  try {
    readdirSync(tmpdir())
    return true
  } catch {
    return false
  } finally {
    process.seteuid?.(0)
  }
}

/** Nothing can be written into the folder until the test ends, also where the tests run as root. */
async function forbidWriting(folder: string): Promise<void> {
  await chmod(dirname(folder), 0o755)
  await chmod(folder, 0o555)
  if (process.getuid?.() === 0) process.seteuid?.(NOBODY)
  onTestFinished(async () => {
    if (process.getuid?.() === 0) process.seteuid?.(0)
    await chmod(folder, 0o755)
  })
}

test.skipIf(!canBeShutOut())('a project that cannot be written to is read', async () => {
  const project = await createTinyProject()
  await follow(start(project, { steps: 2 }))
  lockProject(project).release()
  await forbidWriting(project)
  expect(() => openDatabase(project)).toThrow('may not be written to')
  expect((await openProject(project)).cover?.path).toContain('fakeB')
  expect(await listRuns(project)).toMatchObject([{ run: 'run-001', state: 'done', step: 2 }])
  expect((await getRun(project, 'run-001')).metrics).toHaveLength(2)
  expect(isProjectLocked(project)).toBe(false)
  await expect(follow(start(project))).rejects.toMatchObject(forbidden)
})

test.skipIf(!canBeShutOut())('one of an older version is read too, and left as it is', async () => {
  const project = join(await temporaryFolder(), 'older')
  await mkdir(project)
  const path = join(project, 'studio.db')
  const older = new DatabaseSync(path)
  older.exec(databaseMigrations[0] ?? '')
  older.exec(
    `PRAGMA user_version = 1;
     INSERT INTO runs VALUES ('run-001', 'pix2pix', 'done', 9, 9, '2026', NULL, NULL);
     INSERT INTO checkpoints VALUES ('run-001', 9, 1, 100, 0.25);`,
  )
  older.close()
  const bytes = await readFile(path)
  await forbidWriting(project)
  const [row] = readDatabase(project, readRunRows).values()
  expect(row).toMatchObject({ id: 'run-001', step: 9, best_l1: 0.25, model_step: null })
  expect(await readFile(path)).toEqual(bytes)
})

test.skipIf(!canBeShutOut())('what would be written there is refused', async () => {
  const project = await createTinyProject()
  const picture = join(project, '..', 'picture.png')
  await writeFile(picture, '')
  await mkdir(join(project, 'results'))
  await forbidWriting(project)
  const deep = join(project, 'not', 'there', 'yet')
  await expect(writeFileAtomic(join(deep, 'file'), 'x')).rejects.toMatchObject(forbidden)
  const made = createProject(deep, { name: 'x', sample: null, dataset: null })
  await expect(made).rejects.toMatchObject(forbidden)
  // access(2) asks for the real user, who is still root there.
  if (process.getuid?.() !== 0)
    await expect(placeResults([picture], deep, { format: 'same' })).rejects.toMatchObject(forbidden)
})
