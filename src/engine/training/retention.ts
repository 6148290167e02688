/** What retention needs to know of a checkpoint. */
export type Retained = {
  step: number
  scheduled: boolean
  whole: boolean
  bytes: number
  generatorBytes: number
  validationL1: number | null
}

export type RetentionPlan = { thin: number[]; remove: number[] }

const WHOLE_KEPT = 2

/**
 * Which checkpoints stay whole, which keep only their generator, and which go. Whole: the newest two that the schedule
 * asked for (one, where the budget demands it) and the newest of all. One that was written on a stop or a pause goes
 * with the next. Thinned ones go, the worst on the held-out pairs first, until all is under the budget; the best never.
 */
export function planRetention(
  checkpoints: readonly Retained[],
  bestStep: number | undefined,
  budgetBytes: number,
): RetentionPlan {
  const sorted = [...checkpoints].sort((x, y) => y.step - x.step)
  const newest = sorted[0]
  const passing = sorted.filter((one) => !one.scheduled && one !== newest)
  const staying = sorted.filter((one) => !passing.includes(one))
  const wholeOnes = staying.filter((one) => one.scheduled && one.whole).slice(0, WHOLE_KEPT)
  const keepWhole = new Set([...wholeOnes, ...(newest ? [newest] : [])])
  const thinnable = staying.filter((one) => one.whole && !keepWhole.has(one))
  const bytesAfter = (one: Retained) => (thinnable.includes(one) ? one.generatorBytes : one.bytes)
  let total = staying.reduce((sum, one) => sum + bytesAfter(one), 0)

  const removed: Retained[] = []
  const error = (one: Retained) => one.validationL1 ?? Infinity
  const expendable = staying
    .filter((one) => !keepWhole.has(one) && one.step !== bestStep)
    .sort((x, y) => (error(x) === error(y) ? x.step - y.step : error(y) - error(x)))
  for (const one of expendable) {
    if (total <= budgetBytes) break
    total -= bytesAfter(one)
    removed.push(one)
  }
  const second = wholeOnes[1]
  if (second && total > budgetBytes) thinnable.push(second)
  return {
    thin: thinnable.filter((one) => !removed.includes(one)).map((one) => one.step),
    remove: [...passing, ...removed].map((one) => one.step),
  }
}
