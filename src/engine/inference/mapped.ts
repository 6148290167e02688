/** What `work` yields as `map` tells it, and what it returns. Whoever stops listening stops `work`, too. */
export async function* mapped<From, To, Result>(
  work: AsyncGenerator<From, Result>,
  map: (value: From) => Iterable<To>,
): AsyncGenerator<To, Result> {
  try {
    for (;;) {
      const step = await work.next()
      if (step.done) return step.value
      yield* map(step.value)
    }
  } finally {
    await work.return(undefined as Result)
  }
}
