import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createProject, setTraining } from '../../src/engine/storage/project.ts'
import { makePairs, makeRoom } from '../support/tinyProject.ts'
import { look } from './axe.ts'
import { startStudio, type StartedStudio } from './studio.ts'

const quick = {
  ...{ netG: 'unet_32', ngf: 4, ndf: 4, nLayersD: 2, cropSizePx: 32, loadSizePx: 34 },
  ...{ steps: 600, sampleEvery: 200, sampleCount: 2 },
}

const room = makeRoom()
let studio: StartedStudio
let page: Page

beforeAll(async () => {
  const { a, b } = await makePairs(room)
  const project = join(room, 'project')
  const dataset = { kind: 'paired-folders' as const, options: { a, b } }
  await createProject(project, { name: 'Settings', sample: null, dataset })
  await setTraining(project, { recipe: 'pix2pix', options: quick })
  studio = await startStudio({ open: project })
  page = studio.page
  await page.setViewportSize({ width: 1280, height: 800 })
})
afterAll(async () => {
  await studio.close()
  await rm(room, { recursive: true, force: true })
})

const place = (name: string) => page.getByRole('navigation', { name: 'Places' }).getByRole('radio', { name })
const button = (name: string | RegExp) => page.getByRole('button', { name, exact: typeof name === 'string' })
const table = () => page.getByRole('region', { name: 'The settings of sweep-001' })

describe.sequential('several settings, in the window', () => {
  it('are chosen, counted and refused in words before anything runs', async () => {
    await place('Train').click()
    await button('Try several settings').click()
    await button('Choose an option to vary').click()
    const values = page.getByLabel('Values of Learning rate, separated by commas')
    expect(await values.inputValue()).toBe('0.0001, 0.0002, 0.0004')
    await values.fill('0.002, many')
    await page.getByText('Learning rate cannot take "many".').waitFor()
    await button(/^Choose the data|^Try \d/).waitFor({ state: 'detached' })
    await look(page, 'sweep-refused')

    await values.fill('0.002, 1e-7')
    await button('Vary another option').click()
    await page.getByLabel('Values of Generator width, separated by commas').fill('4, 8')
    await page.getByText('4 runs to step 300, the best 2 to 600: 1,800 steps in all.').waitFor()
    await button('Measure how long it takes').click()
    await page.getByText('To the end', { exact: true }).waitFor({ timeout: 120_000 })
    await button('Try 4 settings').scrollIntoViewIfNeeded()
    await look(page, 'sweep-planned')
  })

  it('are tried while their table fills, stopped, and gone on with', async () => {
    await button('Try 4 settings').click()
    await table().getByText('Training', { exact: true }).waitFor({ timeout: 60_000 })
    await table().getByText('Still in').first().waitFor({ timeout: 60_000 })
    await look(page, 'sweep-running')
    await button('Stop').click()
    await button('Resume').waitFor({ timeout: 60_000 })
    await look(page, 'sweep-stopped')
    await button('Resume').click()
    await table().getByText('The best').waitFor({ timeout: 120_000 })
    const out = table().getByText('Out at step 300')
    expect(await out.count()).toBe(2)
    await look(page, 'sweep-done')
  })

  it('open the run of any of them, and give the best ones to a new run', async () => {
    const first = table().getByRole('row').nth(1)
    await first.getByRole('button', { name: /^Open run-/ }).click()
    await button('Use this model').waitFor()
    await look(page, 'sweep-run')
    await page.getByRole('listbox', { name: 'Several settings' }).getByRole('option').click()
    await first.getByRole('button', { name: /^Use these settings/ }).click()
    await button('Start training').waitFor()
    await button(/All options/).click()
    const rate = page.getByRole('textbox', { name: 'Learning rate', exact: true })
    expect(await rate.inputValue()).toBe('0.002')
    expect(studio.complaints).toEqual([])
  })
})
