import type { Page } from 'playwright'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { look, seriousFindings } from './axe.ts'
import { startStudio, type StartedStudio } from './studio.ts'

let studio: StartedStudio
let page: Page

beforeAll(async () => {
  studio = await startStudio()
  page = studio.page
})
afterAll(() => studio.close())

const place = (name: string) => page.getByRole('navigation', { name: 'Places' }).getByRole('radio', { name })

describe.sequential('nothing serious stands in the way of a screen reader or a keyboard', () => {
  for (const colorScheme of ['dark', 'light'] as const) {
    it(`on the start page, ${colorScheme}`, async () => {
      await page.emulateMedia({ colorScheme })
      await page.getByRole('button', { name: 'Open the sample', exact: true }).waitFor()
      expect(await seriousFindings(page)).toEqual([])
    })
  }

  it("on every way to start with pictures of one's own, dark and light", async () => {
    for (const way of ['Two folders, any pictures', 'One folder is enough', 'A and B in one picture']) {
      await page.getByText(way, { exact: true }).click()
      await look(page, way)
    }
  })

  it('on every place of an open project, dark and light', async () => {
    await page.getByRole('button', { name: 'Open the sample', exact: true }).click()
    for (const name of ['Data', 'Train', 'Compare', 'Translate']) {
      await place(name).click()
      await page.waitForTimeout(500)
      await look(page, name)
    }
  })
})
