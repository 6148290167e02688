import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { look, seriousFindings } from './axe.ts'
import { projectRoot, replyTo, startStudio, until, type StartedStudio } from './studio.ts'

type Handle = { id: string; name: string }
type RunView = {
  checkpoints: { step: number }[]
  evaluations: { step: number; split: string; measurements: { metric: string; value: number | null }[] }[]
  modelStep: number | null
}

const PICTURES = 40
/** Small enough that training takes half a minute on two cores; what is learned is measured elsewhere. */
const STEPS = 40
const quick = { ngf: 8, batchSize: 2, sampleEvery: 10, checkpointEvery: 10, netG: 'residual_4blocks' }

let studio: StartedStudio
let page: Page
let folder: string
let photographs: string
let restored: string

/** Forty photographs in one folder, as a person has them: not dealt into parts. Small ones: two cores restore them. */
async function gather(target: string): Promise<void> {
  await mkdir(target)
  const samples = join(projectRoot, 'resources', 'samples', 'photographs', 'photographs')
  const paths = (await readdir(samples, { recursive: true })).filter((name) => name.endsWith('.webp')).sort()
  for (const [index, name] of paths.slice(0, PICTURES).entries())
    await sharp(join(samples, name))
      .resize(480, 480, { fit: 'inside' })
      .toFile(join(target, `photograph ${index + 1}.webp`))
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'diptych-restore-'))
  photographs = join(folder, 'photographs')
  restored = join(folder, 'restored')
  await gather(photographs)
  studio = await startStudio()
  page = studio.page
})
afterAll(async () => {
  await studio.close()
  await rm(folder, { recursive: true, force: true })
})

const place = (name: string) => page.getByRole('navigation', { name: 'Places' }).getByRole('radio', { name })
const button = (name: string | RegExp) => page.getByRole('button', { name, exact: typeof name === 'string' })

/** The system's own dialogs cannot be driven: they answer with what a person would have chosen. */
function answerDialogs(path: string): Promise<void> {
  return studio.app.evaluate(({ dialog }, chosen) => {
    dialog.showOpenDialog = () => Promise.resolve({ canceled: false, filePaths: [chosen] })
  }, path)
}

describe('from one folder of photographs to restored ones, in the window', () => {
  let project: Handle
  const readRun = async () => (await replyTo(page, 'run:get', { project, run: 'run-001' })) as RunView

  it('makes a project from one folder', async () => {
    await answerDialogs(photographs)
    await page.getByText('One folder is enough').click()
    await page.getByText('Restore old photos').click()
    await button(/^Folder of good photographs/).click()
    expect(await seriousFindings(page)).toEqual([])
    await button('Create the project').click()
    await page.getByRole('option').first().waitFor()
    await page.getByText(`${PICTURES} pictures`, { exact: true }).waitFor()
    const recent = (await replyTo(page, 'recent:list', {})) as { folder: Handle; name: string }[]
    expect(recent[0]?.name).toBe('Restore old photos: photographs')
    project = recent[0]?.folder as Handle
  })

  it('shows what the model will be given beside what it should make of it', async () => {
    await page
      .getByRole('listbox', { name: 'Spoiled copies and originals' })
      .getByRole('option')
      .first()
      .click()
    await button('See it large').click()
    const shown = page.getByRole('img', { name: /^(A, spoiled|B, the original)/ })
    await until('both pictures are there', async () => (await shown.count()) === 2)
    const addresses = await shown.evaluateAll((images) =>
      images.map((image) => (image as HTMLImageElement).src),
    )
    expect(addresses.filter((address) => address.includes('derivation'))).toHaveLength(1)
    expect(await seriousFindings(page)).toEqual([])
  })

  it('trains a model, with the settings that the preset brought', async () => {
    const { project: file } = (await replyTo(page, 'project:open', { folder: project })) as {
      project: { training: { recipe: string; options: Record<string, unknown> } }
    }
    expect(file.training.recipe).toBe('restore')
    const options = { ...file.training.options, ...quick }
    await replyTo(page, 'project:setTraining', { project, training: { recipe: 'restore', options } })
    await page.reload()
    await button(/Restore old photos/)
      .first()
      .click()
    await place('Train').click()
    for (const [label, value] of [
      ['How long', STEPS],
      ['How large', 64],
    ] as const) {
      await page.getByLabel(label).first().fill(String(value))
      await page.getByLabel(label).first().press('Tab')
    }
    await button('Start training').click()
    await button('Use this model').waitFor({ timeout: 120_000 })
    expect((await readRun()).checkpoints.length).toBeGreaterThan(1)
  })

  it('scores the saved states on the same pictures, and sorts them', async () => {
    await place('Compare').click()
    await button('Score the saved states').click()
    await button('Score again').waitFor({ timeout: 120_000 })
    const { checkpoints, evaluations } = await readRun()
    expect(evaluations.filter(({ split }) => split === 'val')).toHaveLength(checkpoints.length)
    await button(/^Sort by Structure,/).click()
    const ssim = (row: RunView['evaluations'][number]) =>
      row.measurements.find(({ metric }) => metric === 'ssim')?.value ?? 0
    const best = [...evaluations].sort((one, other) => ssim(other) - ssim(one))[0]
    const first = page.getByRole('region', { name: 'Saved states and scores' }).getByRole('rowheader').first()
    expect(await first.textContent()).toContain(`Step ${best?.step ?? 0}`)
    await look(page, 'compare-scored')
  })

  it('compares two states by eye and picks the one that is not in use', async () => {
    const { checkpoints, modelStep } = await readRun()
    const other = checkpoints.find(({ step }) => step !== modelStep)?.step ?? 0
    await page.getByRole('radio', { name: `Step ${modelStep ?? 0} on the left` }).check()
    await page.getByRole('radio', { name: `Step ${other} on the right` }).check()
    await page.getByRole('img', { name: new RegExp(`^Step ${other}`) }).waitFor()
    await page.getByRole('slider', { name: 'Before and after' }).waitFor()
    await button('Pick this one').click()
    await page.getByText('Translating uses this state.').waitFor()
    expect((await readRun()).modelStep).toBe(other)
  })

  it('restores a folder with the picked state', async () => {
    const { modelStep } = await readRun()
    await place('Translate').click()
    await page.getByText(`${modelStep ?? 0} steps on`).waitFor()
    await answerDialogs(restored)
    await button('Choose a folder').last().click()
    await page.getByText('Written to restored').waitFor()
    await answerDialogs(photographs)
    await button('Choose a folder').first().click()
    await button('Translate').click()
    await page.getByText(`${PICTURES} pictures translated.`).waitFor({ timeout: 180_000 })
    const written = (await readdir(restored, { recursive: true })).filter((name) => name.endsWith('.webp'))
    expect(written).toHaveLength(PICTURES)
    expect(await seriousFindings(page)).toEqual([])
  })

  it('never broke the policy of its page', () => {
    expect(studio.complaints.filter((text) => text.includes('Content Security Policy'))).toEqual([])
  })
})
