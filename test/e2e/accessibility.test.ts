import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startStudio, type StartedStudio } from './studio.ts'

let studio: StartedStudio
let page: Page

beforeAll(async () => {
  studio = await startStudio()
  page = studio.page
})
afterAll(() => studio.close())

/** What axe calls serious or critical, as "rule: the element". Legacy mode: Electron lets a test open no second page. */
async function seriousFindings(): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).analyze()
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 160)}`))
}

const place = (name: string) => page.getByRole('navigation', { name: 'Places' }).getByRole('radio', { name })

describe.sequential('nothing serious stands in the way of a screen reader or a keyboard', () => {
  for (const colorScheme of ['dark', 'light'] as const) {
    it(`on the start page, ${colorScheme}`, async () => {
      await page.emulateMedia({ colorScheme })
      await page.getByRole('button', { name: 'Open the sample', exact: true }).waitFor()
      expect(await seriousFindings()).toEqual([])
    })
  }

  it('on every place of an open project, dark and light', async () => {
    await page.getByRole('button', { name: 'Open the sample', exact: true }).click()
    for (const name of ['Data', 'Train', 'Translate']) {
      await place(name).click()
      await page.waitForTimeout(500)
      for (const colorScheme of ['dark', 'light'] as const) {
        await page.emulateMedia({ colorScheme })
        expect(await seriousFindings(), `${name}, ${colorScheme}`).toEqual([])
      }
    }
  })
})
