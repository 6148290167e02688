import { existsSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { refuse, Refused, type Refusal } from '../../core/errors.ts'
import { damagedSweep, parseSweep } from '../../core/sweeps/parse.ts'
import { sweepId, type Sweep } from '../../core/sweeps/sweep.ts'
import { namesIn, writeJsonAtomic } from './atomic.ts'
import { readJson } from './json.ts'

/** No sweep of ours comes near this. */
const MOST_BYTES = 1e6

function sweepPath(projectFolder: string, sweep: string): string {
  return join(projectFolder, 'sweeps', `${sweep}.json`)
}

/** The names of all sweeps, oldest first. */
async function sweepNames(projectFolder: string): Promise<string[]> {
  const names = (await namesIn(join(projectFolder, 'sweeps'))).filter((name) => name.endsWith('.json'))
  return names
    .map((name) => name.slice(0, -'.json'.length))
    .filter((name) => sweepId.safeParse(name).success)
    .sort((one, other) => numberOf(one) - numberOf(other))
}

function numberOf(sweep: string): number {
  return Number(sweep.slice('sweep-'.length))
}

export async function nextSweepName(projectFolder: string): Promise<string> {
  const last = Math.max(0, ...(await sweepNames(projectFolder)).map(numberOf))
  return `sweep-${String(last + 1).padStart(3, '0')}`
}

/** @throws Refused `sweep-unknown`, `sweep-damaged`, `sweep-newer` */
export async function readSweep(projectFolder: string, sweep: string): Promise<Sweep> {
  const path = sweepPath(projectFolder, sweep)
  if (!sweepId.safeParse(sweep).success || !existsSync(path)) {
    const known = await sweepNames(projectFolder)
    throw refuse(
      'sweep-unknown',
      `There is no sweep named ${sweep} in ${projectFolder}.`,
      known.length > 0 ? `The sweeps are: ${known.join(', ')}.` : 'Start one.',
    )
  }
  const parsed = parseSweep(await readSmallJson(path), path)
  // It would be written to another file than it came from.
  if (parsed.sweep !== sweep) throw damagedSweep(path, `it calls itself ${parsed.sweep}`)
  return parsed
}

/** Undefined where a file is no JSON, a folder, or too large to be ours. */
async function readSmallJson(path: string): Promise<unknown> {
  const { size } = await stat(path)
  if (size > MOST_BYTES) return undefined
  return readJson(path)
}

/** Whoever calls this holds the lock of the sweeps. @throws Refused `disk-full`, `write-forbidden` */
export function writeSweep(projectFolder: string, sweep: Sweep): Promise<void> {
  return writeJsonAtomic(sweepPath(projectFolder, sweep.sweep), sweep)
}

/** All sweeps that can be read, newest first, and why the others cannot. */
export async function listSweeps(projectFolder: string): Promise<{ sweeps: Sweep[]; damaged: Refusal[] }> {
  const [sweeps, damaged]: [Sweep[], Refusal[]] = [[], []]
  for (const name of (await sweepNames(projectFolder)).reverse())
    try {
      sweeps.push(await readSweep(projectFolder, name))
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      damaged.push(error.refusal)
    }
  return { sweeps, damaged }
}
