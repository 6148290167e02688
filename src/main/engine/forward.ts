import {
  forwardedContract,
  windowEvent,
  type Answer,
  type EngineJobEvent,
  type EngineRequestName,
  type WindowEvent,
} from '../../core/contract/index.ts'
import { fileHandle, fileOnDisk, mapFiles, type FileHandle, type FileOnDisk } from '../../core/files.ts'
import type { Grants } from '../grants.ts'

const isHandle = (value: object) => fileHandle.safeParse(value).success
const isOnDisk = (value: object) => fileOnDisk.safeParse(value).success

/** A request of the window, its handles replaced by the paths that were granted. @throws Refused `file-unknown` */
export function toPaths(grants: Grants, request: unknown): unknown {
  return mapFiles(request, isHandle, ({ id }: FileHandle): FileOnDisk => ({ path: grants.pathOf(id) }))
}

function toHandles(grants: Grants, value: unknown): unknown {
  return mapFiles(value, isOnDisk, ({ path }: FileOnDisk) => grants.grant(path))
}

/** The engine's answer as the window may see it: every path is a handle, and the reply has the shape the contract says. */
export function forWindow(grants: Grants, name: EngineRequestName, answer: Answer): Answer {
  if (!answer.ok) return answer
  return { ok: true, reply: forwardedContract[name].reply.parse(toHandles(grants, answer.reply)) }
}

/** A job's event as the window may see it. */
export function eventForWindow(grants: Grants, event: EngineJobEvent): WindowEvent {
  return windowEvent.parse(toHandles(grants, event))
}
