import type { DatabaseSync } from 'node:sqlite'
import type { Refusal } from '../../core/errors.ts'
import type { RunConfig, RunState } from '../../core/project/project.ts'
import { inTransaction, openDatabase } from '../storage/database.ts'
import type { Metric, StoredSample } from '../storage/runRows.ts'

const FLUSH_EVERY_MS = 1000

export type RecordedCheckpoint = { step: number; whole: boolean; bytes: number; validationL1: number | null }

function prepareAll(database: DatabaseSync) {
  return {
    insertRun: database.prepare(
      `INSERT OR IGNORE INTO runs (id, recipe, state, step, steps, created_at) VALUES (?, ?, 'new', 0, ?, ?)`,
    ),
    /** Whoever holds the lock is the only writer: all other unfinished runs have lost theirs. */
    stopOthers: database.prepare(
      `UPDATE runs SET state = 'stopped' WHERE id <> ? AND state IN ('new', 'running', 'paused')`,
    ),
    setState: database.prepare('UPDATE runs SET state = ?, refusal = ? WHERE id = ?'),
    setStep: database.prepare('UPDATE runs SET step = ? WHERE id = ?'),
    setModel: database.prepare('UPDATE runs SET model = ?, model_step = ? WHERE id = ?'),
    /** A pick binds as long as the state that was picked is part of the run. */
    unpick: database.prepare('UPDATE runs SET model_picked = 0 WHERE id = ? AND model_step > ?'),
    metric: database.prepare(
      'INSERT OR REPLACE INTO metrics (run, step, learning_rate, losses) VALUES (?, ?, ?, ?)',
    ),
    samples: database.prepare('INSERT OR REPLACE INTO samples (run, step, items) VALUES (?, ?, ?)'),
    finding: database.prepare('INSERT INTO findings (run, step, finding) VALUES (?, ?, ?)'),
    checkpoint: database.prepare(
      'INSERT INTO checkpoints (run, step, whole, bytes, validation_l1) VALUES (?, ?, ?, ?, ?)',
    ),
    cuts: ['metrics', 'samples', 'findings', 'evaluations'].map((table) =>
      database.prepare(`DELETE FROM ${table} WHERE run = ? AND step > ?`),
    ),
    forgetRun: database.prepare('DELETE FROM runs WHERE id = ?'),
    forgetCheckpoints: database.prepare('DELETE FROM checkpoints WHERE run = ?'),
  }
}

/**
 * What a run leaves in studio.db. Steps are gathered and written together: at most a second of curves is lost in a crash,
 * and what was lost comes again when the run resumes from its checkpoint.
 */
export class RunRecord {
  readonly #database: DatabaseSync
  readonly #sql: ReturnType<typeof prepareAll>
  readonly #run: string
  #waiting: Metric[] = []
  #flushedAt = performance.now()

  constructor(projectFolder: string, { run, recipe, steps }: RunConfig) {
    this.#run = run
    this.#database = openDatabase(projectFolder)
    this.#sql = prepareAll(this.#database)
    this.#change((sql) => {
      sql.insertRun.run(run, recipe, steps, new Date().toISOString())
      sql.stopOthers.run(run)
    })
  }

  #change(work: (sql: ReturnType<typeof prepareAll>) => void): void {
    inTransaction(this.#database, () => work(this.#sql))
  }

  addStep(metric: Metric): void {
    this.#waiting.push(metric)
    if (performance.now() - this.#flushedAt > FLUSH_EVERY_MS) this.flush()
  }

  flush(): void {
    const last = this.#waiting.at(-1)
    if (last)
      this.#change((sql) => {
        for (const { step, learningRate, losses } of this.#waiting)
          sql.metric.run(this.#run, step, learningRate, JSON.stringify(losses))
        sql.setStep.run(last.step, this.#run)
      })
    this.#waiting = []
    this.#flushedAt = performance.now()
  }

  addSamples(step: number, items: readonly StoredSample[]): void {
    this.flush()
    this.#change((sql) => sql.samples.run(this.#run, step, JSON.stringify(items)))
  }

  addFinding(step: number, finding: unknown): void {
    this.#change((sql) => sql.finding.run(this.#run, step, JSON.stringify(finding)))
  }

  /** What is on disk is the truth: the table repeats it. */
  setCheckpoints(all: readonly RecordedCheckpoint[]): void {
    this.#change((sql) => {
      sql.forgetCheckpoints.run(this.#run)
      for (const { step, whole, bytes, validationL1 } of all)
        sql.checkpoint.run(this.#run, step, whole ? 1 : 0, bytes, validationL1)
    })
  }

  /** Forgets everything after a step, because the run goes on from there. */
  rewindTo(step: number): void {
    this.#waiting = []
    this.#change((sql) => {
      for (const cut of sql.cuts) cut.run(this.#run, step)
      sql.unpick.run(this.#run, step)
      sql.setStep.run(step, this.#run)
    })
  }

  setState(state: RunState, refusal: Refusal | null = null): void {
    this.flush()
    this.#change((sql) => sql.setState.run(state, refusal && JSON.stringify(refusal), this.#run))
  }

  /** @param step whose state it is */
  setModel(path: string, step: number): void {
    this.#change((sql) => sql.setModel.run(path, step, this.#run))
  }

  /** As if the run had never begun. */
  forgetRun(): void {
    this.#waiting = []
    this.#change((sql) => sql.forgetRun.run(this.#run))
  }

  close(): void {
    this.#database.close()
  }
}
