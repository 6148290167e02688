import { z } from 'zod'
import { fileOptions } from './common.ts'
import { declareExporter } from './declaration.ts'

export const pictures = declareExporter({
  id: 'pictures',
  label: 'The translated pictures',
  summary: 'Each result as a file of its own, with the name of its original.',
  options: z.strictObject({ ...fileOptions }),
})
