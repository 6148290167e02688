import { runId } from '../../core/project/project.ts'
import { standingsOf } from '../../core/sweeps/standing.ts'
import type { Sweep } from '../../core/sweeps/sweep.ts'
import { removeFolder } from '../storage/atomic.ts'
import { lockProject } from '../storage/lock.ts'
import { readRunConfig, runFolder, runNames } from '../storage/runs.ts'
import { listCheckpoints } from '../training/checkpoint.ts'
import { RunRecord } from '../training/record.ts'

/** Leaves a run its newest saved state, from which it could still go on, and no older one. */
async function keepNewestState(projectFolder: string, run: string): Promise<void> {
  const { saved } = await listCheckpoints(runFolder(projectFolder, run))
  const newest = saved.at(-1)
  if (!newest || saved.length === 1) return
  const config = await readRunConfig(projectFolder, run)
  for (const { folder } of saved.slice(0, -1)) await removeFolder(folder)
  const record = new RunRecord(projectFolder, config)
  try {
    record.setCheckpoints([{ ...newest.manifest, bytes: newest.bytes }])
  } finally {
    record.close()
  }
}

/** What went out keeps its last state and gives the disk back that older ones took. Does it once; again changes nothing. */
export async function thinLosers(projectFolder: string, sweep: Sweep): Promise<void> {
  const known = await runNames(projectFolder)
  const out = standingsOf(sweep).filter(({ state }) => state === 'out' || state === 'failed')
  const runs = out.flatMap(({ trial: { run } }) => (run !== null && known.includes(run) ? [run] : []))
  const lock = lockProject(projectFolder)
  try {
    for (const run of runs) await keepNewestState(projectFolder, runId.parse(run))
  } finally {
    lock.release()
  }
}
