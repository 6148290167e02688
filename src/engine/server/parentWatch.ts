import { Worker } from 'node:worker_threads'

/** How long the engine may go on saving after main has died. */
export const FAREWELL_MS = 60_000

/**
 * Ends this process, by force if it must, once its parent has died. In a thread of its own, because the main thread may be
 * deep inside a TensorFlow operation just then, or stuck in one.
 */
export function watchParent(farewellMs: number): void {
  const worker = new Worker(new URL('./parentWatcher.ts', import.meta.url), {
    workerData: { parent: process.ppid, farewellMs },
  })
  worker.unref()
}
