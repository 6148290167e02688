import { mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'

const SCRATCH_DAYS = 14
const DAY_MS = 24 * 60 * 60 * 1000

/** A fresh folder for results that nobody has asked to keep yet. */
export async function makeScratchFolder(userData: string): Promise<string> {
  const folder = join(userData, 'scratch')
  await mkdir(folder, { recursive: true })
  return mkdtemp(join(folder, 'results-'))
}

/** Removes results that nobody kept for two weeks. */
export async function sweepScratch(userData: string): Promise<void> {
  const folder = join(userData, 'scratch')
  await mkdir(folder, { recursive: true })
  for (const name of await readdir(folder)) {
    const path = join(folder, name)
    const { mtimeMs } = await stat(path)
    if (Date.now() - mtimeMs > SCRATCH_DAYS * DAY_MS) await rm(path, { recursive: true })
  }
}

/** A name that every file system takes: letters and digits of any language, spaces and dashes. */
function folderNameOf(name: string): string {
  const kept = name
    .normalize('NFC')
    .replace(/[^\p{L}\p{N} _-]+/gu, ' ')
    .replace(/\s+/g, ' ')
  return kept.trim().slice(0, 80) || 'Project'
}

/** A folder that is not there yet, beside this person's other projects. */
export async function chooseProjectFolder(projects: string, name: string): Promise<string> {
  await mkdir(projects, { recursive: true })
  const taken = new Set((await readdir(projects)).map((entry) => entry.toLowerCase()))
  const base = folderNameOf(name)
  for (let count = 1; ; count += 1) {
    const candidate = count === 1 ? base : `${base} ${count}`
    if (!taken.has(candidate.toLowerCase())) return join(projects, candidate)
  }
}
