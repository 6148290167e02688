import type { Locator, Page } from 'playwright'

/**
 * How long the window takes to answer a click: from the page's own pointer event to the next painted frame, so that the
 * driver's own delays do not count.
 */
export async function measureClicks(
  page: Page,
  target: Locator,
  times: number,
): Promise<{ p95Ms: number; medianMs: number }> {
  await page.evaluate(() => {
    const taken: number[] = []
    Object.assign(globalThis, { clickTimesMs: taken })
    document.addEventListener(
      'click',
      (event) =>
        requestAnimationFrame(() => setTimeout(() => taken.push(performance.now() - event.timeStamp))),
      true,
    )
  })
  for (let count = 0; count < times; count += 1) await target.click()
  await page.waitForTimeout(200)
  const taken = await page.evaluate(() => (globalThis as unknown as { clickTimesMs: number[] }).clickTimesMs)
  const sorted = taken.sort((a, b) => a - b)
  const at = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Infinity
  return { p95Ms: at(0.95), medianMs: at(0.5) }
}
