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
