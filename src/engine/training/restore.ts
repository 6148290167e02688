import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { refuse } from '../../core/errors.ts'
import { removeFolder, removeStaleTemporaries } from '../storage/atomic.ts'
import type { Finding } from '../datasets/index.ts'
import {
  isIntact,
  listCheckpoints,
  setAside,
  stepName,
  useCheckpoint,
  type SavedCheckpoint,
} from './checkpoint.ts'
import { cutGalleries } from './gallery.ts'
import { recordCheckpoints } from './saving.ts'
import { firstCursor, inRun, restartTrainer, type Session } from './session.ts'

/** @param folder where it was set aside */
function damagedFinding(folder: string): Finding {
  const step = Number(folder.slice(-stepName(0).length))
  return {
    level: 'warning',
    code: 'checkpoint-damaged',
    message: `The state saved at step ${step} is damaged and was set aside.`,
    remedy:
      'Nothing needs to be done: the run goes on from the state before it. If it happens again, check the disk.',
    file: { path: folder },
  }
}

type Search = { found: SavedCheckpoint | undefined; damaged: string[]; saved: SavedCheckpoint[] }

/** The newest intact checkpoint that training can go on from, and what is damaged. Changes nothing. */
async function findNewest(session: Session, reason: 'resume' | 'roll-back'): Promise<Search> {
  const { saved, unreadable } = await listCheckpoints(session.runFolder)
  const damaged = [...unreadable]
  for (const checkpoint of saved.toReversed()) {
    const { whole, scheduled } = checkpoint.manifest
    if (!whole || (reason === 'roll-back' && !scheduled)) continue
    if (await isIntact(checkpoint)) return { found: checkpoint, damaged, saved }
    damaged.push(checkpoint.folder)
  }
  // Before its first scheduled state a run goes back to its start; later, that would throw away what it learned.
  if (damaged.length > 0 || saved.some(({ manifest }) => reason === 'resume' || manifest.scheduled))
    throw refuse(
      'checkpoint-damaged',
      `No saved state of ${session.config.run} is whole any more, so its training cannot go on. Nothing was removed.`,
      'Make a model of it with diptych export, or start a new run.',
    )
  return { found: undefined, damaged, saved }
}

/**
 * Puts the newest intact whole checkpoint back into the trainer, or the start of the run where none was saved, and
 * forgets everything that came after it: curves, galleries, findings, later checkpoints. Hashes are checked first. What is
 * damaged is kept under another name.
 * @param reason on a roll-back what was saved on a stop or a pause is left out, so that stops change nothing
 * @throws Refused `checkpoint-damaged`, `checkpoint-newer`; then nothing was changed
 */
export async function restoreNewest(session: Session, reason: 'resume' | 'roll-back'): Promise<Finding[]> {
  const { found, damaged, saved } = await findNewest(session, reason)
  if (found) session.cursor = await useCheckpoint(found, (state) => session.trainer.loadState(state))
  else {
    // A resumed run has just made its trainer.
    if (reason === 'roll-back') restartTrainer(session)
    session.cursor = firstCursor
  }
  const findings: Finding[] = []
  for (const folder of damaged) findings.push(damagedFinding(await setAside(folder)))
  for (const { folder, manifest } of saved)
    if (manifest.step > session.cursor.step && !damaged.includes(folder)) await removeFolder(folder)
  session.savedStep = session.cursor.step
  session.record.rewindTo(session.cursor.step)
  await cutGalleries(session, session.cursor.step)
  await recordCheckpoints(session)
  return findings
}

/** Reports are written without the project's lock. */
const REPORT_STALE_AFTER_MS = 60 * 60 * 1000

/** Removes what a killed process left half-written beside the runs. Whoever calls this holds the project's lock. */
export async function tidyProject(projectFolder: string): Promise<void> {
  for (const folder of ['models', 'runs']) await removeStaleTemporaries(join(projectFolder, folder))
  await removeStaleTemporaries(join(projectFolder, 'reports'), REPORT_STALE_AFTER_MS)
}

/** Removes what a killed process left half-done in a run. */
export async function tidyRun(session: Session): Promise<void> {
  for (const folder of ['.', 'samples', 'checkpoints'])
    await removeStaleTemporaries(inRun(session, folder).path)
  const { saved } = await listCheckpoints(session.runFolder)
  for (const { folder, manifest } of saved) {
    await removeStaleTemporaries(folder)
    if (!manifest.whole) await rm(join(folder, 'state.safetensors'), { force: true })
  }
}
