import { fileURLToPath } from 'node:url'
import { tf } from '../backends/tf.ts'
import type { Tensor } from '../backends/tf.ts'
import { openSafetensors } from '../interchange/safetensors.ts'
import type { Weights } from '../nn/network.ts'

/** The networks that come with Diptych for measuring; `resources/metrics/README.md` says where they are from. */
export type MetricNetwork = 'st-lpips' | 'efficientnet-lite0'

/** Tensors of a network that only measures: they stay until `dispose`, whatever scope is open. */
export type HeldWeights = { weights: Weights; dispose(): void }

export function metricWeightsPath(network: MetricNetwork): string {
  return fileURLToPath(new URL(`../../../resources/metrics/${network}.safetensors`, import.meta.url))
}

/** Reads every tensor of a safetensors file and holds it in memory. */
export function holdWeights(path: string): HeldWeights {
  const file = openSafetensors(path)
  try {
    const held = new Map<string, Tensor>()
    for (const { name, shape } of file.entries)
      held.set(name, tf.keep(tf.tensor(file.readFloats(name), [...shape], 'float32')))
    return {
      weights(name) {
        const tensor = held.get(name)
        if (!tensor) throw new Error(`${path} has no tensor named ${name}.`)
        return tensor
      },
      dispose: () => tf.dispose([...held.values()]),
    }
  } finally {
    file.close()
  }
}
