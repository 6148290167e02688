import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { seriousFindings } from './axe.ts'
import { measureClicks } from './clicks.ts'
import { replyTo, startStudio, until, type StartedStudio } from './studio.ts'

type Handle = { id: string; name: string }
type Recent = { folder: Handle }[]

/** Small enough that the whole job takes a minute on two cores; everything else is the sample's own. */
const STEPS = 80
const training = {
  recipe: 'pix2pix',
  options: {
    netG: 'unet_128',
    ngf: 16,
    ndf: 16,
    loadSizePx: 128,
    cropSizePx: 128,
    sampleEvery: 10,
    checkpointEvery: 10,
  },
}

let studio: StartedStudio
let page: Page
let exported: string

beforeAll(async () => {
  exported = await mkdtemp(join(tmpdir(), 'diptych-exported-'))
  studio = await startStudio()
  page = studio.page
  // The system's own dialogs cannot be driven: they answer with what a person would have chosen.
  await studio.app.evaluate(({ dialog }, folder) => {
    dialog.showOpenDialog = () => Promise.resolve({ canceled: false, filePaths: [folder] })
  }, exported)
})
afterAll(async () => {
  await studio.close()
  await rm(exported, { recursive: true, force: true })
})

const place = (name: string) => page.getByRole('navigation', { name: 'Places' }).getByRole('radio', { name })
const button = (name: string | RegExp) => page.getByRole('button', { name, exact: typeof name === 'string' })
const currentStep = async (project: Handle): Promise<number> => {
  const runs = (await replyTo(page, 'run:list', { project })) as { step: number }[]
  return runs[0]?.step ?? 0
}

describe('the main job, in the window', () => {
  let project: Handle

  it('opens the sample and shows its pairs', async () => {
    await button('Open the sample').click()
    await place('Data').waitFor()
    await page.locator('img').first().waitFor()
    const recent = (await replyTo(page, 'recent:list', {})) as Recent
    project = recent[0]?.folder as Handle
    await replyTo(page, 'project:setTraining', { project, training })
    await page.reload()
    await button(/Map to satellite/)
      .first()
      .click()
    await place('Train').click()
  })

  it('trains, and a click is answered at once meanwhile', async () => {
    const steps = page.getByLabel('How long').first()
    await steps.fill(String(STEPS))
    await steps.press('Tab')
    await button('Start training').click()
    await until('the first steps', async () => (await currentStep(project)) >= 10, 120_000)
    await page.getByRole('region', { name: 'Losses' }).waitFor()
    const clicks = await measureClicks(page, button('Guide').first(), 40)
    expect(clicks.p95Ms).toBeLessThan(100)
  })

  it('survives the death of the engine, resumes, and its losses have fallen', async () => {
    const { processId } = (await replyTo(page, 'engine:status', {})) as { processId: number }
    process.kill(processId, 'SIGKILL')
    const resume = button('Resume')
    await resume.first().waitFor({ timeout: 60_000 })
    await until('the engine is ready again', async () => {
      const status = (await replyTo(page, 'engine:status', {})) as { state: string }
      return status.state === 'ready'
    })
    await resume.first().click()
    await button('Use this model').waitFor({ timeout: 180_000 })
    expect(await seriousFindings(page)).toEqual([])
    const runs = (await replyTo(page, 'run:list', { project })) as { state: string; step: number }[]
    expect(runs).toMatchObject([{ state: 'done', step: STEPS }])
    const { metrics } = (await replyTo(page, 'run:get', { project, run: 'run-001' })) as {
      metrics: { losses: { G_L1: number } }[]
    }
    const mean = (points: typeof metrics) =>
      points.reduce((sum, { losses }) => sum + losses.G_L1, 0) / points.length
    expect(mean(metrics.slice(-20))).toBeLessThan(0.9 * mean(metrics.slice(0, 20)))
  })

  it('translates with the new model, slides, and exports', async () => {
    const picture = join(studio.userData, 'projects', 'Map to satellite', 'A', 'test')
    const first = (await readdir(picture)).sort()[0] ?? ''
    await button('Use this model').click()
    await studio.app.evaluate(
      ({ dialog }, path) => {
        dialog.showOpenDialog = () => Promise.resolve({ canceled: false, filePaths: [path] })
      },
      join(picture, first),
    )
    await button('Choose pictures').click()
    await button('Translate').click()
    const slider = page.getByRole('slider', { name: 'Before and after' })
    await slider.waitFor({ timeout: 60_000 })
    const before = Number(await slider.getAttribute('aria-valuenow'))
    expect(await seriousFindings(page)).toEqual([])
    await slider.focus()
    await slider.press('ArrowLeft')
    expect(Number(await slider.getAttribute('aria-valuenow'))).toBeLessThan(before)
    await studio.app.evaluate(({ dialog }, folder) => {
      dialog.showOpenDialog = () => Promise.resolve({ canceled: false, filePaths: [folder] })
    }, exported)
    await button('Export').click()
    await page.getByText('written to').waitFor({ timeout: 30_000 })
    expect((await readdir(exported)).length).toBeGreaterThan(0)
  })

  it('never broke the policy of its page', () => {
    expect(studio.complaints.filter((text) => text.includes('Content Security Policy'))).toEqual([])
  })
})
