import { existsSync } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { EngineViews } from '../../core/contract/index.ts'
import { refuse } from '../../core/errors.ts'
import {
  runConfig,
  runId,
  type RunConfig,
  type RunState,
  type RunSummary,
} from '../../core/project/project.ts'
import { namesIn } from './atomic.ts'
import { withDatabase } from './database.ts'
import { isProjectLocked } from './lock.ts'
import { readCheckpointRows, readMetrics, readRunRows, readSamples } from './runRows.ts'

const MOST_METRICS = 4000

export function runFolder(projectFolder: string, run: string): string {
  return join(projectFolder, 'runs', run)
}

/** Names of all runs that have a configuration, oldest first. */
export async function runNames(projectFolder: string): Promise<string[]> {
  const names = await namesIn(join(projectFolder, 'runs'))
  const runs = names.filter((name) => runId.safeParse(name).success)
  return runs
    .filter((name) => existsSync(join(runFolder(projectFolder, name), 'config.json')))
    .sort((x, y) => numberOf(x) - numberOf(y))
}

function numberOf(run: string): number {
  return Number(run.slice('run-'.length))
}

/** The name of the next run: numbers are never used twice while the newer run exists. */
export async function nextRunName(projectFolder: string): Promise<string> {
  const names = await namesIn(join(projectFolder, 'runs'))
  const last = Math.max(0, ...names.filter((name) => runId.safeParse(name).success).map(numberOf))
  return `run-${String(last + 1).padStart(3, '0')}`
}

/** @throws Refused `run-unknown`, `run-damaged` */
export async function readRunConfig(projectFolder: string, run: string): Promise<RunConfig> {
  const path = join(runFolder(projectFolder, run), 'config.json')
  if (!runId.safeParse(run).success || !existsSync(path)) {
    const known = await runNames(projectFolder)
    throw refuse(
      'run-unknown',
      `There is no run named ${run} in ${projectFolder}.`,
      known.length ? `The runs are: ${known.join(', ')}.` : 'Train first.',
    )
  }
  const text = await readFile(path, 'utf8')
  const parsed = runConfig.safeParse(parseJson(text))
  if (parsed.success) return parsed.data
  throw refuse('run-damaged', `${path} cannot be read.`, 'Start a new run; the pictures are not affected.')
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

const unfinished: ReadonlySet<RunState> = new Set(['new', 'running', 'paused'])

/**
 * All runs, oldest first. A run whose writer died shows as stopped.
 * @throws Refused `run-damaged`, `database-damaged`
 */
export async function listRuns(projectFolder: string): Promise<RunSummary[]> {
  const names = await runNames(projectFolder)
  if (names.length === 0) return []
  const rows = withDatabase(projectFolder, readRunRows)
  const isWritten = isProjectLocked(projectFolder)
  return Promise.all(
    names.map(async (run) => {
      const config = await readRunConfig(projectFolder, run)
      const row = rows.get(run)
      const state = row?.state ?? 'new'
      return {
        run,
        recipe: config.recipe,
        state: unfinished.has(state) && !isWritten ? 'stopped' : state,
        step: row?.step ?? 0,
        steps: config.steps,
        createdAt: row?.created_at ?? (await createdAt(projectFolder, run)),
        bestL1: row?.best_l1 ?? null,
      }
    }),
  )
}

async function createdAt(projectFolder: string, run: string): Promise<string> {
  return (await stat(join(runFolder(projectFolder, run), 'config.json'))).mtime.toISOString()
}

/** One run with its curves, gallery and saved states. @throws Refused `run-unknown`, `run-damaged` */
export async function getRun(projectFolder: string, run: string): Promise<EngineViews['run']> {
  const config = await readRunConfig(projectFolder, run)
  const summary = (await listRuns(projectFolder)).find((entry) => entry.run === run)
  if (!summary) throw refuse('run-unknown', `The run ${run} has just been removed.`, 'Choose another run.')
  return withDatabase(projectFolder, (database) => {
    const model = readRunRows(database).get(run)?.model
    return {
      summary,
      config,
      metrics: readMetrics(database, run, MOST_METRICS),
      samples: readSamples(database, projectFolder, run),
      checkpoints: readCheckpointRows(database, run),
      model: model && existsSync(join(projectFolder, model)) ? { path: join(projectFolder, model) } : null,
    }
  })
}
