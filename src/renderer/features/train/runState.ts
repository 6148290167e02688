import type { RunState } from '../../../core/project/project.ts'
import type { Job } from '../../stores/jobs.ts'

/** A run as it is shown: what the disk says, corrected by whether anybody is working on it. */
export type ShownState = RunState | 'stopping' | 'interrupted'

export const runStateWords: Record<ShownState, string> = {
  new: 'Starting',
  running: 'Training',
  paused: 'Paused',
  stopping: 'Stopping',
  stopped: 'Stopped',
  failed: 'Failed',
  done: 'Done',
  interrupted: 'Interrupted',
}

/** Called running on disk but worked on by nobody: its engine ended without a word, so it can be resumed. */
export function stateOf(state: RunState, job: Job | undefined): ShownState {
  if (job?.state === 'stopping') return 'stopping'
  if (job?.state === 'paused') return 'paused'
  if (job) return state === 'new' ? 'new' : 'running'
  return state === 'running' || state === 'paused' || state === 'new' ? 'interrupted' : state
}

export function canResume(state: ShownState): boolean {
  return state === 'stopped' || state === 'failed' || state === 'interrupted'
}
