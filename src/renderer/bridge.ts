import './configureZod.ts'
import { z } from 'zod'
import { answerSchema, windowContract, windowEvent } from '../core/contract/index.ts'
import type { WindowEvent, WindowReply, WindowRequest, WindowRequestName } from '../core/contract/index.ts'
import type { Derivation } from '../core/datasets/derivedPairs.ts'
import type { PictureRegion } from '../core/datasets/report.ts'
import { Refused, refuse } from '../core/errors.ts'
import { fileHandle } from '../core/files.ts'
import type { FileHandle } from '../core/files.ts'

/** What the preload script gives to the window: three doors, all of them parsed on this side too. */
export type StudioBridge = {
  ask(name: string, request: unknown): Promise<unknown>
  on(listener: (event: unknown) => void): () => void
  dropped(files: File[]): Promise<unknown>
}

declare global {
  interface Window {
    studio: StudioBridge
  }
}

function misunderstood(what: string, error: z.ZodError): Refused {
  const issue = error.issues[0]
  const where = issue ? `${issue.path.join('.') || 'its shape'}: ${issue.message}` : 'its shape'
  return refuse(
    'message-malformed',
    `The window received a message it does not understand (${what}, ${where}).`,
    'Restart Diptych. If it happens again, please report this message.',
  )
}

/**
 * Asks main or the engine. Both directions are parsed, so that a view never holds a value of another shape.
 * @throws Refused with what went wrong and what to do now
 */
export async function ask<Name extends WindowRequestName>(
  name: Name,
  request: WindowRequest<Name>,
): Promise<WindowReply<Name>> {
  const answer = answerSchema.safeParse(await window.studio.ask(name, request))
  if (!answer.success) throw misunderstood(name, answer.error)
  if (!answer.data.ok) throw new Refused(answer.data.refusal)
  const reply = windowContract[name].reply.safeParse(answer.data.reply)
  if (!reply.success) throw misunderstood(name, reply.error)
  return reply.data as WindowReply<Name>
}

/** Hands on every event that can be understood, and says so once for each that cannot. Returns how to stop. */
export function listen(
  onEvent: (event: WindowEvent) => void,
  onRefused: (refused: Refused) => void,
): () => void {
  return window.studio.on((raw) => {
    const event = windowEvent.safeParse(raw)
    if (event.success) onEvent(event.data)
    else onRefused(misunderstood('event', event.error))
  })
}

/** Handles for files and folders that were dropped on the window. */
export async function handlesOf(files: readonly File[]): Promise<FileHandle[]> {
  if (files.length === 0) return []
  const handles = z.array(fileHandle).safeParse(await window.studio.dropped([...files]))
  if (!handles.success) throw misunderstood('dropped files', handles.error)
  return handles.data
}

/**
 * The address of a picture for an `img`: 8-bit sRGB, upright, its longer side at most `sidePx`. With a derivation it is a
 * copy spoiled in that way.
 */
export function pictureUrl(
  file: FileHandle,
  sidePx: number,
  region: PictureRegion = 'whole',
  derivation: Derivation | null = null,
): string {
  const spoiled = derivation ? `&derivation=${encodeURIComponent(JSON.stringify(derivation))}` : ''
  return `studio://picture/${file.id}?side=${sidePx}&region=${region}${spoiled}`
}
