/**
 * What was loaded, under a memory bound. What is in stays in: everything is wanted once an epoch, so throwing out the
 * oldest would throw out what is wanted soonest.
 */
export function createCache<T>(
  load: (index: number) => Promise<T>,
  bytesOf: (loaded: T) => number,
  mostBytes: number,
) {
  const kept = new Map<number, T>()
  const underway = new Map<number, Promise<T>>()
  let bytes = 0
  const start = async (index: number): Promise<T> => {
    const loaded = await load(index)
    if (bytes + bytesOf(loaded) <= mostBytes && !kept.has(index)) {
      kept.set(index, loaded)
      bytes += bytesOf(loaded)
    }
    return loaded
  }
  return {
    /** Begins to load. Its failure is told to whoever takes it. */
    prefetch(index: number): void {
      if (kept.has(index) || underway.has(index)) return
      const promise = start(index)
      promise.catch(() => undefined)
      underway.set(index, promise)
    },
    async take(index: number): Promise<T> {
      const loaded = kept.get(index) ?? (await (underway.get(index) ?? start(index)))
      underway.delete(index)
      return loaded
    },
    /** Forgets what was read ahead and is not wanted after all. */
    keepOnly(wanted: ReadonlySet<number>): void {
      for (const index of underway.keys()) if (!wanted.has(index)) underway.delete(index)
    },
  }
}
