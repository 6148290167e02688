import { setImmediate } from 'node:timers/promises'
import { randomPermutation } from '../../core/random.ts'
import { tf, type Tensor4D } from '../backends/tf.ts'

/** A square picture [side, side, 3] of 8 bits with its class. */
export type Labelled = { label: number; picture: Uint8Array }

export type Lessons = { seed: number; /** Batches of 64. */ steps: number; classes: number }

/** Pictures that are learned from in one step. */
export const BATCH = 64
/** Pictures that are named together. */
const NAMED = 500

const sideOf = ({ picture }: Labelled): number => Math.sqrt(picture.length / 3)

/** [N,side,side,3] in [0,1]. */
function batchOf(items: readonly Labelled[]): Tensor4D {
  const [first] = items as readonly [Labelled]
  const [side, length] = [sideOf(first), first.picture.length]
  const data = new Float32Array(items.length * length)
  for (const [index, { picture }] of items.entries())
    for (let at = 0; at < length; at += 1) data[index * length + at] = (picture[at] as number) / 255
  return tf.tensor4d(data, [items.length, side, side, 3])
}

function createClassifier(seed: number, classes: number, side: number) {
  const init = (layer: number) => tf.initializers.glorotUniform({ seed: seed * 100 + layer })
  const convolution = (layer: number, filters: number) =>
    tf.layers.conv2d({
      filters,
      kernelSize: 3,
      padding: 'same',
      activation: 'relu',
      kernelInitializer: init(layer),
      ...(layer === 1 && { inputShape: [side, side, 3] }),
    })
  const model = tf.sequential({
    layers: [
      convolution(1, 32),
      tf.layers.maxPooling2d({ poolSize: 2 }),
      convolution(2, 64),
      tf.layers.maxPooling2d({ poolSize: 2 }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 128, activation: 'relu', kernelInitializer: init(3) }),
      tf.layers.dense({ units: classes, activation: 'softmax', kernelInitializer: init(4) }),
    ],
  })
  model.compile({ optimizer: tf.train.adam(1e-3), loss: 'sparseCategoricalCrossentropy' })
  return model
}

export type Classifier = {
  /** The class that it sees in each picture. */
  name(pictures: readonly Labelled[]): number[]
  dispose(): void
}

/**
 * Trains a small convolutional classifier (two convolutions, two dense layers; Adam, 1e-3), the same for every set, so that only the
 * pictures make the difference. A function of pictures and settings.
 * @throws the signal's reason when it is aborted
 */
export async function trainClassifier(
  train: readonly Labelled[],
  { seed, steps, classes }: Lessons,
  signal?: AbortSignal,
): Promise<Classifier> {
  const [first] = train
  if (!first) throw new Error('There is nothing to learn from.')
  const model = createClassifier(seed, classes, sideOf(first))
  const dispose = () => {
    model.optimizer.dispose()
    model.dispose()
  }
  try {
    const perEpoch = Math.ceil(train.length / BATCH)
    let order: number[] = []
    for (let step = 0; step < steps; step += 1) {
      // A turn of the event loop: a request to stop arrives.
      await setImmediate()
      signal?.throwIfAborted()
      if (step % perEpoch === 0) order = randomPermutation(train.length, seed, step / perEpoch)
      const from = (step % perEpoch) * BATCH
      const items = order.slice(from, from + BATCH).map((index) => train[index] as Labelled)
      const [x, y] = [batchOf(items), tf.tensor1d(items.map(({ label }) => label))]
      await model.trainOnBatch(x, y)
      tf.dispose([x, y])
    }
  } catch (error) {
    dispose()
    throw error
  }
  return { name: (pictures) => namesBy(model, pictures), dispose }
}

function namesBy(model: ReturnType<typeof createClassifier>, pictures: readonly Labelled[]): number[] {
  const names: number[] = []
  for (let from = 0; from < pictures.length; from += NAMED) {
    const named = tf.tidy(() =>
      tf.argMax(model.predict(batchOf(pictures.slice(from, from + NAMED))) as Tensor4D, 1),
    )
    names.push(...named.dataSync())
    named.dispose()
  }
  return names
}

/** Shares of the test pictures that are named rightly: of all, and of each class (0 where there is none of it). */
export type Report = { accuracy: number; recall: number[] }

/** Trains on one set, and scores on another. @throws the signal's reason when it is aborted */
export async function reportOf(
  train: readonly Labelled[],
  test: readonly Labelled[],
  lessons: Lessons,
  signal?: AbortSignal,
): Promise<Report> {
  const classifier = await trainClassifier(train, lessons, signal)
  const names = classifier.name(test)
  classifier.dispose()
  const share = (of: readonly number[]) =>
    of.filter((index) => names[index] === test[index]?.label).length / Math.max(1, of.length)
  const all = [...test.keys()]
  return {
    accuracy: share(all),
    recall: Array.from({ length: lessons.classes }, (_, label) =>
      share(all.filter((index) => test[index]?.label === label)),
    ),
  }
}
