import { ipcMain, type WebFrameMain } from 'electron'
import { z } from 'zod'
import type { Answer, WindowRequestName } from '../core/contract/index.ts'
import { refusalOf, refuse, Refused } from '../core/errors.ts'
import type { FileHandle } from '../core/files.ts'
import { parseRequest } from './parseRequest.ts'
import { appOrigin } from './protocol.ts'

export type Responder = {
  /** Answers a request that has been parsed. May throw Refused. */
  respond(name: WindowRequestName, request: unknown): Promise<Answer>
  /** Handles for files that a person dropped on the window. */
  grantDropped(paths: readonly string[]): FileHandle[]
}

const droppedPaths = z.array(z.string().min(1).max(32_768)).max(100_000)

/** The only place that listens to the window: one channel for requests, one for files that were dropped. */
export function serveWindow(responder: Responder): void {
  ipcMain.handle('studio:ask', async (event, name: unknown, request: unknown): Promise<Answer> => {
    try {
      checkSender(event.senderFrame)
      const { name: known, request: parsed } = parseRequest(name, request)
      return await responder.respond(known, parsed)
    } catch (error) {
      if (!(error instanceof Refused)) console.error(error)
      return { ok: false, refusal: refusalOf(error) }
    }
  })
  ipcMain.handle('studio:dropped', (event, paths: unknown): FileHandle[] => {
    checkSender(event.senderFrame)
    return responder.grantDropped(droppedPaths.parse(paths))
  })
}

function checkSender(frame: WebFrameMain | null): void {
  const isOurs = frame !== null && frame.parent === null && frame.url.startsWith(`${appOrigin}/`)
  if (!isOurs) throw refuse('sender-foreign', 'A foreign page asked for something.', 'Restart Diptych.')
}
