import type { z } from 'zod'
import { refuse } from '../../core/errors.ts'
import { parseOptions } from '../../core/options/parse.ts'
import type { Network } from '../nn/network.ts'
import { createDcgan, createDcganJudge, dcganJudgeSchema, dcganSchema } from './dcgan.ts'
import { createDenseGenerator, createDenseJudge, denseGeneratorSchema, denseJudgeSchema } from './dense.ts'
import { resnetSchema } from './generatorOptions.ts'
import { createPatchGan, discriminatorSchema, patchLayersOf } from './patchGan.ts'
import { createPixelGan, pixelGanSchema } from './pixelGan.ts'
import { createProgressive, progressiveSchema } from './progressive.ts'
import { createResidual, residualBlocksOf, residualSchema } from './residual.ts'
import { blocksOf, createResnet } from './resnet.ts'
import { catBlocksOf, createResnetCat, resnetCatSchema } from './resnetCat.ts'
import { createStarJudge, starJudgeSchema } from './starJudge.ts'
import { createStyleTranslator, styleBlocksOf, styleTranslatorSchema } from './styleTranslator.ts'
import { createStyleEncoder, styleEncoderSchema } from './styleEncoder.ts'
import { createUnet, downsOf, unetSchema } from './unet.ts'
import { convolutionsOf, createUpconv, upconvSchema } from './upconv.ts'

/** One kind of network: the names it answers to, and how a name and its options become a network. */
type Family = { names: string; build: (architecture: string, options: unknown) => Network | undefined }

/** A family whose names carry one number, its depth. */
function family<Schema extends z.ZodObject>(
  names: string,
  depthOf: (architecture: string) => number | undefined,
  schema: Schema,
  create: (architecture: string, depth: number, options: z.infer<Schema>) => Network,
): Family {
  return {
    names,
    build(architecture, options) {
      const depth = depthOf(architecture)
      return depth === undefined ? undefined : create(architecture, depth, parseOptions(schema, options))
    },
  }
}

/** A family of one name: its options say all. */
function single<Schema extends z.ZodObject>(
  name: string,
  schema: Schema,
  create: (architecture: string, options: z.infer<Schema>) => Network,
): Family {
  return {
    names: name,
    build: (architecture, options) =>
      architecture === name ? create(architecture, parseOptions(schema, options)) : undefined,
  }
}

const families: readonly Family[] = [
  family('unet_16 to unet_1024 (powers of two)', downsOf, unetSchema, createUnet),
  family('resnet_1blocks to resnet_32blocks', blocksOf, resnetSchema, createResnet),
  family('resnet_cat_1blocks to resnet_cat_32blocks', catBlocksOf, resnetCatSchema, createResnetCat),
  family(
    'stylegan2_2blocks to stylegan2_32blocks',
    styleBlocksOf,
    styleTranslatorSchema,
    createStyleTranslator,
  ),
  family('residual_1blocks to residual_64blocks', residualBlocksOf, residualSchema, createResidual),
  family('patch_1layers to patch_6layers', patchLayersOf, discriminatorSchema, createPatchGan),
  single('pixel', pixelGanSchema, createPixelGan),
  family('upconv_7', convolutionsOf, upconvSchema, createUpconv),
  single('dense', denseGeneratorSchema, createDenseGenerator),
  single('dense_judge', denseJudgeSchema, createDenseJudge),
  single('dcgan', dcganSchema, createDcgan),
  single('dcgan_judge', dcganJudgeSchema, createDcganJudge),
  single('progressive', progressiveSchema, createProgressive),
  single('star_judge', starJudgeSchema, createStarJudge),
  single('style_encoder', styleEncoderSchema, createStyleEncoder),
]

/**
 * The network of this name with these options, as a model file's header gives them.
 * @throws Refused `architecture-unknown`, `option-unknown` or `option-invalid`
 */
export function buildNetwork(architecture: string, options: unknown): Network {
  for (const { build } of families) {
    const network = build(architecture, options)
    if (network) return network
  }
  throw refuse(
    'architecture-unknown',
    `There is no network named ${JSON.stringify(architecture)}.`,
    `This version of Diptych knows ${families.map(({ names }) => names).join('; ')}. A newer version may know more.`,
  )
}

/** How many numbers the network learns. */
export function countParameters(network: Network): number {
  return network.parameters.reduce(
    (sum, { shape }) => sum + shape.reduce((product, side) => product * side, 1),
    0,
  )
}
