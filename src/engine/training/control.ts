/** How a door pauses a run and lets it go on. Stopping goes through the run's AbortSignal. */
export type RunControl = {
  pause(): void
  continue(): void
  readonly isPaused: boolean
  /** Resolves when the run may go on, or when it is to stop. */
  whenContinued(signal: AbortSignal): Promise<void>
}

export function createRunControl(): RunControl {
  let isPaused = false
  let waiting: (() => void)[] = []
  return {
    pause() {
      isPaused = true
    },
    continue() {
      isPaused = false
      for (const wake of waiting) wake()
      waiting = []
    },
    get isPaused() {
      return isPaused
    },
    whenContinued(signal) {
      if (!isPaused || signal.aborted) return Promise.resolve()
      return new Promise((resolve) => {
        waiting.push(resolve)
        signal.addEventListener('abort', () => resolve(), { once: true })
      })
    },
  }
}
