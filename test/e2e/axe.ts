import { AxeBuilder } from '@axe-core/playwright'
import { join } from 'node:path'
import type { Page } from 'playwright'
import { expect } from 'vitest'

/** What axe calls serious or critical, as "rule: the element". Legacy mode: Electron lets a test open no second page. */
export async function seriousFindings(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).analyze()
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 160)}`))
}

/** Nothing serious, dark and light; with DIPTYCH_SHOTS, a folder, a picture of each there for people to look at. */
export async function look(page: Page, name: string): Promise<void> {
  for (const colorScheme of ['dark', 'light'] as const) {
    await page.emulateMedia({ colorScheme })
    expect(await seriousFindings(page), `${name}, ${colorScheme}`).toEqual([])
    const shots = process.env.DIPTYCH_SHOTS
    if (shots) await page.screenshot({ path: join(shots, `${name}-${colorScheme}.png`) })
  }
}
