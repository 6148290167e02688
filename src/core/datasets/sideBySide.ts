import { z } from 'zod'
import { splitOptions } from './common.ts'
import { declareDataset } from './declaration.ts'

export const sideBySide = declareDataset({
  id: 'side-by-side',
  label: 'One folder, A and B in one picture',
  shortLabel: 'A and B in one picture',
  summary: 'Every picture holds A on its left half and B on its right half, as many published data sets do.',
  options: z.strictObject({
    folder: z.string().min(1).meta({
      label: 'Folder',
      kind: 'folder',
      level: 'simple',
      help: 'Pictures twice as wide as each side.',
    }),
    ...splitOptions,
  }),
})
