/** The schema of studio.db. Append only: entry n brings a file from version n to version n + 1. */
export const databaseMigrations: readonly string[] = [
  `CREATE TABLE runs (
     id TEXT PRIMARY KEY,
     recipe TEXT NOT NULL,
     state TEXT NOT NULL,
     step INTEGER NOT NULL,
     steps INTEGER NOT NULL,
     created_at TEXT NOT NULL,
     refusal TEXT,
     model TEXT
   ) STRICT;
   CREATE TABLE metrics (
     run TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
     step INTEGER NOT NULL,
     learning_rate REAL NOT NULL,
     losses TEXT NOT NULL,
     PRIMARY KEY (run, step)
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE samples (
     run TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
     step INTEGER NOT NULL,
     items TEXT NOT NULL,
     PRIMARY KEY (run, step)
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE checkpoints (
     run TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
     step INTEGER NOT NULL,
     whole INTEGER NOT NULL,
     bytes INTEGER NOT NULL,
     validation_l1 REAL,
     PRIMARY KEY (run, step)
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE findings (
     id INTEGER PRIMARY KEY,
     run TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
     step INTEGER NOT NULL,
     finding TEXT NOT NULL
   ) STRICT;
   CREATE INDEX findings_by_run ON findings (run, step);`,

  // Scores of saved states; which state the run's model is (null: made before this was kept), and whether a person chose it.
  `ALTER TABLE runs ADD COLUMN model_step INTEGER;
   ALTER TABLE runs ADD COLUMN model_picked INTEGER NOT NULL DEFAULT 0;
   CREATE TABLE evaluations (
     run TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
     step INTEGER NOT NULL,
     split TEXT NOT NULL,
     basis TEXT NOT NULL,
     measurements TEXT NOT NULL,
     PRIMARY KEY (run, step, split)
   ) STRICT, WITHOUT ROWID;`,
]
