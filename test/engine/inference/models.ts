import { modelHeader, type ModelHeader } from '../../../src/core/models/modelHeader.ts'
import { randomGaussian } from '../../../src/core/random.ts'
import { createModel, type ModelTensors, type OpenModel } from '../../../src/engine/inference/model.ts'
import { buildNetwork } from '../../../src/engine/networks/index.ts'

type Changes = { task?: ModelHeader['task']; low?: number; channels?: [number, number]; bitDepth?: 8 | 16 }

export function headerFor(
  architecture: string,
  options: Record<string, unknown>,
  { task = 'translate', low = -1, channels = [3, 3], bitDepth = 8 }: Changes = {},
): ModelHeader {
  const space = (count: number) => ({
    channels: count,
    bitDepth,
    low,
    high: 1,
    colourSpace: count === 1 ? 'grey' : count === 3 ? 'srgb' : 'data',
  })
  return modelHeader.parse({
    format: 'diptych-model',
    version: 1,
    name: 'test',
    task,
    network: { architecture, options },
    input: space(channels[0]),
    output: space(channels[1]),
    norm: 'running',
    trainedSizePx: null,
    card: { summary: '', goodFor: '', limits: '', source: '', licence: '' },
    training: null,
  })
}

/** Weights drawn by name: large enough that the result depends on every pixel in reach. */
export function weightsFor(header: ModelHeader): ModelTensors {
  const network = buildNetwork(header.network.architecture, header.network.options)
  return new Map(
    [...network.parameters, ...network.statistics].map(({ name, shape, init }, at) => {
      const length = shape.reduce((product, side) => product * side, 1)
      const inputs = shape.slice(0, -1).reduce((product, side) => product * side, 1)
      const spread = init === 'weight' ? 1.4 / Math.sqrt(inputs) : 0.05
      const middle = init === 'variance' || init === 'normScale' ? 1 : 0
      const data = Float32Array.from({ length }, (_, i) => middle + spread * randomGaussian(7, at, i))
      if (init === 'variance') data.fill(1)
      return [name, { shape, data }]
    }),
  )
}

export function testModel(
  architecture: string,
  options: Record<string, unknown>,
  changes: Changes = {},
): OpenModel {
  const header = headerFor(architecture, options, changes)
  return createModel(header, weightsFor(header), 'test model')
}
