import type { DatabaseSync } from 'node:sqlite'
import { z } from 'zod'
import { evaluationRow, type EvaluationRow } from '../../core/evaluation/events.ts'
import type { RunConfig } from '../../core/project/project.ts'
import { inTransaction, withDatabase } from './database.ts'

/** `basis` names what the figures rest on: the same pictures, prepared in the same way. Others do not compare. */
export type StoredEvaluation = { basis: string; row: EvaluationRow }

const storedRow = z.object({
  step: z.number(),
  split: z.string(),
  basis: z.string(),
  measurements: z.string(),
})

/** The newest scoring of each state and split, in the order of steps. */
export function readEvaluations(database: DatabaseSync, run: string): StoredEvaluation[] {
  const rows = database
    .prepare(
      'SELECT step, split, basis, measurements FROM evaluations WHERE run = ? ORDER BY step, split DESC',
    )
    .all(run)
  return rows.map((entry) => {
    const { step, split, basis, measurements } = storedRow.parse(entry)
    return { basis, row: evaluationRow.parse({ step, split, measurements: JSON.parse(measurements) }) }
  })
}

/**
 * A row for a run whose studio.db was lost and made again: without it nothing can be noted of the run. Changes nothing
 * where there is one.
 */
export function insertRunRow(database: DatabaseSync, { run, recipe, steps }: RunConfig): void {
  database
    .prepare(
      `INSERT OR IGNORE INTO runs (id, recipe, state, step, steps, created_at) VALUES (?, ?, 'stopped', 0, ?, ?)`,
    )
    .run(run, recipe, steps, new Date().toISOString())
}

/** Keeps the scores of one state, in the place of older ones on the same split. */
export function storeEvaluation(
  projectFolder: string,
  config: RunConfig,
  { basis, row }: StoredEvaluation,
): void {
  const { step, split, measurements } = row
  withDatabase(projectFolder, (database) =>
    inTransaction(database, () => {
      insertRunRow(database, config)
      database
        .prepare(
          'INSERT OR REPLACE INTO evaluations (run, step, split, basis, measurements) VALUES (?, ?, ?, ?, ?)',
        )
        .run(config.run, step, split, basis, JSON.stringify(measurements))
    }),
  )
}
