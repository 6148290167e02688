/** How long the rest will take, from how long what is done took since this time; null before there is anything to go by. */
export function createClock(total: number, startedMs = performance.now()) {
  return {
    left(finished: number): number | null {
      if (finished <= 0) return null
      return (((performance.now() - startedMs) / 1000) * (total - finished)) / finished
    },
  }
}
