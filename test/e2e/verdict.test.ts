import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { randomUniform } from '../../src/core/random.ts'
import { runCli } from '../support/cli.ts'
import { look } from './axe.ts'
import { startStudio, type StartedStudio } from './studio.ts'

const SIDE = 32
let studio: StartedStudio
let page: Page
let folder: string

async function writePair(split: string, index: number): Promise<void> {
  const data = Uint8Array.from({ length: SIDE * SIDE * 3 }, (_, at) =>
    Math.floor(255 * randomUniform(3, index, Math.floor(at / 48))),
  )
  for (const [side, samples] of Object.entries({ A: data, B: data.map((value) => 255 - value) })) {
    await mkdir(join(folder, side, split), { recursive: true })
    const raw = { width: SIDE, height: SIDE, channels: 3 } as const
    await writeFile(join(folder, side, split, `${index}.png`), await sharp(samples, { raw }).png().toBuffer())
  }
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'diptych-verdict-'))
  // No test pictures: the validation pictures have to stand in.
  for (let index = 0; index < 10; index += 1) await writePair(index < 6 ? 'train' : 'val', index)
  const project = join(folder, 'project')
  await runCli(['new', project, '--a', join(folder, 'A'), '--b', join(folder, 'B'), '--test-share', '0'])
  const size = ['--net-g', 'unet_32', '--crop-size-px', '32', '--ngf', '4', '--ndf', '4', '--n-layers-d', '2']
  const pace = ['--steps', '12', '--checkpoint-every', '6', '--sample-every', '6', '--sample-count', '2']
  const trained = await runCli(['train', project, '--recipe', 'pix2pix', ...size, ...pace, '--json'])
  expect(trained.code, trained.stderr).toBe(0)
  studio = await startStudio({ open: project })
  page = studio.page
}, 240_000)
afterAll(async () => {
  await studio.close()
  await rm(folder, { recursive: true, force: true })
})

const button = (name: string) => page.getByRole('button', { name, exact: true })

/** The system's own dialogs cannot be driven: pictures are asked for first, then the folder of what they were made of. */
function answerDialogs(picture: string, beside: string): Promise<void> {
  return studio.app.evaluate(
    ({ dialog }, [file, directory]) => {
      dialog.showOpenDialog = ((_: unknown, { properties }: { properties: string[] }) =>
        Promise.resolve({
          canceled: false,
          filePaths: [properties.includes('openDirectory') ? directory : file],
        })) as unknown as typeof dialog.showOpenDialog
    },
    [picture, beside] as const,
  )
}

describe.sequential('the judge of a run, in the window', () => {
  it('says that there are no test pictures, and takes the validation pictures then', async () => {
    await page.getByRole('navigation', { name: 'Places' }).getByRole('radio', { name: 'Train' }).click()
    await page.getByRole('option', { name: /run-001/ }).click()
    await button('Ask the judge').click()
    await button('Use the validation pictures').click({ timeout: 120_000 })
    await page.getByRole('img', { name: /^How scores lie from 0/ }).waitFor({ timeout: 120_000 })
    await page.getByText('Mean of 4 made ones').waitFor()
    await look(page, 'verdict-measured')
  })

  it('draws the losses anew in the colours of the theme that the system changes to', async () => {
    const drawn = () =>
      page.locator('.loss-chart canvas').evaluate((canvas) => (canvas as HTMLCanvasElement).toDataURL())
    await page.emulateMedia({ colorScheme: 'light' })
    const light = await drawn()
    await page.emulateMedia({ colorScheme: 'dark' })
    await expect.poll(drawn).not.toBe(light)
  })

  it('says of a chosen picture how real it looks, and where', async () => {
    await answerDialogs(join(folder, 'B', 'val', '7.png'), join(folder, 'A', 'val'))
    await button('Ask about pictures').click()
    await page.getByRole('img', { name: '7.png as the judge saw it' }).waitFor({ timeout: 120_000 })
    await page.getByRole('img', { name: /^Where it looks real/ }).waitFor()
    await page.getByText(/looks (real|made)\. 6 × 6 patches/).waitFor()
    await look(page, 'verdict-asked')
    await page.getByRole('radio', { name: 'Picture', exact: true }).click()
    expect(await page.getByRole('img', { name: /^Where it looks real/ }).count()).toBe(0)
  })

  it('names what it lacks: a picture without its partner', async () => {
    await answerDialogs(join(folder, 'B', 'val', '7.png'), join(folder, 'A', 'train'))
    await button('Ask about pictures').click()
    await page.getByText(/7\.png has no picture of the same name/).waitFor({ timeout: 120_000 })
    await look(page, 'verdict-refused')
  })
})
