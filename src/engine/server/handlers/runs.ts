import { getRun, listRuns } from '../../storage/runs.ts'
import { listSweeps } from '../../storage/sweeps.ts'
import type { Handlers } from './types.ts'

export const runHandlers = {
  'run:list': ({ project }) => listRuns(project.path),
  'run:pick': async ({ project, run, step }) => {
    const { pickModel } = await import('../../training/exportModel.ts')
    await pickModel({ projectFolder: project.path, run, step })
    return getRun(project.path, run)
  },
  'sweep:list': ({ project }) => listSweeps(project.path),
  'run:get': ({ project, run }) => getRun(project.path, run),
} satisfies Partial<Handlers>
