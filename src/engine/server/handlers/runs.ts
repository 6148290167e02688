import { getRun, listRuns } from '../../storage/runs.ts'
import type { Handlers } from './types.ts'

export const runHandlers = {
  'run:list': ({ project }) => listRuns(project.path),
  'run:get': ({ project, run }) => getRun(project.path, run),
} satisfies Partial<Handlers>
