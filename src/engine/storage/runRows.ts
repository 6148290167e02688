import type { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'
import { z } from 'zod'
import type { FileOnDisk } from '../../core/files.ts'
import { isWithin } from './within.ts'

/** Rows of studio.db, parsed: a database on disk is as foreign as any other file. Paths in it are relative to the project. */
const losses = z.record(z.string(), z.number())
const metricRow = z.object({ step: z.number(), learning_rate: z.number(), losses: z.string() })
const sampleItems = z.array(z.strictObject({ name: z.string(), visuals: z.record(z.string(), z.string()) }))
const sampleRow = z.object({ step: z.number(), items: z.string() })
const checkpointRow = z.object({
  step: z.number(),
  whole: z.number(),
  bytes: z.number(),
  validation_l1: z.number().nullable(),
})
const runRow = z.object({
  id: z.string(),
  state: z.enum(['new', 'running', 'paused', 'stopped', 'failed', 'done']),
  step: z.number(),
  created_at: z.string(),
  model: z.string().nullable(),
  model_step: z.number().nullable(),
  model_picked: z.number(),
  best_l1: z.number().nullable(),
})

export type StoredSample = { name: string; visuals: Record<string, string> }
export type Metric = { step: number; losses: Record<string, number>; learningRate: number }

export function readRunRows(database: DatabaseSync): Map<string, z.infer<typeof runRow>> {
  const rows = database
    .prepare(
      `SELECT id, state, step, created_at, model, model_step, model_picked,
              (SELECT MIN(validation_l1) FROM checkpoints WHERE run = runs.id) AS best_l1
       FROM runs`,
    )
    .all()
  return new Map(rows.map((row) => runRow.parse(row)).map((row) => [row.id, row]))
}

/** The curves of a run, thinned evenly to about `most` points; first and last always among them. */
export function readMetrics(database: DatabaseSync, run: string, most: number): Metric[] {
  const rows = database
    .prepare(
      `SELECT step, learning_rate, losses FROM
         (SELECT *, ROW_NUMBER() OVER (ORDER BY step) - 1 AS place, COUNT(*) OVER () AS count
          FROM metrics WHERE run = :run)
       WHERE place % ((count + :most - 1) / :most) = 0 OR place = count - 1
       ORDER BY step`,
    )
    .all({ run, most })
  return rows.map((entry) => {
    const row = metricRow.parse(entry)
    return { step: row.step, learningRate: row.learning_rate, losses: losses.parse(JSON.parse(row.losses)) }
  })
}

type Samples = { step: number; items: { name: string; visuals: Record<string, FileOnDisk> }[] }

export function readSamples(database: DatabaseSync, projectFolder: string, run: string): Samples[] {
  const rows = database.prepare('SELECT step, items FROM samples WHERE run = ? ORDER BY step').all(run)
  return rows.map((entry) => {
    const { step, items } = sampleRow.parse(entry)
    // A project may come from anybody: its rows must not reach for files outside it.
    const own = sampleItems
      .parse(JSON.parse(items))
      .filter(({ visuals }) =>
        Object.values(visuals).every((path) => isWithin(projectFolder, join(projectFolder, path))),
      )
    return { step, items: placeItems(projectFolder, own) }
  })
}

/** Gallery rows with their pictures' places on this machine. */
export function placeItems(projectFolder: string, items: readonly StoredSample[]): Samples['items'] {
  return items.map(({ name, visuals }) => ({
    name,
    visuals: Object.fromEntries(
      Object.entries(visuals).map(([id, path]) => [id, { path: join(projectFolder, path) }]),
    ),
  }))
}

export function readCheckpointRows(database: DatabaseSync, run: string) {
  const rows = database
    .prepare('SELECT step, whole, bytes, validation_l1 FROM checkpoints WHERE run = ? ORDER BY step')
    .all(run)
  return rows.map((entry) => {
    const row = checkpointRow.parse(entry)
    return { step: row.step, whole: row.whole !== 0, bytes: row.bytes, validationL1: row.validation_l1 }
  })
}
