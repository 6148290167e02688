import { z } from 'zod'
import { fileOptions } from './common.ts'
import { declareExporter } from './declaration.ts'

export const sideBySidePairs = declareExporter({
  id: 'side-by-side-pairs',
  label: 'Pairs in one picture (A-B)',
  summary:
    'Before on the left, after on the right, in one picture: the layout that published Pix2Pix data sets use.',
  options: z.strictObject({ ...fileOptions }),
})
