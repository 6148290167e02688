import { availableParallelism, cpus, freemem, totalmem } from 'node:os'
import { readSetup } from '../../scripts/setup/index.mjs'
import type { BackendInfo } from '../core/project/project.ts'
import { openBackend } from './backends/index.ts'
import { readVersion } from './version.ts'

export type Problem = { code: string; message: string; remedy: string }

/** What this machine computes with, and what is missing. The last line of `diptych doctor --json`. */
export type Diagnosis = {
  diptych: string
  backend: BackendInfo['kind']
  tensorflow: string | null
  device: string
  precision: string
  precisionBecause: string
  threads: number
  processor: string
  memoryMb: { total: number; free: number }
  cache: string
  electron: { version: string; endOfLife: boolean } | null
  node: string
  problems: Problem[]
}

/** Looks at everything that the engine and the window need. Opens the backend, so it tells what really runs. */
export async function diagnose(): Promise<Diagnosis> {
  const setup = readSetup('studio')
  const backend = await openBackend()
  return {
    diptych: readVersion(),
    backend: backend.kind,
    tensorflow: backend.kind === 'tensorflow' ? backend.version : null,
    device: backend.device,
    precision: backend.precision,
    precisionBecause: backend.precisionBecause,
    threads: backend.threads,
    processor: `${cpus()[0]?.model.trim() ?? 'unknown'}, ${availableParallelism()} threads`,
    memoryMb: { total: Math.round(totalmem() / 1e6), free: Math.round(freemem() / 1e6) },
    cache: setup.cache,
    electron: setup.electron && { version: setup.electron.version, endOfLife: setup.electron.endOfLife },
    node: process.versions.node,
    problems: [...setup.problems, ...problemsOf(backend, setup.electron)],
  }
}

function problemsOf(
  backend: BackendInfo,
  electron: { version: string; endOfLife: boolean } | null,
): Problem[] {
  const problems: Problem[] = []
  if (backend.fellBackBecause !== null)
    problems.push({
      code: 'backend-slow',
      message: `TensorFlow could not be loaded (${backend.fellBackBecause}). A much slower backend stands in.`,
      remedy: 'Run npm start again: it names what is missing and how to install it.',
    })
  if (electron?.endOfLife)
    problems.push({
      code: 'electron-end-of-life',
      message: `Electron ${electron.version} is past its end of life. It stands in where Electron's own download cannot be reached.`,
      remedy:
        'Good for tests. On a machine with internet access run npm start again: it then fetches the current one.',
    })
  return problems
}
