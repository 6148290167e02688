import { refuse } from '../../core/errors.ts'
import { translateOptions } from '../../core/translation/events.ts'
import type { Picture } from '../imaging/picture.ts'
import type { OpenModel } from '../inference/model.ts'
import { generatorOf, type Generator } from './generator.ts'
import type { GenerateRequest } from './generateSet.ts'
import { planSet, type Balance, type Wanted } from './plan.ts'
import { labelsOfTurned, planTurned, readSource, turn } from './source.ts'

/** Makes the pictures of a set that is planned: from nothing, or of source pictures. */
export type Maker = {
  labels: readonly string[]
  wanted: readonly Wanted[]
  /** Pictures made in one go. */
  batch: number
  /** What the source pictures hash to; null where there are none. */
  source: string | null
  /** Whether another attempt gives another picture. */
  hasMore: boolean
  /** Makes pictures that are of no set, from which a judge learns; null where pictures are turned. */
  generator: Generator | null
  make(slots: readonly number[], attempt: number): Promise<Picture[]>
}

const BATCH = 32

/**
 * @throws Refused `model-unfit` where model and source do not go together, and as `planSet`, `readSource`, `planTurned`
 */
export function makerOf(
  model: OpenModel,
  request: GenerateRequest,
  balance: Balance,
  signal: AbortSignal,
): Promise<Maker> {
  const isFree = model.header.task === 'generate'
  const { name } = model.header
  if (!isFree && request.sourceFolder === undefined)
    throw refuse(
      'model-unfit',
      `${name} needs a picture to work on: it makes none from nothing.`,
      'Name the pictures that it shall turn into a set (--from), or choose a model of the recipe gan, cgan, wgan or wgan-gp.',
    )
  if (isFree && request.sourceFolder !== undefined)
    throw refuse(
      'model-unfit',
      `${name} makes pictures from nothing: it has no use for others.`,
      'Leave the source pictures out, or choose a model that turns pictures.',
    )
  return isFree ? makerFromNothing(model, request, balance) : makerFromSource(model, request, balance, signal)
}

async function makerFromNothing(
  model: OpenModel,
  { options }: GenerateRequest,
  balance: Balance,
): Promise<Maker> {
  const generator = generatorOf(model)
  if (!generator) throw new Error(`${model.header.name} has no code to draw.`)
  if (options.variants > 1)
    throw refuse(
      'option-invalid',
      'Variants are of source pictures, and this model makes its pictures from nothing.',
      'Leave --variants out: the number of pictures is told by --count.',
    )
  const { labels } = generator
  const wanted = planSet(options, labels, balance)
  const labelsAt = (slots: readonly number[]) => slots.flatMap((slot) => wanted[slot]?.label ?? [])
  return {
    labels,
    wanted,
    batch: BATCH,
    source: null,
    hasMore: true,
    generator,
    make: (slots, attempt) => generator.make(slots, labelsAt(slots), options.seed, attempt),
  }
}

async function makerFromSource(
  model: OpenModel,
  { options, sourceFolder = '' }: GenerateRequest,
  balance: Balance,
  signal: AbortSignal,
): Promise<Maker> {
  if (options.dropLowest > 0)
    throw refuse(
      'option-invalid',
      'A verdict compares pictures that are made from nothing, and this model turns others.',
      'Leave --drop-lowest out.',
    )
  const source = await readSource(sourceFolder, signal)
  const turning = { source, looks: model.header.condition?.labels ?? [] }
  const wanted = planTurned(turning, options, balance)
  const { memoryMb } = translateOptions.parse({})
  return {
    labels: labelsOfTurned(turning),
    wanted,
    batch: 1,
    source: source.fingerprint,
    hasMore: false,
    generator: null,
    async make(slots) {
      const pictures: Picture[] = []
      for (const slot of slots)
        pictures.push(
          await turn(model, turning, wanted[slot] as Wanted, { seed: options.seed, memoryMb, signal }),
        )
      return pictures
    },
  }
}
