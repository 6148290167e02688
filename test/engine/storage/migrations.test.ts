import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { withDatabase } from '../../../src/engine/storage/database.ts'
import { readEvaluations, storeEvaluation } from '../../../src/engine/storage/evaluations.ts'
import { databaseMigrations } from '../../../src/engine/storage/migrations.ts'
import { getRun } from '../../../src/engine/storage/runs.ts'
import { readRunConfig } from '../../../src/engine/storage/runs.ts'
import { RunRecord } from '../../../src/engine/training/record.ts'
import { follow, start } from '../training/support/running.ts'
import { createTinyProject, temporaryFolder } from '../training/support/tinyProject.ts'

const measurement = { metric: 'l1', value: 0.1, low: 0.08, high: 0.12, count: 3, note: null } as const
const scored = (step: number, split: 'val' | 'test' = 'val', value = 0.1) => ({
  basis: 'a',
  row: { step, split, measurements: [{ ...measurement, value }] },
})

test('a database of the first version keeps its runs, and learns what is new', async () => {
  const folder = await temporaryFolder()
  const old = new DatabaseSync(join(folder, 'studio.db'))
  old.exec(databaseMigrations[0] ?? '')
  old.exec('PRAGMA user_version = 1')
  old.exec(
    `INSERT INTO runs VALUES ('run-001', 'pix2pix', 'done', 9, 9, '2026', NULL, 'models/m.safetensors');
     INSERT INTO metrics VALUES ('run-001', 1, 0.1, '{"G_L1":1}')`,
  )
  old.close()
  withDatabase(folder, (database) => {
    expect(database.prepare('SELECT model, model_step, model_picked FROM runs').get()).toEqual({
      model: 'models/m.safetensors',
      model_step: null,
      model_picked: 0,
    })
    expect(database.prepare('SELECT COUNT(*) AS steps FROM metrics').get()).toEqual({ steps: 1 })
    expect(readEvaluations(database, 'run-001')).toEqual([])
  })
})

test('a run comes with the newest scores of its states, and forgets those after the step that it goes back to', async () => {
  const project = await createTinyProject()
  await follow(start(project, { steps: 14 }))
  const config = await readRunConfig(project, 'run-001')
  expect(await getRun(project, 'run-001')).toMatchObject({ evaluations: [], modelStep: expect.any(Number) })
  for (const evaluation of [scored(14), scored(7), scored(7, 'test'), scored(7, 'val', 0.3)])
    storeEvaluation(project, config, evaluation)
  const { evaluations } = await getRun(project, 'run-001')
  expect(evaluations).toEqual([scored(7, 'val', 0.3).row, scored(7, 'test').row, scored(14).row])
  const record = new RunRecord(project, config)
  record.rewindTo(7)
  record.close()
  expect((await getRun(project, 'run-001')).evaluations.map(({ step }) => step)).toEqual([7, 7])
})

test('scores can be kept of a run whose database was lost', async () => {
  const project = await createTinyProject()
  await follow(start(project, { steps: 2 }))
  withDatabase(project, (database) => database.exec('DELETE FROM runs'))
  storeEvaluation(project, await readRunConfig(project, 'run-001'), scored(2))
  expect((await getRun(project, 'run-001')).evaluations).toEqual([scored(2).row])
})
