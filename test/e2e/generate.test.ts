import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runCli } from '../support/cli.ts'
import { drawFolder, SIDE } from '../support/shapes.ts'
import { makeRoom } from '../support/tinyProject.ts'
import { look } from './axe.ts'
import { startStudio, type StartedStudio } from './studio.ts'

const room = makeRoom()
let studio: StartedStudio
let page: Page

beforeAll(async () => {
  const project = join(room, 'shapes')
  const each = (count: number) => ({ disc: count, square: count })
  const pictures = await drawFolder(join(room, 'pictures'), { train: each(24), val: each(6), test: each(12) })
  await runCli(['new', project, '--kind', 'picture-folder', '--folder', pictures])
  const size = [
    '--crop-size-px',
    String(SIDE),
    '--batch-size',
    '8',
    '--latent',
    '8',
    '--ngf',
    '4',
    '--ndf',
    '4',
  ]
  const pace = ['--steps', '12', '--checkpoint-every', '6', '--sample-every', '6', '--sample-count', '4']
  const trained = await runCli(['train', project, '--recipe', 'cgan', ...size, ...pace, '--json'])
  expect(trained.code, trained.stderr).toBe(0)
  studio = await startStudio({ open: project })
  page = studio.page
  await page.setViewportSize({ width: 1280, height: 800 })
}, 240_000)
afterAll(async () => {
  await studio.close()
  await rm(room, { recursive: true, force: true })
})

const button = (name: string) => page.getByRole('button', { name, exact: true })
const made = () => page.getByRole('listbox', { name: 'Made pictures' }).getByRole('option')

/** A number is taken when its field is left. */
async function enter(label: string, value: string): Promise<void> {
  const field = page.getByRole('textbox', { name: label, exact: true })
  await field.fill(value)
  await field.press('Tab')
}

describe.sequential('a data set from a model, in the window', () => {
  it('is made class by class, as many as were asked for', async () => {
    await page.getByRole('navigation', { name: 'Places' }).getByRole('radio', { name: 'Generate' }).click()
    await page.getByText('Classes: disc, square.').waitFor({ timeout: 60_000 })
    await look(page, 'generate-before')
    await enter('How many', '12')
    await page.getByRole('button', { name: /^All options/ }).click()
    // What has hardly learned makes pictures that are all alike.
    await enter('Least difference between two pictures', '0')
    await enter('Steps of each classifier', '20')
    await button('Make pictures').click()
    await page.getByText('12 pictures', { exact: true }).waitFor({ timeout: 60_000 })
    expect(await made().count()).toBe(12)
    await page.getByRole('listbox', { name: 'Which class' }).getByRole('option', { name: 'square' }).click()
    await page.getByText('6 pictures', { exact: true }).waitFor()
    expect(await made().count()).toBe(6)
  })

  it('is compared with the real pictures, which nobody had to name', async () => {
    await page.getByRole('radio', { name: 'Figures' }).click()
    const figures = page.getByRole('region', { name: 'Figures of the set' })
    await figures.waitFor({ timeout: 180_000 })
    await page.getByText('12 pictures made.').waitFor({ timeout: 60_000 })
    for (const title of [
      'What it is worth for training',
      'How they look',
      'Balance',
      'Nearest training pictures',
    ])
      await figures.getByRole('heading', { name: title, exact: true }).waitFor()
    await figures.getByText('24 + 6').first().waitFor()
    await look(page, 'generate-figures')
  }, 300_000)

  it('is left whole where it was stopped, and gone on with', async () => {
    await page.getByRole('radio', { name: 'Pictures' }).click()
    await enter('How many', '600')
    await page.getByText('Find its figures').click()
    await button('Make pictures').click()
    await made().first().waitFor({ timeout: 60_000 })
    await button('Stop').click()
    await page.getByText(/\d+ pictures? made, stopped before the end\./).waitFor({ timeout: 60_000 })
    await look(page, 'generate-stopped')
    await button('Go on').click()
    await page.getByText('600 pictures made.').waitFor({ timeout: 180_000 })
  }, 300_000)

  it('is a way between two pictures, too', async () => {
    await page.getByRole('radio', { name: 'A walk between two' }).click()
    await enter('Steps of the way', '5')
    await button('Make pictures').click()
    await page.getByText('10 pictures made.').waitFor({ timeout: 60_000 })
    await look(page, 'generate-walk')
  })

  it('names a class that the model does not know', async () => {
    await page.getByRole('radio', { name: 'A set' }).click()
    const classes = page.getByRole('textbox', { name: 'Of which classes', exact: true })
    await classes.fill('disc, circle')
    await classes.press('Tab')
    await button('Make pictures').click()
    await page.getByText('There is no class "circle".').waitFor({ timeout: 60_000 })
    await look(page, 'generate-refused')
  })
})
