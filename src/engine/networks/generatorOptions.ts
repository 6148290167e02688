import { z } from 'zod'
import { normSchema } from '../nn/layer.ts'

/** What every generator that learns from scratch can be told; its depth is in its name. */
export const generatorSchema = z.strictObject({
  inputChannels: z.number().int().min(1).max(1024).default(3),
  outputChannels: z.number().int().min(1).max(1024).default(3),
  ngf: z.number().int().min(1).max(1024).default(64),
  norm: normSchema.default('batch'),
  dropout: z.boolean().default(true),
  upsampling: z.enum(['transposed', 'resize']).default('transposed'),
})
export type GeneratorOptions = z.infer<typeof generatorSchema>

/** Antialiased: blurred before pixels are left out, in the way of Zhang 2019. */
export const downsamplingSchema = z.enum(['strided', 'antialiased'])

/** A ResNet may also be told how it changes size. */
export const resnetSchema = generatorSchema.extend({
  downsampling: downsamplingSchema.default('strided'),
  upsampling: z.enum(['transposed', 'resize', 'antialiased']).default('transposed'),
  /**
   * Off for what is told something by planes of one value: the mirrored edges leave such a plane as it is, so all that the first
   * convolution makes of it is one number a filter, and an instance norm takes that out again.
   */
  stemNorm: z.boolean().default(true),
})
export type ResnetOptions = z.infer<typeof resnetSchema>
