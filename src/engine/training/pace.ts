import { effortLeft, type Part } from '../../core/training/schedule.ts'

const WINDOW = 31
const FEWEST = 3

/** How long things take: a median forgives the first step, a garbage collection and a laptop that slept. */
function createMedian() {
  const values: number[] = []
  return {
    add(value: number) {
      values.push(value)
      if (values.length > WINDOW) values.shift()
    },
    get count() {
      return values.length
    },
    get value() {
      const sorted = [...values].sort((a, b) => a - b)
      return sorted[Math.floor(sorted.length / 2)] ?? 0
    },
  }
}

export type Pace = ReturnType<typeof createPace>

/** Estimates the time left of a run from what its steps, by the effort of their parts, its saves and galleries took lately. */
export function createPace({
  parts,
  steps,
  sampleEvery,
  checkpointEvery,
}: {
  parts: readonly Part[]
  steps: number
  sampleEvery: number
  checkpointEvery: number
}) {
  const step = createMedian()
  const save = createMedian()
  const sample = createMedian()
  const timesLeft = (at: number, every: number) => Math.floor(steps / every) - Math.floor(at / every)
  return {
    addStep: (elapsedMs: number, effort: number) => step.add(elapsedMs / effort),
    addSave: (elapsedMs: number) => save.add(elapsedMs),
    addSample: (elapsedMs: number) => sample.add(elapsedMs),
    /** Null until there is something to go by. */
    secondsLeft(at: number): number | null {
      if (step.count < FEWEST) return null
      const stepsMs = effortLeft(parts, at) * step.value
      const savesMs = timesLeft(at, checkpointEvery) * save.value
      return (stepsMs + savesMs + timesLeft(at, sampleEvery) * sample.value) / 1000
    },
  }
}
