import { refuse } from '../../core/errors.ts'
import { tf, type Tensor4D } from '../backends/tf.ts'
import type { Pictures } from '../recipes/trainer.ts'
import type { Plane } from './metrics.ts'
import { openFeatures, type FeatureNetwork } from './features.ts'
import { openStLpips, ST_LPIPS_LEAST_SIDE_PX, type StLpips } from './stLpips.ts'

/** Whose features: the network that comes with Diptych, or Inception weights that a person imported. */
export type FeatureSource = 'own' | 'inception'

/** The networks that metrics rest on: each is opened when it is first needed, and kept until `dispose`. */
export type Networks = {
  /** One vector a picture; all alike in shape. */
  featuresOf(source: FeatureSource, pictures: readonly Plane[]): Promise<Float64Array[]>
  /** ST-LPIPS of two pictures alike in shape; NaN where they are too small for it. */
  perceptualDistance(made: Plane, real: Plane): Promise<number>
  dispose(): void
}

/** Samples in [0,1] to [1,H,W,3] in [-1,1] in the current scope. Of more than three channels the first three count; fewer are grey. */
function asColour({ data, widthPx, heightPx, channels }: Plane): Tensor4D {
  const picture: Tensor4D = tf.sub(tf.mul(tf.tensor4d(data, [1, heightPx, widthPx, channels]), 2), 1)
  const shown = tf.slice4d(picture, [0, 0, 0, 0], [1, heightPx, widthPx, channels < 3 ? 1 : 3])
  return channels < 3 ? tf.tile(shown, [1, 1, 1, 3]) : shown
}

/** Pictures alike in shape, samples in [0,1], as one batch in [-1,1]. */
function toBatch(pictures: readonly Plane[]): Pictures {
  const [{ widthPx, heightPx, channels }] = pictures as readonly [Plane]
  const size = widthPx * heightPx * channels
  const data = new Float32Array(pictures.length * size)
  for (const [index, picture] of pictures.entries())
    for (let at = 0; at < size; at += 1) data[index * size + at] = 2 * (picture.data[at] as number) - 1
  return { shape: [pictures.length, heightPx, widthPx, channels], data }
}

/** @throws Refused `usage` without imported weights; as `openFeatures` */
function open(source: FeatureSource, inception: string | undefined): Promise<FeatureNetwork> {
  if (source === 'own') return openFeatures()
  if (inception !== undefined) return openFeatures({ inception })
  throw refuse(
    'usage',
    'This metric needs Inception weights, which Diptych does not bring along.',
    'Name their file with --inception, or leave the metric out.',
  )
}

/** @param inception where the Inception weights are that a person imported */
export function createNetworks(inception?: string): Networks {
  const opened = new Map<FeatureSource, FeatureNetwork>()
  let stLpips: StLpips | undefined
  return {
    async featuresOf(source, pictures) {
      const network = opened.get(source) ?? (await open(source, inception))
      opened.set(source, network)
      return network.featuresOf(toBatch(pictures))
    },
    async perceptualDistance(made, real) {
      if (Math.min(made.widthPx, made.heightPx) < ST_LPIPS_LEAST_SIDE_PX) return NaN
      const network = (stLpips ??= await openStLpips())
      const distance = tf.tidy(() => network.distances(asColour(made), asColour(real)))
      const [value = NaN] = await distance.data()
      distance.dispose()
      return value
    },
    dispose() {
      stLpips?.dispose()
      for (const network of opened.values()) network.dispose()
    },
  }
}
