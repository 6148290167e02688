import { z } from 'zod'

/** How results are written, wherever they are: by translating and by every exporter. */
export const fileOptions = {
  format: z
    .enum(['png', 'jpeg', 'tiff', 'webp', 'same'])
    .default('same')
    .meta({
      label: 'Format',
      level: 'simple',
      help: 'PNG and TIFF keep 16 bits. "Same" keeps the format of the original.',
      choiceLabels: { png: 'PNG', jpeg: 'JPEG', tiff: 'TIFF', webp: 'WebP', same: 'Same as the original' },
    }),
  quality: z
    .number()
    .int()
    .min(1)
    .max(100)
    .default(92)
    .meta({ label: 'Quality', help: 'For JPEG and WebP.' }),
  removeGps: z.boolean().default(false).meta({
    label: 'Remove the place from photographs',
    term: 'GPS',
    help: 'Takes the position out of the copies.',
  }),
} as const

/** Which of the answers to a picture a result is, counted from 1, and the seed that their codes were drawn by. */
export const exportVariant = z.strictObject({ number: z.number().int().min(1), styleSeed: z.number().int() })
export type ExportVariant = z.infer<typeof exportVariant>
