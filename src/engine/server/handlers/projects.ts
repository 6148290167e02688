import { refuse } from '../../../core/errors.ts'
import { scanDataset } from '../../datasets/index.ts'
import { createProject, openProject, setDataset, setTraining } from '../../storage/project.ts'
import type { Handlers } from './types.ts'

export const projectHandlers = {
  'project:create': ({ folder, name, sample }) => createProject(folder.path, { name, sample, dataset: null }),
  'project:open': ({ folder }) => openProject(folder.path),
  'project:setDataset': ({ project, kind, folders, options }) =>
    setDataset(project.path, {
      kind,
      options,
      folders: Object.fromEntries(Object.entries(folders).map(([key, { path }]) => [key, path])),
    }),
  'project:setTraining': ({ project, training }) => setTraining(project.path, training),
  'dataset:scan': async ({ project }) => {
    const opened = await openProject(project.path)
    if (opened.project.dataset) return scanDataset(opened.project.dataset, project.path)
    throw refuse('dataset-none', 'This project has no pictures yet.', 'Choose its folders.')
  },
} satisfies Partial<Handlers>
