import { z } from 'zod'
import { splitOptions } from './common.ts'
import { declareDataset } from './declaration.ts'

export const unpairedFolders = declareDataset({
  id: 'unpaired-folders',
  label: 'Two folders of any pictures',
  shortLabel: 'Two folders, any pictures',
  summary:
    'Pictures in A look one way, pictures in B another; none needs a partner. Summer and winter, photographs and paintings.',
  options: z.strictObject({
    a: z.string().min(1).meta({
      label: 'Folder A (one look)',
      kind: 'folder',
      level: 'simple',
      help: 'What the model is given.',
    }),
    b: z.string().min(1).meta({
      label: 'Folder B (the other look)',
      kind: 'folder',
      level: 'simple',
      help: 'What its pictures should look like.',
    }),
    scoreByName: z.boolean().default(false).meta({
      label: 'Score by pictures of the same name',
      term: 'withheld pairs',
      help: 'Switch it on where held-out pictures of the same name show the same thing: they are used to score, never to train.',
    }),
    ...splitOptions,
  }),
})
