import { z } from 'zod'
import { refusalSchema } from '../errors.ts'
import { exportVariant, fileOptions } from '../exporters/common.ts'
import { precisionChoice } from '../training/precision.ts'

/** Which result: `index` counts from 0 over all, picture by picture. `variant`: which of how many of its picture; absent where it has one. */
const item = {
  index: z.number().int(),
  total: z.number().int(),
  variant: exportVariant.extend({ of: z.number().int().min(1) }).optional(),
}

/** What translating a batch tells. */
export function translationEventSchema<F extends z.ZodType>(file: F) {
  const progress = { secondsLeft: z.number().nullable() }
  return z.discriminatedUnion('type', [
    z.strictObject({
      type: z.literal('translate-started'),
      total: z.number().int(),
      output: file,
      backend: z.string(),
    }),
    z.strictObject({
      type: z.literal('tile'),
      ...item,
      ...progress,
      tile: z.number().int(),
      tiles: z.number().int(),
    }),
    z.strictObject({
      type: z.literal('translated'),
      ...item,
      ...progress,
      input: file,
      output: file,
      widthPx: z.number().int(),
      heightPx: z.number().int(),
    }),
    z.strictObject({
      type: z.literal('item-skipped'),
      ...item,
      input: file,
      output: file,
      reason: z.string(),
    }),
    z.strictObject({ type: z.literal('item-failed'), ...item, input: file, refusal: refusalSchema }),
    z.strictObject({
      type: z.literal('translate-done'),
      translated: z.number().int(),
      failed: z.number().int(),
      skipped: z.number().int(),
      cancelled: z.boolean(),
      output: file,
    }),
    z.strictObject({ type: z.literal('translate-failed'), refusal: refusalSchema }),
  ])
}

/** How a batch is translated. */
export const translateOptions = z.strictObject({
  memoryMb: z.number().int().min(256).max(1_000_000).default(2048).meta({
    label: 'Memory',
    unit: 'MB',
    help: 'Pictures are cut into tiles so that the work stays under this.',
  }),
  precision: precisionChoice.default('auto').meta({
    label: 'Precision',
    help: 'In how many bits all but the last layer computes. Auto: 16 where the processor has them (bfloat16), which is quicker; otherwise 32. The difference is below one level of 255 in most places.',
    choiceLabels: { auto: 'Auto', float32: '32 bits (float32)', bfloat16: '16 bits (bfloat16)' },
  }),
  label: z.string().max(200).default('').meta({
    label: 'Look',
    term: 'target label',
    kind: 'text',
    help: 'For models that know several: the name of the one that pictures are turned into.',
  }),
  variants: z.number().int().min(1).max(64).nullable().default(null).meta({
    label: 'Variants of each picture',
    term: 'variants',
    level: 'simple',
    help: 'For models with many answers (BicycleGAN): how many different results each picture gets. Empty: one, the middle of all that it could be.',
  }),
  styleSeed: z.number().int().min(0).max(2_147_483_647).default(1).meta({
    label: 'Seed of the variants',
    term: 'style seed',
    help: 'The same seed and the same name of a picture give the same variants; another seed gives others.',
  }),
  overwrite: z
    .boolean()
    .default(false)
    .meta({ label: 'Overwrite existing results', help: 'Off: what is already there is skipped.' }),
  ...fileOptions,
})
export type TranslateOptions = z.infer<typeof translateOptions>
