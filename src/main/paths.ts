import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { app } from 'electron'
import { z } from 'zod'
import { refuse } from '../core/errors.ts'

/** The project's folder: out/main/index.js lies two levels below it, in a clone and in a packaged app alike. */
export const rootFolder = join(import.meta.dirname, '..', '..')

const setupModule = z.object({ readSetup: z.function({ input: [z.string()], output: z.unknown() }) })
const setupFound = z.object({ node24: z.string().nullable() })

/**
 * The plain Node that runs the engine: named by the environment, carried by a packaged app, or made by set-up.
 * @throws Refused `engine-node-missing`
 */
export async function findEngineNode(): Promise<string> {
  const named = process.env.DIPTYCH_NODE24
  if (named) return named
  if (app.isPackaged) return join(process.resourcesPath, process.platform === 'win32' ? 'node.exe' : 'node')
  const script = join(rootFolder, 'scripts', 'setup', 'index.mjs')
  const { node24 } = existsSync(script) ? await askSetup(script) : { node24: null }
  if (node24 !== null) return node24
  throw refuse(
    'engine-node-missing',
    'The Node that the engine runs on was not found.',
    'Run "npm start" once.',
  )
}

async function askSetup(script: string): Promise<z.infer<typeof setupFound>> {
  // Set-up is no part of the bundle: it is found beside the app, where there is one.
  // eslint-disable-next-line no-restricted-syntax -- a path that is known at run time only
  const { readSetup } = setupModule.parse(await import(/* @vite-ignore */ pathToFileURL(script).href))
  return setupFound.parse(readSetup('studio'))
}

export const rendererFolder = join(rootFolder, 'out', 'renderer')

export const engineScript = join(rootFolder, 'src', 'engine', 'server', 'index.ts')

/** The folder of projects of this person; tests keep theirs beside their settings. */
export function projectsFolder(): string {
  const own = process.env.DIPTYCH_USER_DATA
  return own ? join(own, 'projects') : join(app.getPath('documents'), 'Diptych')
}

/** The project named when the app was started: by the environment, or on the command line. */
export function projectFromStart(argv: readonly string[]): string | null {
  const named = argv.slice(1).filter((argument) => !argument.startsWith('-'))
  const folder = app.isPackaged ? named[0] : named[1]
  return folder ?? null
}
