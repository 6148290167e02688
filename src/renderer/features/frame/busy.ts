import { useStore } from 'zustand'
import { isLive, jobsStore } from '../../stores/jobs.ts'
import type { Job } from '../../stores/jobs.ts'
import { shellStore } from '../../stores/shell.ts'

const names: Record<Job['kind'], string> = {
  train: 'A training is running: pause it, or wait until it is done.',
  translate: 'Pictures are being translated: wait until they are done.',
  generate: 'A data set is being made: wait until it is done.',
  report: 'A report is being written: wait until it is done.',
  evaluate: 'Saved states are being scored: wait until they are done.',
  sweep: 'Several settings are being tried: wait until that is done, or stop it.',
  plan: 'A measurement is running: wait until it is done.',
  judge: 'A judge is being asked: wait until it is done.',
}

/**
 * What else computes, in a sentence, for work of one kind; null when the engine is free for it. A paused training makes
 * room; a job of the same kind says so itself; null counts all kinds.
 */
export function useBusyWords(kind: Job['kind'] | null): string | null {
  const isReady = useStore(shellStore, ({ engine }) => engine === null || engine.state === 'ready')
  const other = useStore(jobsStore, ({ jobs }) =>
    Object.values(jobs).find((job) => isLive(job) && job.state !== 'paused' && job.kind !== kind),
  )
  if (!isReady) return 'The engine is not running yet.'
  return other ? names[other.kind] : null
}
