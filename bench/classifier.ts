// A small convolutional classifier, the same for every training set, so that only the pictures make the difference.
import { randomPermutation } from '../src/core/random.ts'
import { tf } from '../src/engine/backends/tf.ts'
import { SIDE } from './fashion.ts'

/** Pictures [SIDE, SIDE, 3] of 8 bits with their classes. */
export type Labelled = { label: number; picture: Uint8Array }

const BATCH = 64

function batchOf(items: readonly Labelled[]) {
  const data = new Float32Array(items.length * SIDE * SIDE * 3)
  items.forEach(({ picture }, index) => {
    for (let at = 0; at < picture.length; at += 1)
      data[index * picture.length + at] = (picture[at] as number) / 255
  })
  return tf.tensor4d(data, [items.length, SIDE, SIDE, 3])
}

function createClassifier(seed: number, classes: number) {
  const init = (layer: number) => tf.initializers.glorotUniform({ seed: seed * 100 + layer })
  const convolution = (layer: number, filters: number) =>
    tf.layers.conv2d({
      filters,
      kernelSize: 3,
      padding: 'same',
      activation: 'relu',
      kernelInitializer: init(layer),
      ...(layer === 1 && { inputShape: [SIDE, SIDE, 3] }),
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

export type Classifier = ReturnType<typeof createClassifier>

/** Trains on one set. The caller disposes it. */
export async function trainClassifier(
  train: readonly Labelled[],
  { seed, epochs, classes }: { seed: number; epochs: number; classes: number },
): Promise<Classifier> {
  const model = createClassifier(seed, classes)
  for (let epoch = 0; epoch < epochs; epoch += 1) {
    const order = randomPermutation(train.length, seed, epoch)
    for (let from = 0; from < order.length; from += BATCH) {
      const items = order.slice(from, from + BATCH).map((index) => train[index] as Labelled)
      const x = batchOf(items)
      const y = tf.tensor1d(items.map(({ label }) => label))
      await model.trainOnBatch(x, y)
      tf.dispose([x, y])
    }
  }
  return model
}

/** The class that it sees in each picture. */
export function namesOf(model: Classifier, pictures: readonly Labelled[]): number[] {
  const names: number[] = []
  for (let from = 0; from < pictures.length; from += 500) {
    const items = pictures.slice(from, from + 500)
    const named = tf.tidy(() => tf.argMax(model.predict(batchOf(items)) as ReturnType<typeof batchOf>, 1))
    names.push(...named.dataSync())
    named.dispose()
  }
  return names
}

/** Trains on one set and gives the share of the test set that it names rightly. */
export async function accuracyOf(
  train: readonly Labelled[],
  test: readonly Labelled[],
  settings: { seed: number; epochs: number; classes: number },
): Promise<number> {
  const model = await trainClassifier(train, settings)
  const names = namesOf(model, test)
  model.dispose()
  return names.filter((name, index) => name === test[index]?.label).length / test.length
}
