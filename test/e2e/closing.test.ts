import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  chromiumSwitches,
  findRuntime,
  isRunning,
  projectRoot,
  replyTo,
  startStudio,
  until,
  type StartedStudio,
} from './studio.ts'

type Handle = { id: string; name: string }
type Run = { state: string; step: number }

const training = {
  recipe: 'pix2pix',
  options: {
    netG: 'unet_32',
    ngf: 8,
    ndf: 8,
    nLayersD: 1,
    loadSizePx: 32,
    cropSizePx: 32,
    steps: 20_000,
    sampleEvery: 5000,
    checkpointEvery: 5000,
  },
}

let studio: StartedStudio
let project: Handle

const runs = async (): Promise<Run[]> => (await replyTo(studio.page, 'run:list', { project })) as Run[]
const isVisible = () =>
  studio.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.isVisible() ?? false)
const pressClose = () => studio.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close())
const hasEnded = () => !isRunning(studio.mainProcessId)

beforeEach(async () => {
  studio = await startStudio()
  project = (await replyTo(studio.page, 'folder:forProject', { name: 'Closing' })) as Handle
  await replyTo(studio.page, 'project:create', {
    folder: project,
    name: 'Closing',
    sample: 'map-to-satellite',
  })
  await replyTo(studio.page, 'run:start', { project, training })
  await until('a few steps', async () => ((await runs())[0]?.step ?? 0) > 3, 60_000)
})
afterEach(() => studio.close())

/** The state of the run on disk, read by another start of the app. */
async function stateAfterwards(): Promise<Run | undefined> {
  const { userData } = studio
  studio = await startStudio({ open: join(userData, 'projects', 'Closing'), userData })
  const { firstProject } = (await replyTo(studio.page, 'app:info', {})) as { firstProject: Handle }
  project = firstProject
  return (await runs())[0]
}

describe('closing while a training runs', () => {
  it('asks; cancelling changes nothing; keeping it running hides the window, and a second start brings it back', async () => {
    await pressClose()
    const question = studio.page.getByRole('alertdialog')
    await question.waitFor()
    await question.getByRole('button', { name: 'Cancel' }).click()
    await question.waitFor({ state: 'detached' })
    expect(await isVisible()).toBe(true)

    await pressClose()
    await question.getByRole('button', { name: /^Keep running/ }).click()
    await until('the window is hidden', async () => !(await isVisible()))
    const { step } = (await runs())[0] as Run
    await until('it trains on', async () => ((await runs())[0]?.step ?? 0) > step)

    const { electron } = findRuntime()
    const second = spawn(electron, [...chromiumSwitches(), projectRoot], {
      env: { ...process.env, DIPTYCH_USER_DATA: studio.userData },
      stdio: 'ignore',
    })
    await new Promise((resolve) => second.once('exit', resolve))
    await until('the window is back', isVisible)
  })

  it('leaves a run from which it can go on, when it pauses', async () => {
    await pressClose()
    // On a busy machine the window is gone before the driver has heard that its button was pressed.
    await studio.page
      .getByRole('button', { name: 'Pause and close' })
      .click()
      .catch((error: unknown) => {
        if (!String(error).includes('closed')) throw error
      })
    await until('the app has ended', hasEnded, 60_000)
    const run = await stateAfterwards()
    expect(run?.step).toBeGreaterThan(3)
    const resumed = await replyTo(studio.page, 'run:resume', { project, run: 'run-001' })
    expect(resumed).toMatchObject({ run: 'run-001' })
  })

  it('asks nothing on SIGTERM, and leaves the same', async () => {
    process.kill(studio.mainProcessId, 'SIGTERM')
    await until('the app has ended', hasEnded, 60_000)
    const run = await stateAfterwards()
    expect(run?.state).toBe('stopped')
    expect(run?.step).toBeGreaterThan(3)
  })
})
