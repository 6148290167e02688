import type { EngineJobEvent } from '../../core/contract/index.ts'

const lastEvents: ReadonlySet<string> = new Set([
  'done',
  'stopped',
  'failed',
  'translate-done',
  'translate-failed',
  'generation-done',
  'generation-failed',
  'report',
  'report-failed',
  'evaluated',
  'evaluation-failed',
  'plan',
  'sweep-plan',
  'plan-failed',
  'sweep-done',
  'sweep-stopped',
  'sweep-failed',
])

/** Which jobs are alive, as their events tell. */
export function createRunningJobs(onChange: () => void) {
  const kinds = new Map<string, EngineJobEvent['kind']>()
  return {
    follow(event: EngineJobEvent): void {
      const before = kinds.size
      if (lastEvents.has(event.event.type)) kinds.delete(event.job)
      else kinds.set(event.job, event.kind)
      if (kinds.size !== before) onChange()
    },
    /** The engine is gone, and its jobs with it. */
    clear(): void {
      if (kinds.size === 0) return
      kinds.clear()
      onChange()
    },
    ids: (): string[] => [...kinds.keys()],
    count: (): number => kinds.size,
  }
}
export type RunningJobs = ReturnType<typeof createRunningJobs>
