import type { Pictures } from '../recipes/trainer.ts'
import type { Plane } from './metrics.ts'

/** Whose features: the network that comes with Diptych, or Inception weights that a person imported. */
export type FeatureSource = 'own' | 'inception'

type FeatureNetwork = { featuresOf(pictures: Pictures): Promise<Float64Array[]>; dispose(): void }

/** The networks that metrics rest on: each is opened when it is first needed, and kept until `dispose`. */
export type Networks = {
  featuresOf(source: FeatureSource, picture: Plane): Promise<Float64Array>
  dispose(): void
}

export function createNetworks(): Networks {
  const opened = new Map<FeatureSource, Promise<FeatureNetwork>>()
  return {
    featuresOf: () => Promise.reject(new Error('No feature network.')),
    dispose: () => opened.clear(),
  }
}
