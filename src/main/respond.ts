import {
  engineContract,
  engineViews,
  windowContract,
  type Answer,
  type EngineRequestName,
  type WindowRequestName,
} from '../core/contract/index.ts'
import type { windowRequests } from '../core/contract/windowRequests.ts'
import { forWindow, toPaths } from './engine/forward.ts'
import type { Supervisor } from './engine/supervisor.ts'
import type { Grants } from './grants.ts'
import type { WindowHandlers } from './handlers.ts'
import type { RecentProjects } from './recent.ts'

type Parts = {
  grants: Grants
  recent: RecentProjects
  handlers: WindowHandlers
  engines: { compute: Supervisor; library: Supervisor }
}

function isForwarded(name: WindowRequestName): name is EngineRequestName {
  return Object.hasOwn(engineContract, name)
}

/** Answers the window: main's own requests here, all others by the engine process whose role they name. */
export function createResponder({ grants, recent, handlers, engines }: Parts) {
  async function forward(name: EngineRequestName, request: unknown): Promise<Answer> {
    const answer = await engines[engineContract[name].role].ask(name, toPaths(grants, request))
    if (answer.ok && (name === 'project:create' || name === 'project:open')) await remember(answer.reply)
    return forWindow(grants, name, answer)
  }

  async function remember(reply: unknown): Promise<void> {
    const { folder, project, cover } = engineViews.project.parse(reply)
    await recent.remember({ folder: folder.path, name: project.name, cover: cover?.path ?? null })
  }

  return async (name: WindowRequestName, request: unknown): Promise<Answer> => {
    if (isForwarded(name)) return forward(name, request)
    // The table pairs each name with its own request; it was parsed by the contract on its way here.
    const handler = handlers[name as keyof typeof windowRequests] as (request: unknown) => Promise<unknown>
    return { ok: true, reply: windowContract[name].reply.parse(await handler(request)) }
  }
}
