import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { expect, test } from 'vitest'
import { withDatabase } from '../../../src/engine/storage/database.ts'
import { getRun } from '../../../src/engine/storage/runs.ts'
import { follow, start } from './support/running.ts'
import { createTinyProject } from './support/tinyProject.ts'

test('rows that reach out of the project are left out', async () => {
  const project = await createTinyProject()
  await follow(start(project, { steps: 2 }))
  const secret = join(project, '..', 'secret.png')
  await writeFile(secret, '')
  const [own] = (await getRun(project, 'run-001')).samples[0]?.items ?? []
  const items = [
    { name: 'out', visuals: { realA: 'runs/../../secret.png' } },
    { name: 'in', visuals: { realA: relative(project, own?.visuals.realA?.path ?? '') } },
  ]
  withDatabase(project, (database) => {
    database.prepare('UPDATE samples SET items = ?').run(JSON.stringify(items))
    database.prepare('UPDATE runs SET model = ?').run('../secret.png')
  })
  const { samples, model } = await getRun(project, 'run-001')
  expect(samples[0]?.items.map(({ name }) => name)).toEqual(['in'])
  expect(model).toBeNull()
})

test('what killed processes left half-written goes with the next run', async () => {
  const project = await createTinyProject()
  const name = '.diptych-00000000-0000-0000-0000-000000000000.tmp'
  for (const folder of ['models', 'runs', 'reports']) {
    await mkdir(join(project, folder), { recursive: true })
    await writeFile(join(project, folder, name), '')
    await utimes(join(project, folder, name), 0, 0)
  }
  await follow(start(project, { steps: 1 }))
  for (const folder of ['models', 'runs', 'reports'])
    expect(await readdir(join(project, folder))).not.toContain(name)
})
