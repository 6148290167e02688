import { z } from 'zod'
import { fileOptions } from './common.ts'
import { declareExporter } from './declaration.ts'

export const folderPairs = declareExporter({
  id: 'folder-pairs',
  label: 'Pairs in two folders (A/, B/)',
  summary: 'Originals in A, results in B, under the same names: can be opened as a data set again.',
  options: z.strictObject({ ...fileOptions }),
})
