import { existsSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { EngineViews } from '../../core/contract/index.ts'
import { refuse, Refused } from '../../core/errors.ts'
import {
  runConfig,
  runId,
  type RunConfig,
  type RunState,
  type RunSummary,
} from '../../core/project/project.ts'
import { namesIn } from './atomic.ts'
import { readDatabase } from './database.ts'
import { readEvaluations } from './evaluations.ts'
import { readJson } from './json.ts'
import { isProjectLocked } from './lock.ts'
import { readCheckpointRows, readMetrics, readRunRows, readSamples } from './runRows.ts'
import { isWithin } from './within.ts'

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
  const parsed = runConfig.safeParse(await readJson(path))
  if (parsed.success) return parsed.data
  throw refuse('run-damaged', `${path} cannot be read.`, 'Start a new run; the pictures are not affected.')
}

/** The configurations of all runs, oldest first. A damaged run is left out: it is refused where it is named. */
export async function readRunConfigs(projectFolder: string): Promise<RunConfig[]> {
  const read = async (run: string) => {
    try {
      return [await readRunConfig(projectFolder, run)]
    } catch (error) {
      if (error instanceof Refused) return []
      throw error
    }
  }
  return (await Promise.all((await runNames(projectFolder)).map(read))).flat()
}

const unfinished: ReadonlySet<RunState> = new Set(['new', 'running', 'paused'])

/**
 * All runs that can be read, oldest first. A run whose writer died shows as stopped.
 * @throws Refused `database-damaged`
 */
export async function listRuns(projectFolder: string): Promise<RunSummary[]> {
  const configs = await readRunConfigs(projectFolder)
  if (configs.length === 0) return []
  const rows = readDatabase(projectFolder, readRunRows)
  const isWritten = isProjectLocked(projectFolder)
  return Promise.all(
    configs.map(async ({ run, recipe, steps }) => {
      const row = rows.get(run)
      const state = row?.state ?? 'new'
      return {
        run,
        recipe,
        state: unfinished.has(state) && !isWritten ? 'stopped' : state,
        step: row?.step ?? 0,
        steps,
        createdAt: row?.created_at ?? (await createdAt(projectFolder, run)),
        bestL1: row?.best_l1 ?? null,
      }
    }),
  )
}

async function createdAt(projectFolder: string, run: string): Promise<string> {
  return (await stat(join(runFolder(projectFolder, run), 'config.json'))).mtime.toISOString()
}

/** One run with its curves, gallery, saved states and their scores. @throws Refused `run-unknown`, `run-damaged` */
export async function getRun(projectFolder: string, run: string): Promise<EngineViews['run']> {
  const config = await readRunConfig(projectFolder, run)
  const summary = (await listRuns(projectFolder)).find((entry) => entry.run === run)
  if (!summary) throw refuse('run-unknown', `The run ${run} has just been removed.`, 'Choose another run.')
  return readDatabase(projectFolder, (database) => {
    const stored = readRunRows(database).get(run)
    const path = stored?.model ? join(projectFolder, stored.model) : null
    const model = path && isWithin(projectFolder, path) && existsSync(path) ? { path } : null
    return {
      summary,
      config,
      metrics: readMetrics(database, run, MOST_METRICS),
      samples: readSamples(database, projectFolder, run),
      checkpoints: readCheckpointRows(database, run),
      evaluations: readEvaluations(database, run).map(({ row }) => row),
      model,
      modelStep: model && stored ? stored.model_step : null,
    }
  })
}
