import { z } from 'zod'
import { fileOptions } from './common.ts'
import { declareExporter } from './declaration.ts'

export const labelledSet = declareExporter({
  id: 'labelled-set',
  label: 'A data set with its labels',
  summary:
    'Results in folders named after their classes, with labels.csv and the annotations that lay beside the originals: ready to train a classifier or a detector.',
  options: z.strictObject({ ...fileOptions }),
})
