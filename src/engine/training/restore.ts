import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { removeFolder, removeStaleTemporaries } from '../storage/atomic.ts'
import type { Finding } from '../datasets/index.ts'
import { isIntact, listCheckpoints, stepName, useCheckpoint, type SavedCheckpoint } from './checkpoint.ts'
import { cutGalleries } from './gallery.ts'
import { recordCheckpoints } from './saving.ts'
import { firstCursor, inRun, restartTrainer, type Session } from './session.ts'

function damagedFinding(folder: string): Finding {
  const step = Number(folder.slice(-stepName(0).length))
  return {
    level: 'warning',
    code: 'checkpoint-damaged',
    message: `The state saved at step ${step} is damaged and was left out.`,
    remedy:
      'Nothing needs to be done: the run goes on from the state before it. If it happens again, check the disk.',
    file: { path: folder },
  }
}

/**
 * Puts the newest intact whole checkpoint back into the trainer, or the start of the run where there is none, and
 * forgets everything that came after it: curves, galleries, findings, later checkpoints. Hashes are checked first.
 * @param reason on a roll-back what was saved on a stop or a pause is left out, so that stops change nothing
 */
export async function restoreNewest(session: Session, reason: 'resume' | 'roll-back'): Promise<Finding[]> {
  const { saved, unreadable } = await listCheckpoints(session.runFolder)
  const findings = unreadable.map(damagedFinding)
  for (const folder of unreadable) await removeFolder(folder)
  let found: SavedCheckpoint | undefined
  for (const checkpoint of saved.reverse()) {
    const isCandidate = checkpoint.manifest.whole && (reason === 'resume' || checkpoint.manifest.scheduled)
    if (isCandidate && (await isIntact(checkpoint))) {
      found = checkpoint
      break
    }
    if (isCandidate) findings.push(damagedFinding(checkpoint.folder))
    await removeFolder(checkpoint.folder)
  }
  if (found) session.cursor = await useCheckpoint(found, (state) => session.trainer.loadState(state))
  else {
    // A resumed run has just made its trainer.
    if (reason === 'roll-back') restartTrainer(session)
    session.cursor = firstCursor
  }
  session.savedStep = session.cursor.step
  session.record.rewindTo(session.cursor.step)
  await cutGalleries(session, session.cursor.step)
  await recordCheckpoints(session)
  return findings
}

/** Removes what a killed process left half-done. */
export async function tidyRun(session: Session): Promise<void> {
  for (const folder of ['.', 'samples', 'checkpoints'])
    await removeStaleTemporaries(inRun(session, folder).path)
  const { saved } = await listCheckpoints(session.runFolder)
  for (const { folder, manifest } of saved) {
    await removeStaleTemporaries(folder)
    if (!manifest.whole) await rm(join(folder, 'state.safetensors'), { force: true })
  }
}
