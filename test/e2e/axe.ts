import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright'

/** What axe calls serious or critical, as "rule: the element". Legacy mode: Electron lets a test open no second page. */
export async function seriousFindings(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).analyze()
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 160)}`))
}
