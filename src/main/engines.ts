import { join } from 'node:path'
import engineEnvironment from '../core/engineEnvironment.json' with { type: 'json' }
import type { EngineJobEvent } from '../core/contract/index.ts'
import type { EngineStatus } from '../core/contract/windowRequests.ts'
import { Supervisor } from './engine/supervisor.ts'
import { engineScript, findEngineNode } from './paths.ts'

type Listeners = {
  onStatus(status: EngineStatus): void
  onEvent(event: EngineJobEvent): void
}
export type Engines = { compute: Supervisor; library: Supervisor }

/** The two processes of the engine: one computes, the other reads projects and pictures and always answers at once. */
export async function createEngines(userData: string, { onStatus, onEvent }: Listeners): Promise<Engines> {
  const command = await findEngineNode()
  const create = (role: 'compute' | 'library', listeners: Listeners) =>
    new Supervisor({
      command,
      args: [engineScript, '--role', role, '--cache', join(userData, 'previews')],
      env: { ...process.env, ...engineEnvironment, DIPTYCH_DOOR: 'window' },
      ...listeners,
    })
  return {
    compute: create('compute', { onStatus, onEvent }),
    library: create('library', { onStatus: () => undefined, onEvent: () => undefined }),
  }
}
