import { modelHeader, type ModelHeader } from '../src/core/models/modelHeader.ts'

/** What a model file says of a network that translates colour pictures. */
export function headerOf(
  architecture: string,
  options: Record<string, unknown>,
  norm: 'batch' | 'running' = 'running',
  bitDepth: 8 | 16 = 8,
): ModelHeader {
  const space = { channels: 3, bitDepth, low: -1, high: 1, colourSpace: 'srgb' as const }
  return modelHeader.parse({
    ...{ format: 'diptych-model', version: 1, name: 'bench', task: 'translate', norm },
    network: { architecture, options },
    ...{ input: space, output: space, trainedSizePx: null, training: null },
    card: { summary: '', goodFor: '', limits: '', source: '', licence: '' },
  })
}
