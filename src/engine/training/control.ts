/** How a door holds a run (server/control.ts makes one). Stopping goes through the run's AbortSignal. */
export type RunControl = {
  isPaused(): boolean
  /** Resolves when the run may go on, or when it is to stop. */
  whilePaused(signal: AbortSignal): Promise<void>
}

/** For doors that only start and stop. */
export const neverPaused: RunControl = { isPaused: () => false, whilePaused: () => Promise.resolve() }
