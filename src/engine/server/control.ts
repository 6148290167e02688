import type { RunControl } from '../training/control.ts'

/** Both ends of a pause: the loop asks and waits, a door pauses and continues. */
export type PauseControl = RunControl & { pause(): void; continue(): void }

export function createPauseControl(): PauseControl {
  let paused = false
  const waiting = new Set<() => void>()
  return {
    pause: () => {
      paused = true
    },
    continue: () => {
      paused = false
      for (const resolve of waiting) resolve()
      waiting.clear()
    },
    isPaused: () => paused,
    whilePaused: async (signal) => {
      if (!paused || signal.aborted) return
      await new Promise<void>((resolve) => {
        waiting.add(resolve)
        signal.addEventListener('abort', () => resolve(), { once: true })
      })
    },
  }
}
