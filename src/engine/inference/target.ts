import { refuse } from '../../core/errors.ts'
import type { ModelHeader } from '../../core/models/modelHeader.ts'
import { tf } from '../backends/tf.ts'
import type { Tensor4D } from '../backends/tf.ts'

export type Target = {
  /** How many planes the network is given beside the picture. */
  planes: number
  /** Their values, [1,1,1,planes]; undefined where there are none. */
  feed(): Tensor4D | undefined
  /**
   * Tells a model that knows several looks which it is to make from now on; others do not mind.
   * @throws Refused `label-missing`, `label-unknown`
   */
  aim(label: string): void
  /**
   * Tells a model that has many answers which of them it is to give from now on, by `latent` values; undefined: the middle one.
   * @throws Refused `variants-none` where it has one
   */
  style(code: ArrayLike<number> | undefined): void
}

/** Planes that stand for a code and for labels. */
export function planesOf({ condition }: ModelHeader): number {
  return condition ? condition.latent + condition.labels.length : 0
}

/**
 * What a model is told beside pictures, as planes: the code of an answer and the attribute that they are turned into. A model that is told
 * nothing, or that makes pictures from noise, has no planes.
 */
export function createTarget(header: ModelHeader): Target {
  const planes = header.task === 'generate' ? 0 : planesOf(header)
  const latent = planes > 0 ? (header.condition?.latent ?? 0) : 0
  const target = new Float32Array(planes)
  return {
    planes,
    feed: () => (planes > 0 ? tf.tensor4d(target.slice(), [1, 1, 1, planes]) : undefined),
    aim(label: string) {
      if (planes > latent) target.set(aimAt(header, label), latent)
    },
    style(code: ArrayLike<number> | undefined) {
      if (code && latent === 0) throw refuseVariants(header)
      if (latent > 0) target.set(code ?? new Float32Array(latent))
    },
  }
}

function refuseVariants({ name, condition }: ModelHeader): Error {
  return refuse(
    'variants-none',
    `${name} has one answer for each ${condition ? 'picture and look' : 'picture'}: it makes no variants.`,
    `Leave the variants out${condition ? ' and name another look (--label)' : ''}, or use a model of the recipe bicyclegan.`,
  )
}

/**
 * The planes that stand for a label, for a model that translates by one.
 * @throws Refused `label-missing`, `label-unknown`
 */
function aimAt({ condition, name }: ModelHeader, label: string): number[] {
  const labels = condition?.labels ?? []
  if (labels.includes(label)) return labels.map((one) => (one === label ? 1 : 0))
  const known = `It knows: ${labels.join(', ')}.`
  throw label === ''
    ? refuse(
        'label-missing',
        `${name} makes several looks: it has to be told which.`,
        `Choose one (--label). ${known}`,
      )
    : refuse('label-unknown', `${name} knows no look named ${JSON.stringify(label.slice(0, 80))}.`, known)
}
