import type { PlanEvent } from '../../core/planning/plan.ts'

type ProgressEvent = Extract<PlanEvent, { type: 'plan-progress' }>

/** Counts parts of work that is done elsewhere, and tells of them while somebody waits for it. */
export function createProgress() {
  let [done, total, told] = [0, 0, -1]
  let wake: () => void = () => undefined
  return {
    /** More parts are to come. */
    expect(parts: number): void {
      total += parts
      wake()
    },
    tell(): void {
      done += 1
      wake()
    },
    /** Tells every change until the work has ended. @returns what it came to */
    async *follow<T>(work: Promise<T>): AsyncGenerator<ProgressEvent, T> {
      let isRunning = true
      const end = () => {
        isRunning = false
        wake()
      }
      work.then(end, end)
      while (isRunning) {
        const changed = new Promise<void>((resolve) => (wake = resolve))
        if (told !== done + total) {
          told = done + total
          yield { type: 'plan-progress', done: Math.min(done, total), total }
        } else await changed
      }
      return work
    },
  }
}

export type Progress = ReturnType<typeof createProgress>
