import { z } from 'zod'
import { fileHandle } from '../files.ts'

/** What only main can do: dialogs, settings, recent projects, the life of the engine. Files are handles here, always. */
export const settings = z.strictObject({
  theme: z.enum(['system', 'light', 'dark']),
  panels: z.record(z.string(), z.number()),
})
export type Settings = z.infer<typeof settings>

export const engineStatus = z.strictObject({
  state: z.enum(['starting', 'ready', 'crashed', 'restarting', 'gave-up', 'stopped']),
  message: z.string(),
  remedy: z.string(),
  restarts: z.number().int(),
  processId: z.number().int().nullable(),
})
export type EngineStatus = z.infer<typeof engineStatus>

const nothing = z.strictObject({})

export const windowRequests = {
  'app:info': {
    request: nothing,
    reply: z.strictObject({
      version: z.string(),
      electron: z.string(),
      endOfLifeRuntime: z.boolean(),
      platform: z.string(),
      firstProject: fileHandle.nullable(),
    }),
  },
  'app:settings': { request: nothing, reply: settings },
  'app:saveSettings': { request: settings, reply: nothing },
  'app:guide': { request: nothing, reply: z.strictObject({ markdown: z.string() }) },
  'app:answerClose': {
    request: z.strictObject({ answer: z.enum(['keep-running', 'pause', 'stop', 'cancel']) }),
    reply: nothing,
  },
  'engine:status': { request: nothing, reply: engineStatus },
  'engine:restart': { request: nothing, reply: nothing },
  'dialog:chooseFolder': {
    request: z.strictObject({
      purpose: z.enum(['open-project', 'new-project', 'dataset', 'output', 'input']),
    }),
    reply: fileHandle.nullable(),
  },
  'dialog:choosePictures': { request: nothing, reply: z.array(fileHandle) },
  /** A fresh folder of ours for results that nobody has asked to keep yet. */
  'folder:scratch': { request: nothing, reply: fileHandle },
  /** A folder for a new project with this name, beside the other projects of this person. */
  'folder:forProject': { request: z.strictObject({ name: z.string().min(1).max(200) }), reply: fileHandle },
  'folder:show': { request: z.strictObject({ file: fileHandle }), reply: nothing },
  'recent:list': {
    request: nothing,
    reply: z.array(
      z.strictObject({
        folder: fileHandle,
        name: z.string(),
        cover: fileHandle.nullable(),
        missing: z.boolean(),
      }),
    ),
  },
  'recent:forget': { request: z.strictObject({ folder: fileHandle }), reply: nothing },
} as const

/** What main tells the window beside the jobs' own events. */
export const windowEvents = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('engine'), status: engineStatus }),
  z.strictObject({ kind: z.literal('close-asked'), running: z.number().int() }),
  z.strictObject({ kind: z.literal('menu'), command: z.enum(['start', 'guide', 'shortcuts']) }),
  /** A project chosen outside the page: in the menu, or named by a second start of the app. */
  z.strictObject({ kind: z.literal('open-project'), folder: fileHandle }),
])
