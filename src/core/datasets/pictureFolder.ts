import { z } from 'zod'
import { splitOptions } from './common.ts'
import { declareDataset } from './declaration.ts'

export const pictureFolder = declareDataset({
  id: 'picture-folder',
  label: 'One folder, or one folder a class',
  shortLabel: 'One folder, with or without classes',
  summary:
    'Pictures of one kind, to make more like them. Subfolders are classes: shirts/, shoes/. Subfolders train, val and test are respected.',
  options: z.strictObject({
    folder: z.string().min(1).meta({
      label: 'Folder',
      kind: 'folder',
      level: 'simple',
      help: 'Its subfolders, where there are any, are the classes of their pictures.',
    }),
    ...splitOptions,
  }),
})
