import { z } from 'zod'
import { refusalSchema } from '../errors.ts'
import { jobId } from '../project/project.ts'
import { sweepFile, sweepId, sweepRequest } from '../sweeps/sweep.ts'

/** Trying several settings: what may be asked about it. */
export function createSweepRequests<F extends z.ZodType>(file: F) {
  const asked = z.strictObject({ project: file, sweep: sweepRequest })
  const job = z.strictObject({ job: jobId })
  return {
    /** `damaged`: why the other files of sweeps cannot be read. */
    'sweep:list': {
      role: 'library',
      request: z.strictObject({ project: file }),
      reply: z.strictObject({ sweeps: z.array(sweepFile), damaged: z.array(refusalSchema) }),
    },
    /** How long it would take; its job is a plan. */
    'sweep:plan': { role: 'compute', request: asked, reply: job },
    'sweep:start': { role: 'compute', request: asked, reply: job },
    'sweep:resume': {
      role: 'compute',
      request: z.strictObject({ project: file, sweep: sweepId }),
      reply: job,
    },
  } as const
}
