import { tf } from '../backends/tf.ts'
import type { Tensor, Tensor4D } from '../backends/tf.ts'
import type { Weights } from '../nn/network.ts'
import type { Pictures } from '../recipes/trainer.ts'
import { EFFICIENT_NET_SIDE_PX, efficientNetFeatures } from './efficientNet.ts'
import { INCEPTION_SIDE_PX, inceptionFeatures } from './inception.ts'
import { readInceptionWeights } from './inceptionWeights.ts'
import { holdWeights, type HeldWeights } from './metricWeights.ts'
import { bicubicTaps, bilinearTaps, resample, type Interleaved, type Taps } from './resample.ts'

/** A network that turns a picture into numbers by which heaps of pictures are compared. */
export type FeatureNetwork = {
  /**
   * One vector a picture. Pictures are [N,H,W,C] in [-1,1], of any size; one channel stands for all three, of four the
   * first three count. Brought to the network's size as its publishers do.
   */
  featuresOf(pictures: Pictures): Promise<Float64Array[]>
  dispose(): void
}

/** How a network wants its pictures, and what it makes of them. */
type Reader = {
  sidePx: number
  taps(from: number, to: number): Taps
  /** From a sample of 0 to 255 to what the network takes. */
  scale(sample: number): number
  /** [N,side,side,3] to [N,features]. */
  features(x: Tensor4D, weights: Weights): Tensor
}

/** Pictures that go through a network together. */
const BATCH = 8

const efficientNet: Reader = {
  sidePx: EFFICIENT_NET_SIDE_PX,
  taps: bicubicTaps,
  // A cubic overshoots at edges; no picture holds such samples.
  scale: (sample) => (Math.min(255, Math.max(0, sample)) - 127) / 128,
  features: efficientNetFeatures,
}

const inception: Reader = {
  sidePx: INCEPTION_SIDE_PX,
  taps: bilinearTaps,
  scale: (sample) => (sample - 128) / 128,
  features: inceptionFeatures,
}

/**
 * Opens EfficientNet-Lite0, which comes with Diptych: 1280 features a picture. With `inception`, the path of Inception
 * weights that a person imported: 2048 features, on which published KID and FID rest.
 * @throws Refused `model-missing`, `inception-foreign`, `safetensors-damaged`, `tensor-type`
 */
export async function openFeatures(imported: { inception?: string } = {}): Promise<FeatureNetwork> {
  if (imported.inception === undefined) return featureNetwork(efficientNet, holdWeights('efficientnet-lite0'))
  return featureNetwork(inception, await readInceptionWeights(imported.inception))
}

function featureNetwork(reader: Reader, { weights, dispose }: HeldWeights): FeatureNetwork {
  return {
    async featuresOf(pictures) {
      const vectors: Float64Array[] = []
      for (let first = 0; first < pictures.shape[0]; first += BATCH)
        vectors.push(...(await featuresOfBatch(reader, weights, pictures, first)))
      return vectors
    },
    dispose,
  }
}

async function featuresOfBatch(
  reader: Reader,
  weights: Weights,
  pictures: Pictures,
  first: number,
): Promise<Float64Array[]> {
  const { sidePx } = reader
  const count = Math.min(BATCH, pictures.shape[0] - first)
  const size = sidePx * sidePx * 3
  const input = new Float32Array(count * size)
  for (let index = 0; index < count; index += 1)
    input.set(prepare(reader, pictures, first + index), index * size)
  const features = tf.tidy(() => reader.features(tf.tensor4d(input, [count, sidePx, sidePx, 3]), weights))
  const values = await features.data()
  features.dispose()
  const length = values.length / count
  return Array.from({ length: count }, (_, index) =>
    Float64Array.from(values.slice(index * length, (index + 1) * length)),
  )
}

/** One picture as the network takes it: [side, side, 3]. */
function prepare({ sidePx, taps, scale }: Reader, pictures: Pictures, index: number): Float32Array {
  const { widthPx, heightPx, channels, data } = pictureAt(pictures, index)
  const samples = data.map((value) => (value + 1) * 127.5)
  const resized = resample(
    { data: samples, widthPx, heightPx, channels },
    taps(widthPx, sidePx),
    taps(heightPx, sidePx),
  )
  const out = new Float32Array(sidePx * sidePx * 3)
  for (let pixel = 0; pixel < sidePx * sidePx; pixel += 1)
    for (let colour = 0; colour < 3; colour += 1) {
      const channel = channels < 3 ? 0 : colour
      out[pixel * 3 + colour] = scale(resized.data[pixel * channels + channel] as number)
    }
  return out
}

function pictureAt({ shape: [, heightPx, widthPx, channels], data }: Pictures, index: number): Interleaved {
  const size = heightPx * widthPx * channels
  return { data: data.subarray(index * size, (index + 1) * size), widthPx, heightPx, channels }
}
