import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import type { Sharp } from 'sharp'
import { beforeAll, describe, expect, test } from 'vitest'
import { MODEL_METADATA_KEY, modelHeader } from '../../../src/core/models/modelHeader.ts'
import type { ModelHeader } from '../../../src/core/models/modelHeader.ts'
import { randomGaussian } from '../../../src/core/random.ts'
import { openBackend } from '../../../src/engine/backends/index.ts'
import { tf } from '../../../src/engine/backends/tf.ts'
import type { Tensor, Tensor4D } from '../../../src/engine/backends/tf.ts'
import { peakSignalToNoise } from '../../../src/engine/evaluation/metrics.ts'
import type { Plane } from '../../../src/engine/evaluation/metrics.ts'
import { buildNetwork } from '../../../src/engine/networks/index.ts'
import type { Network } from '../../../src/engine/nn/network.ts'
import { pick, readFixtures, toTensor } from '../support/fixtures.ts'
import { differenceOf, largest, normal } from '../support/numbers.ts'

type Starter = { header: ModelHeader; network: Network; run: (x: Tensor) => Tensor4D }

const ids = ['enlarge-x2', 'enlarge-x4', 'denoise'] as const
const resource = (name: string) => fileURLToPath(new URL(`../../../resources/${name}`, import.meta.url))

function readHeader(file: string): ModelHeader {
  const bytes = readFileSync(file)
  const json = bytes.toString('utf8', 8, 8 + Number(bytes.readBigUInt64LE(0)))
  const { __metadata__: metadata } = JSON.parse(json) as { __metadata__: Record<string, string> }
  return modelHeader.parse(JSON.parse(metadata[MODEL_METADATA_KEY] ?? ''))
}

function openStarter(id: (typeof ids)[number]): Starter {
  const header = readHeader(resource(`models/${id}.safetensors`))
  const network = buildNetwork(header.network.architecture, header.network.options)
  const stored = readFixtures(`../../resources/models/${id}.safetensors`)
  const weights = new Map(network.parameters.map(({ name }) => [name, toTensor(pick(stored, name))]))
  const run = (x: Tensor) =>
    network.forward(x as Tensor4D, (name) => pick(weights, name), { norm: 'running' })
  return { header, network, run }
}

/** Runs a model on a picture with samples in [0,1], in the space that its header asks for. */
function translate({ header, network, run }: Starter, { data, widthPx, heightPx }: Plane): Plane {
  const { low, high } = header.input
  const made = tf.tidy(() => {
    const x = tf.tensor4d(data, [1, heightPx, widthPx, 3])
    const y = run(tf.add(tf.mul(x, high - low), low))
    return tf.clipByValue(tf.div(tf.sub(y, header.output.low), header.output.high - header.output.low), 0, 1)
  })
  const result = made.dataSync<'float32'>()
  made.dispose()
  return { data: result, widthPx: widthPx * network.scale, heightPx: heightPx * network.scale, channels: 3 }
}

async function readPlane(picture: Sharp): Promise<Plane> {
  const { data, info } = await picture.removeAlpha().raw().toBuffer({ resolveWithObject: true })
  return {
    data: Float32Array.from(data, (byte) => byte / 255),
    widthPx: info.width,
    heightPx: info.height,
    channels: info.channels,
  }
}

/** A clean square of a photograph, 192 px, as PNG. */
function cutSquare(photo: string, left: number, top: number): Promise<Buffer> {
  const whole = sharp(resource(`photos/${photo}`))
  return whole.extract({ left, top, width: 192, height: 192 }).png().toBuffer()
}

let starters: Record<(typeof ids)[number], Starter>

beforeAll(async () => {
  await openBackend({ threads: 2 })
  starters = {
    'enlarge-x2': openStarter('enlarge-x2'),
    'enlarge-x4': openStarter('enlarge-x4'),
    denoise: openStarter('denoise'),
  }
})

/** Catmull and Rom's cubic (Keys, a = -0.5), as most programs mean "bicubic". */
function cubic(distance: number): number {
  const t = Math.abs(distance)
  if (t < 1) return 1.5 * t ** 3 - 2.5 * t ** 2 + 1
  return t < 2 ? -0.5 * t ** 3 + 2.5 * t ** 2 - 4 * t + 2 : 0
}

/** Enlarges rows of interleaved samples along their pixels: [rows, pixels, samples] to [rows, pixels * scale, samples]. */
function enlargeAlong(
  data: Float32Array,
  rows: number,
  pixels: number,
  samples: number,
  scale: number,
): Float32Array {
  const out = new Float32Array(data.length * scale)
  for (let to = 0; to < pixels * scale; to += 1) {
    // Pixel centres lie at one half: sharp's own enlarging shifts the picture by part of a pixel and scores far worse.
    const centre = (to + 0.5) / scale - 0.5
    for (let tap = -1; tap <= 2; tap += 1) {
      const from = Math.floor(centre) + tap
      const nearest = Math.min(Math.max(from, 0), pixels - 1)
      for (let row = 0; row < rows; row += 1)
        for (let c = 0; c < samples; c += 1) {
          const index = (row * pixels * scale + to) * samples + c
          const value = data[(row * pixels + nearest) * samples + c] ?? Number.NaN
          out[index] = (out[index] ?? Number.NaN) + cubic(centre - from) * value
        }
    }
  }
  return out
}

function enlargeBicubic({ data, widthPx, heightPx, channels }: Plane, scale: number): Plane {
  const wide = enlargeAlong(data, heightPx, widthPx, channels, scale)
  const whole = enlargeAlong(wide, 1, heightPx, widthPx * scale * channels, scale)
  const clipped = whole.map((value) => Math.min(Math.max(value, 0), 1))
  return { data: clipped, widthPx: widthPx * scale, heightPx: heightPx * scale, channels }
}

test.each(ids)('ncnn, running the published files, gives the same picture as %s', (id) => {
  const reference = readFixtures(`starter/${id}.safetensors`)
  const made = starters[id].run(toTensor(pick(reference, 'input'))).dataSync()
  expect(largest(differenceOf(made, pick(reference, 'output').data))).toBeLessThan(1e-5)
})

describe('what they are for', () => {
  const squares = [
    { photo: 'brushes.jpg', left: 380, top: 420 },
    { photo: 'small-astronaut.jpg', left: 130, top: 20 },
  ]
  const cases = squares.flatMap((square) => [2, 4].map((scale) => ({ ...square, scale: scale as 2 | 4 })))

  test.each(cases)(
    'enlarging x$scale beats bicubic resizing: $photo',
    async ({ photo, left, top, scale }) => {
      const square = await cutSquare(photo, left, top)
      const small = await readPlane(sharp(square).resize(192 / scale, 192 / scale, { kernel: 'cubic' }))
      const truth = await readPlane(sharp(square))
      const ours = peakSignalToNoise(translate(starters[`enlarge-x${scale}`], small), truth)
      const bicubic = peakSignalToNoise(enlargeBicubic(small, scale), truth)
      expect(ours - bicubic).toBeGreaterThan(scale === 2 ? 1 : 0.5)
    },
  )

  test.each(squares)(
    'removing noise of sigma 12 gains more than 2 dB: $photo',
    async ({ photo, left, top }) => {
      const truth = await readPlane(sharp(await cutSquare(photo, left, top)))
      const noisy = truth.data.map((value, i) => {
        const sample = Math.round(255 * value + 12 * randomGaussian(1, i))
        return Math.min(Math.max(sample, 0), 255) / 255
      })
      const before = peakSignalToNoise({ ...truth, data: noisy }, truth)
      const after = peakSignalToNoise(translate(starters.denoise, { ...truth, data: noisy }), truth)
      expect(after - before).toBeGreaterThan(2)
    },
  )
})

describe.each(ids)('%s', (id) => {
  test('says what it is: card, licence and limits', () => {
    const { header, network } = starters[id]
    for (const text of Object.values(header.card)) expect(text.length).toBeGreaterThan(2)
    expect(header.task).toBe(network.scale === 1 ? 'restore' : 'enlarge')
  })

  test('sees no further than its context: a tile with that much around it equals the whole', () => {
    const { network, run } = starters[id]
    const { context, scale } = network
    const sizePx = 2 * context + 12
    const whole = tf.sigmoid(normal([1, sizePx, sizePx, 3], 5))
    const tile = tf.slice(whole, [0, 4, 4, 0], [1, 2 * context + 4, 2 * context + 4, 3])
    const inWhole = tf.slice(
      run(whole),
      [0, (context + 4) * scale, (context + 4) * scale, 0],
      [1, 4 * scale, 4 * scale, 3],
    )
    const inTile = tf.slice(run(tile), [0, context * scale, context * scale, 0], [1, 4 * scale, 4 * scale, 3])
    const difference = largest(differenceOf(inTile.dataSync(), inWhole.dataSync()))
    expect(difference).toBeLessThan(1e-5)
  })

  test('takes a picture of one pixel, and leaves nothing behind but its result', () => {
    const { network, run } = starters[id]
    const x = tf.zeros([1, 1, 1, 3])
    const before = tf.memory().numTensors
    const y = run(x)
    expect(y.shape).toEqual([1, network.scale, network.scale, 3])
    expect(tf.memory().numTensors).toBe(before + 1)
  })
})
