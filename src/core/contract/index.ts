import { z } from 'zod'
import { refusalSchema } from '../errors.ts'
import { fileHandle, fileOnDisk } from '../files.ts'
import { createJobEvents } from './engineEvents.ts'
import { createEngineRequests } from './engineRequests.ts'
import { createViews } from './views.ts'
import { windowEvents, windowRequests } from './windowRequests.ts'

/** The contract between main (or the command line) and the engine: files are paths. */
export const engineContract = createEngineRequests(fileOnDisk)
export const engineJobEvent = createJobEvents(fileOnDisk)
export const engineViews = createViews(fileOnDisk)

/** The same contract between window and main: files are opaque handles; plus what only main can do. */
export const forwardedContract = createEngineRequests(fileHandle)
export const windowContract = { ...forwardedContract, ...windowRequests } as const
export const windowEvent = z.union([createJobEvents(fileHandle), windowEvents])
export const windowViews = createViews(fileHandle)

export type EngineRequestName = keyof typeof engineContract
export type EngineRequest<Name extends EngineRequestName> = z.infer<(typeof engineContract)[Name]['request']>
export type EngineReply<Name extends EngineRequestName> = z.infer<(typeof engineContract)[Name]['reply']>
export type EngineJobEvent = z.infer<typeof engineJobEvent>
export type EngineViews = { [K in keyof typeof engineViews]: z.infer<(typeof engineViews)[K]> }

export type WindowRequestName = keyof typeof windowContract
export type WindowRequest<Name extends WindowRequestName> = z.infer<(typeof windowContract)[Name]['request']>
export type WindowReply<Name extends WindowRequestName> = z.infer<(typeof windowContract)[Name]['reply']>
export type WindowEvent = z.infer<typeof windowEvent>
export type WindowViews = { [K in keyof typeof windowViews]: z.infer<(typeof windowViews)[K]> }

/** Every answer, over every wire: a reply or a refusal, never a rejected promise with a lost reason. */
export const answerSchema = z.discriminatedUnion('ok', [
  z.strictObject({ ok: z.literal(true), reply: z.unknown() }),
  z.strictObject({ ok: z.literal(false), refusal: refusalSchema }),
])
export type Answer = z.infer<typeof answerSchema>

/** Messages between main and an engine process, over the child's own IPC channel (JSON, parsed at both ends). */
export const toEngine = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('request'),
    id: z.number().int(),
    name: z.string(),
    request: z.unknown(),
  }),
  z.strictObject({ kind: z.literal('ping'), sent: z.number() }),
  z.strictObject({ kind: z.literal('shutdown') }),
])
export const fromEngine = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('answer'), id: z.number().int(), answer: answerSchema }),
  z.strictObject({ kind: z.literal('event'), event: engineJobEvent }),
  z.strictObject({ kind: z.literal('pong'), sent: z.number(), busy: z.boolean() }),
  z.strictObject({ kind: z.literal('ready'), processId: z.number().int() }),
])
