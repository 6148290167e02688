// Drives the real app over every view, dark and light, at two sizes, and writes docs/screenshots/*.webp (each under 200 kB).
// Run on demand, after npm start has set everything up, with the engine's Node:
//   xvfb-run -a -s "-screen 0 2000x1200x24" node scripts/make-screenshots.mjs [steps] [pairs|nothing]
// pairs: the start page and the work with pairs; nothing: pictures from nothing; left out: both.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import sharp from 'sharp'
import { startStudio } from '../test/e2e/studio.ts'

const [steps = '300', part = 'both'] = process.argv.slice(2)
const folder = resolve(import.meta.dirname, '..', 'docs', 'screenshots')
const sizes = [
  { widthPx: 1280, heightPx: 800 },
  { widthPx: 1920, heightPx: 1080 },
]
const themes = ['dark', 'light']
const LIMIT_BYTES = 200_000
/** For work of the engine, on a slow machine that does other things, too. */
const LONG_MS = 3_600_000

/** @typedef {import('playwright').Page} Page */

/** @param {Page} page @param {string} name */
const goTo = (page, name) => page.getByRole('radio', { name, exact: true }).click()

/** Every view and how to get there, in the order of the work. @type {[string, (page: Page) => Promise<void>][]} */
const views = [
  [
    'data',
    async (page) => {
      await goTo(page, 'Data')
      await page.getByRole('listbox', { name: 'Pairs', exact: true }).getByRole('option').nth(4).click()
    },
  ],
  [
    'data-pair',
    async (page) => {
      await page.getByRole('button', { name: 'See it large' }).click()
    },
  ],
  [
    'train-new',
    async (page) => {
      await page.getByRole('button', { name: 'All pairs' }).click()
      await goTo(page, 'Train')
      await page.getByRole('button', { name: 'New run' }).click()
    },
  ],
  [
    'train-plan',
    async (page) => {
      await page.getByRole('button', { name: 'Measure on this computer' }).click()
      await page.getByRole('button', { name: 'Measure again' }).waitFor({ timeout: LONG_MS })
    },
  ],
  [
    'train',
    async (page) => {
      await page.getByRole('listbox', { name: 'Runs' }).getByRole('option').first().click()
      await page
        .getByRole('button', { name: /^Compare / })
        .first()
        .waitFor()
    },
  ],
  [
    'train-compare',
    async (page) => {
      await page
        .getByRole('button', { name: /^Compare / })
        .first()
        .click()
    },
  ],
  [
    'compare',
    async (page) => {
      await page.keyboard.press('Escape')
      await goTo(page, 'Compare')
      await page
        .getByRole('button', { name: /^Score / })
        .first()
        .click()
      await page.getByRole('button', { name: 'Score again' }).waitFor({ timeout: LONG_MS })
    },
  ],
  [
    'translate',
    async (page) => {
      await goTo(page, 'Translate')
    },
  ],
  [
    'shortcuts',
    async (page) => {
      await page.getByRole('button', { name: 'Keyboard shortcuts' }).click()
    },
  ],
]

/** The same of pictures from nothing: what learns, its judge, and the set that is made. @type {[string, (page: Page) => Promise<void>][]} */
const fromNothing = [
  [
    'train-nothing',
    async (page) => {
      await goTo(page, 'Train')
    },
  ],
  [
    'verdict',
    async (page) => {
      await page.getByRole('button', { name: 'Ask the judge', exact: true }).click()
      const scores = page.getByRole('img', { name: /^How scores lie/ })
      await scores.waitFor({ timeout: LONG_MS })
      await scores.scrollIntoViewIfNeeded()
    },
  ],
  [
    'generate',
    async (page) => {
      await goTo(page, 'Generate')
      await change(page, 'How many', '200')
      await page.getByRole('button', { name: 'Make pictures' }).click()
      await page.getByText(/^200 pictures made/).waitFor({ timeout: LONG_MS })
    },
  ],
  [
    'generate-figures',
    async (page) => {
      await page.getByRole('radio', { name: 'Figures' }).click()
      await page.getByRole('region', { name: 'Figures of the set' }).waitFor()
    },
  ],
]

/** Samples of other kinds of data: the picture's name, the sample's, and the grid it opens with. */
const samples = [
  ['data-unpaired', 'Day and night, unpaired', 'A, one look'],
  ['data-derived', 'Restore old photographs', 'Spoiled copies and originals'],
]

/** As sharp as fits under the limit. @param {string} name @param {Buffer} png */
async function write(name, png) {
  for (const quality of [90, 80, 70, 60, 50, 40]) {
    const webp = await sharp(png).webp({ quality, effort: 6 }).toBuffer()
    if (webp.byteLength > LIMIT_BYTES && quality > 40) continue
    await writeFile(join(folder, `${name}.webp`), webp)
    console.log(`${name}.webp ${Math.round(webp.byteLength / 1000)} kB`)
    return
  }
}

/** @param {Page} page @param {string} theme */
async function setTheme(page, theme) {
  const button = page.getByRole('button', { name: /^Theme: / })
  for (let presses = 0; presses < 3; presses += 1) {
    if ((await button.getAttribute('aria-label')) === `Theme: ${theme}`) return
    await button.click()
  }
}

/** Pictures come a moment after their places. @param {Page} page */
async function settle(page) {
  await page.mouse.move(640, 2)
  await page.waitForTimeout(400)
  await page
    .waitForFunction(() => [...document.images].every((image) => image.complete), undefined, {
      timeout: 20_000,
    })
    .catch(() => console.warn('Some pictures had not come yet.'))
  await page.waitForTimeout(400)
}

/** @param {Page} page @param {string} label @param {string} value */
async function change(page, label, value) {
  const field = page.getByRole('textbox', { name: label, exact: true })
  await field.fill(value)
  await field.press('Tab')
}

/** @param {Page} page */
async function train(page) {
  await goTo(page, 'Train')
  await change(page, 'How long', steps)
  await page.getByRole('button', { name: 'Start training' }).click()
  await page.getByRole('button', { name: 'Use this model' }).waitFor({ timeout: LONG_MS })
}

/** @param {Page} page */
async function toStart(page) {
  await page.locator('.project-button').click()
  await page.getByRole('menuitem', { name: 'Start page' }).click()
}

/** @param {Page} page @param {string} sample @param {string} list */
async function openSample(page, sample, list) {
  await toStart(page)
  await page.getByRole('button', { name: `Open the sample ${sample}`, exact: true }).click()
  await page.getByRole('listbox', { name: list }).getByRole('option').nth(2).click()
}

/** The page before a project is open; then a short run and a translation, so that every view has something to show. @param {Page} page */
async function work(page) {
  await page.getByRole('button', { name: 'Open the sample', exact: true }).click()
  await page.getByRole('listbox', { name: 'Pairs', exact: true }).waitFor()
  await train(page)
  await goTo(page, 'Translate')
}

/** @param {import('playwright').ElectronApplication} app @param {{ widthPx: number, heightPx: number }} size */
function resize(app, { widthPx, heightPx }) {
  return app.evaluate(
    ({ BrowserWindow }, [width, height]) => BrowserWindow.getAllWindows()[0]?.setContentSize(width, height),
    /** @type {[number, number]} */ ([widthPx, heightPx]),
  )
}

/** @param {import('../test/e2e/studio.ts').StartedStudio} studio @param {string} name @param {() => Promise<void>} act */
async function shootAll({ app, page }, name, act) {
  // What is scrolled into sight in the smallest window is in sight in all.
  for (const [index, size] of sizes.entries()) {
    await resize(app, size)
    if (index === 0) await act()
    const { widthPx } = size
    for (const theme of themes) {
      await setTheme(page, theme)
      await settle(page)
      await write(`${name}-${theme}-${widthPx}`, await page.screenshot())
    }
  }
}

/** @param {import('../test/e2e/studio.ts').StartedStudio} studio */
async function shootPairs(studio) {
  const { page } = studio
  await shootAll(studio, 'start', async () => {})
  await shootAll(studio, 'start-one-folder', async () => {
    await page.getByText('One folder is enough', { exact: true }).click()
    await page.getByRole('button', { name: 'Create the project' }).scrollIntoViewIfNeeded()
  })
  await page
    .getByRole('button', { name: /^Try on / })
    .last()
    .click()
  await page.getByRole('slider', { name: 'Before and after' }).waitFor({ timeout: LONG_MS })
  await toStart(page)
  await work(page)
  for (const [name, act] of views) await shootAll(studio, name, () => act(page))
  await page.getByRole('button', { name: 'Close help' }).click()
  for (const [name, sample, list] of samples)
    await shootAll(studio, name, () => openSample(page, sample, list))
}

/** @param {import('../test/e2e/studio.ts').StartedStudio} studio */
async function shootNothing(studio) {
  const { page } = studio
  await shootAll(studio, 'data-classes', () => openSample(page, 'Clothes from nothing', 'Pictures'))
  await train(page)
  for (const [name, act] of fromNothing) await shootAll(studio, name, () => act(page))
}

async function main() {
  await mkdir(folder, { recursive: true })
  const userData = await mkdtemp(join(tmpdir(), 'diptych-screenshots-'))
  const studio = await startStudio({ userData })
  const { page } = studio
  page.setDefaultTimeout(60_000)
  await page
    .getByRole('button', { name: /^Try on / })
    .first()
    .waitFor()
  if (part !== 'nothing') await shootPairs(studio)
  if (part !== 'pairs') await shootNothing(studio)
  await studio.close()
  await rm(userData, { recursive: true, force: true })
}

await main()
