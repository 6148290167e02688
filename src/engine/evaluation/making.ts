import { generatorOf } from '../generation/generator.ts'
import type { OpenModel } from '../inference/model.ts'
import type { NormMode } from '../nn/network.ts'
import type { Plane } from './metrics.ts'
import { planeOfPicture, type EvaluationPlanes } from './planes.ts'

/** The seed of pictures that are scored, whatever a run's: all models are given the same noise. */
const SEED = 0

/**
 * What a model makes of a held-out row: its translation, into another class where it knows several, or, of a model from noise, one
 * picture of the row's class.
 * @param index the row's place, from which its noise is drawn
 */
export async function makeOf(
  model: OpenModel,
  { a, label }: EvaluationPlanes,
  index: number,
  norm?: NormMode,
): Promise<Plane> {
  const generator = generatorOf(model)
  if (!generator) {
    const { labels = [] } = model.header.condition ?? {}
    // Never into its own class; the others take turns.
    const to = labels.length > 1 ? ((label ?? 0) + 1 + (index % (labels.length - 1))) % labels.length : 0
    model.aim(labels[to] ?? '')
    return model.forward(a, norm)
  }
  const [picture] = await generator.make([index], label === null ? [] : [label], SEED)
  if (!picture) throw new Error('The generator made nothing.')
  return planeOfPicture(picture)
}
