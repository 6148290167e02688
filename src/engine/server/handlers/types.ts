import type { EngineReply, EngineRequest, EngineRequestName } from '../../../core/contract/index.ts'
import type { Jobs } from '../jobs.ts'

export type HandlerContext = {
  jobs: Jobs
  /** Where previews are kept. */
  cacheFolder: string
}

/** One handler a request: a request without a handler does not compile, nor a handler with another reply. */
export type Handlers = {
  [Name in EngineRequestName]: (
    request: EngineRequest<Name>,
    context: HandlerContext,
  ) => Promise<EngineReply<Name>>
}
