import { fileURLToPath } from 'node:url'
import { tf } from '../backends/tf.ts'
import type { Tensor } from '../backends/tf.ts'
import { openSafetensors } from '../interchange/safetensors.ts'
import type { Weights } from '../nn/network.ts'

/** The networks that come with Diptych for measuring; `resources/metrics/README.md` says where they are from. */
type MetricNetwork = 'st-lpips' | 'efficientnet-lite0'

/** Tensors of a network that only measures: they stay until `dispose`, whatever scope is open. */
export type HeldWeights = { weights: Weights; dispose(): void }

/** Reads every tensor of one of these files and holds it in memory. */
export function holdWeights(network: MetricNetwork): HeldWeights {
  const path = fileURLToPath(new URL(`../../../resources/metrics/${network}.safetensors`, import.meta.url))
  const file = openSafetensors(path)
  try {
    return holdTensors(file.entries.map(({ name, shape }) => ({ name, shape, data: file.readFloats(name) })))
  } finally {
    file.close()
  }
}

/** Holds tensors in memory under their names. */
export function holdTensors(
  tensors: readonly { name: string; shape: readonly number[]; data: Float32Array }[],
): HeldWeights {
  const held = new Map(
    tensors.map(({ name, shape, data }): [string, Tensor] => [
      name,
      tf.keep(tf.tensor(data, [...shape], 'float32')),
    ]),
  )
  return {
    weights(name) {
      const tensor = held.get(name)
      if (!tensor) throw new Error(`The network has no tensor named ${name}.`)
      return tensor
    },
    dispose: () => tf.dispose([...held.values()]),
  }
}
