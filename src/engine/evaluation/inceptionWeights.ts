import { basename } from 'node:path'
import { refuse } from '../../core/errors.ts'
import { checkReadable } from '../interchange/modelFile.ts'
import { openSafetensors, type SafetensorsFile } from '../interchange/safetensors.ts'
import { inceptionLayers, type InceptionLayer } from './inceptionLayers.ts'
import { holdTensors, type HeldWeights } from './metricWeights.ts'

/** Added to every variance, as in the published network. */
const EPSILON = 1e-3

/**
 * Reads Inception weights that a person imported: a safetensors file with the names of the published
 * pt_inception-2015-12-05, made by scripts/convert_inception.py. The file may be hostile: nothing is taken from it but
 * numbers under known names, in known shapes. Batch norm is worked into the convolutions in float64.
 * @throws Refused `model-missing`, `inception-foreign`, `safetensors-damaged`, `tensor-type`
 */
export async function readInceptionWeights(path: string): Promise<HeldWeights> {
  await checkReadable(path)
  const file = openSafetensors(path)
  try {
    checkShapes(file, basename(path))
    return holdTensors(inceptionLayers.flatMap((layer) => foldedTensors(file, layer)))
  } finally {
    file.close()
  }
}

const NORM_PARTS = ['weight', 'bias', 'running_mean', 'running_var'] as const

function checkShapes({ entries }: SafetensorsFile, name: string): void {
  const shapes = new Map(entries.map((entry) => [entry.name, String(entry.shape)]))
  for (const { name: layer, shape } of inceptionLayers) {
    const wanted: [string, readonly number[]][] = [
      [`${layer}.conv.weight`, shape],
      ...NORM_PARTS.map((part): [string, number[]] => [`${layer}.bn.${part}`, [shape[0]]]),
    ]
    for (const [tensor, expected] of wanted)
      if (shapes.get(tensor) !== String(expected))
        throw refuse(
          'inception-foreign',
          `${name} does not hold the Inception network of 2015: ${tensor} is missing or of another shape.`,
          'Convert pt_inception-2015-12-05 with scripts/convert_inception.py and choose the file that it writes.',
        )
  }
}

/** A kernel [height, width, in, out] and a bias [out] that do what the convolution and its batch norm did. */
function foldedTensors(file: SafetensorsFile, { name, shape }: InceptionLayer) {
  const [outputs, inputs, height, width] = shape
  const kernel = file.readFloats(`${name}.conv.weight`)
  const [scale, offset, mean, variance] = NORM_PARTS.map((part) => file.readFloats(`${name}.bn.${part}`)) as [
    Float32Array,
    Float32Array,
    Float32Array,
    Float32Array,
  ]
  const factors = Float64Array.from(
    scale,
    (value, out) => value / Math.sqrt((variance[out] as number) + EPSILON),
  )
  const turned = new Float32Array(kernel.length)
  for (let out = 0; out < outputs; out += 1)
    for (let index = 0; index < inputs * height * width; index += 1) {
      const place = index % (height * width)
      const input = (index - place) / (height * width)
      const value = (kernel[out * inputs * height * width + index] as number) * (factors[out] as number)
      turned[(place * inputs + input) * outputs + out] = value
    }
  const bias = Float32Array.from(
    offset,
    (value, out) => value - (mean[out] as number) * (factors[out] as number),
  )
  return [
    { name: `${name}.weight`, shape: [height, width, inputs, outputs], data: turned },
    { name: `${name}.bias`, shape: [outputs], data: bias },
  ]
}
