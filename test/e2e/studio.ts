import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { _electron, type ElectronApplication, type Page } from 'playwright'
import { readSetup } from '../../scripts/setup/index.mjs'

export const projectRoot = resolve(import.meta.dirname, '../..')

export type StartedStudio = {
  app: ElectronApplication
  page: Page
  userData: string
  /** What the page wrote to its console as errors or warnings, policy violations included. */
  complaints: string[]
  mainProcessId: number
  close(): Promise<void>
}

export type StartOptions = { open?: string; userData?: string; env?: Record<string, string>; args?: string[] }

/** The Electron that set-up found, and the engine's Node. */
export function findRuntime(): { electron: string; node24: string } {
  const setup = process.env.DIPTYCH_ELECTRON ? null : readSetup('studio')
  const electron = process.env.DIPTYCH_ELECTRON ?? setup?.electron?.path
  const node24 = process.env.DIPTYCH_NODE24 ?? setup?.node24 ?? process.execPath
  if (!electron) throw new Error('No Electron was found: run npm start once.')
  if (!existsSync(join(projectRoot, 'out', 'main', 'index.js'))) throw new Error('The app is not built.')
  return { electron, node24 }
}

/**
 * Chromium's sandbox needs another user than root. And no graphics card is looked for: on a virtual display the search
 * fails, slowly, and sometimes takes the start of the app along.
 */
export function chromiumSwitches(): string[] {
  return ['--disable-gpu', ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])]
}

/** Starts the real app with settings of its own, and waits for its window. */
export async function startStudio(options: StartOptions = {}): Promise<StartedStudio> {
  const { electron, node24 } = findRuntime()
  const userData = options.userData ?? (await mkdtemp(join(tmpdir(), 'diptych-e2e-')))
  const app = await _electron.launch({
    executablePath: electron,
    timeout: 60_000,
    args: [...chromiumSwitches(), projectRoot, ...(options.args ?? [])],
    cwd: projectRoot,
    env: {
      ...definedEnvironment(),
      DIPTYCH_USER_DATA: userData,
      DIPTYCH_NODE24: node24,
      ...(options.open ? { DIPTYCH_OPEN: options.open } : {}),
      ...options.env,
    },
  })
  const page = await app.firstWindow()
  const complaints: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(String(error)))
  const mainProcessId = await app.evaluate(() => process.pid)
  return {
    app,
    page,
    userData,
    complaints,
    mainProcessId,
    close: async () => {
      // As a system that shuts down: nothing is asked, everything is left resumable.
      if (isRunning(mainProcessId)) process.kill(mainProcessId, 'SIGTERM')
      await until('main has ended', () => !isRunning(mainProcessId), 90_000)
      if (!options.userData) await rm(userData, { recursive: true, force: true })
    },
  }
}

function definedEnvironment(): Record<string, string> {
  const defined = Object.entries(process.env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  )
  return Object.fromEntries(defined)
}

/** Asks main as a page would, without the page's own code: also what no page of ours would ask. */
export function ask(page: Page, name: string, request: unknown): Promise<unknown> {
  return page.evaluate(([name, request]) => window.studio.ask(name, request), [name, request] as const)
}

/** The reply to a request that must succeed. */
export async function replyTo(page: Page, name: string, request: unknown): Promise<unknown> {
  const answer = (await ask(page, name, request)) as { ok: boolean; reply?: unknown }
  if (!answer.ok) throw new Error(`${name} was refused: ${JSON.stringify(answer)}`)
  return answer.reply
}

/** True while a process of this id exists and is no zombie. */
export function isRunning(processId: number): boolean {
  try {
    process.kill(processId, 0)
  } catch {
    return false
  }
  try {
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${processId}/stat`, 'utf8'))
  } catch {
    return process.platform !== 'linux'
  }
}

/** Waits until a condition holds. @throws Error naming what was waited for */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  limitMs = 30_000,
): Promise<void> {
  const deadline = Date.now() + limitMs
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`Waited in vain for: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
