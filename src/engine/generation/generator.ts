import { basename } from 'node:path'
import { refuse } from '../../core/errors.ts'
import type { ModelHeader } from '../../core/models/modelHeader.ts'
import type { Precision } from '../../core/training/precision.ts'
import { createSamples, largestSample, type Picture } from '../imaging/picture.ts'
import { openModel, type OpenModel } from '../inference/model.ts'
import { drawCodes } from '../nn/codes.ts'
import { counterOf } from '../../core/random.ts'

/** A picture of a model from noise, as it is drawn first: a place of a seed's endless row. */
export type Place = { seed: number; place: number }

/** A model that makes pictures from noise. */
export type Generator = {
  header: ModelHeader
  /** Names of the classes that can be asked for; none where the model knows none. */
  labels: readonly string[]
  /** The pictures of these places of a seed's endless row: each a function of seed, place, label and attempt alone. */
  make(
    places: readonly number[],
    labels: readonly number[],
    seed: number,
    attempt?: number,
  ): Promise<Picture[]>
  /** The pictures on the way from one place to another, both ends included: codes turn evenly (spherical interpolation). */
  walk(from: Place, to: Place, steps: number, label: number): AsyncGenerator<Picture>
  dispose(): void
}

const GENERATE = counterOf('generate.codes')
/** Pictures on a way that are painted in one go. */
const TOGETHER = 32

/**
 * Opens a model from noise.
 * @throws Refused `model-unfit` for a model that translates, and as `openModel`
 */
export async function openGenerator(path: string, precision?: Precision): Promise<Generator> {
  const model = await openModel(path, precision)
  const generator = generatorOf(model)
  if (generator) return generator
  model.dispose()
  throw refuse(
    'model-unfit',
    `${basename(path)} needs a picture to work on: it makes none from nothing.`,
    'Choose a model of the recipe gan, cgan, wgan or wgan-gp.',
  )
}

/** A model that is open, as what makes pictures; undefined where it translates them. */
export function generatorOf(model: OpenModel): Generator | undefined {
  const { header, network } = model
  if (header.task !== 'generate' || !header.condition) return undefined
  const { latent, labels } = header.condition
  const code = { latent, classes: labels.length }
  const paint = async (codes: Float32Array): Promise<Picture[]> => {
    const made = await model.run(codes, 1, 1)
    const length = network.scale ** 2 * network.outputChannels
    return Array.from({ length: made.length / length }, (_, index) =>
      toPicture(made.subarray(index * length, (index + 1) * length), header, network.scale),
    )
  }
  return {
    header,
    labels,
    make: (places, wanted, seed, attempt = 0) =>
      paint(drawCodes(code, places, wanted, seed, GENERATE, attempt).data),
    async *walk(from, to, steps, label) {
      const [first, last] = [from, to].map(
        ({ seed, place }) => drawCodes(code, [place], [label], seed, GENERATE, 0).data,
      ) as [Float32Array, Float32Array]
      const codes = walkBetween(first, last, latent, steps)
      const width = latent + labels.length
      for (let at = 0; at < steps; at += TOGETHER)
        yield* await paint(codes.slice(at * width, (at + TOGETHER) * width))
    },
    dispose: () => model.dispose(),
  }
}

/** Codes between two, each [width], as [steps,width]: their noise turns at an even pace, what stands for labels is the first's. */
function walkBetween(from: Float32Array, to: Float32Array, latent: number, steps: number): Float32Array {
  const width = from.length
  const dot = (a: Float32Array, b: Float32Array) =>
    a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0)
  const [first, last] = [from.subarray(0, latent), to.subarray(0, latent)]
  const angle = Math.acos(
    Math.min(1, Math.max(-1, dot(first, last) / Math.sqrt(dot(first, first) * dot(last, last)))),
  )
  const codes = new Float32Array(steps * width)
  for (let step = 0; step < steps; step += 1) {
    const share = steps === 1 ? 0 : step / (steps - 1)
    const [near, far] =
      Math.sin(angle) < 1e-6
        ? [1 - share, share]
        : [Math.sin((1 - share) * angle) / Math.sin(angle), Math.sin(share * angle) / Math.sin(angle)]
    codes.set(from, step * width)
    for (let index = 0; index < latent; index += 1)
      codes[step * width + index] = near * (first[index] ?? 0) + far * (last[index] ?? 0)
  }
  return codes
}

/** Samples in the model's range as a picture of its depth. */
function toPicture(made: Float32Array, { output }: ModelHeader, sidePx: number): Picture {
  const { bitDepth, low, high, channels } = output
  const largest = largestSample(bitDepth)
  const data = createSamples(made.length, bitDepth)
  for (let at = 0; at < made.length; at += 1)
    data[at] = Math.round(largest * Math.min(1, Math.max(0, ((made[at] as number) - low) / (high - low))))
  return {
    data,
    widthPx: sidePx,
    heightPx: sidePx,
    channels,
    bitDepth,
    alpha: null,
    colourSpace: channels === 3 ? 'srgb' : channels === 1 ? 'grey' : 'data',
    metadata: { format: 'png', icc: null, exif: null, xmp: null, dotsPerInch: null },
  }
}
