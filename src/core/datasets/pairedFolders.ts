import { z } from 'zod'
import { splitOptions } from './common.ts'
import { declareDataset } from './declaration.ts'

export const pairedFolders = declareDataset({
  id: 'paired-folders',
  label: 'Two folders, paired by name',
  shortLabel: 'Two folders, pairs',
  summary:
    'Every picture in A has a partner of the same name in B. Subfolders train, val and test are respected.',
  options: z.strictObject({
    a: z.string().min(1).meta({
      label: 'Folder A (before)',
      kind: 'folder',
      level: 'simple',
      help: 'What the model is given.',
    }),
    b: z.string().min(1).meta({
      label: 'Folder B (after)',
      kind: 'folder',
      level: 'simple',
      help: 'What the model should make of it.',
    }),
    ...splitOptions,
  }),
})
