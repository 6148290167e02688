import { tf } from '../backends/tf.ts'
import type { Tensor, Tensor4D } from '../backends/tf.ts'
import type { Pictures } from './trainer.ts'

/** Pictures as a tensor of the current scope. */
export function fromPictures({ data, shape }: Pictures): Tensor4D {
  return tf.tensor4d(data, [...shape])
}

/** Sends pictures through a network one at a time, so that none borrows the statistics of another. `paint` is told which it is, too. */
export async function picturesOneByOne(
  pictures: Pictures,
  paint: (x: Tensor4D, index: number) => Tensor4D,
): Promise<Pictures> {
  const painted: Float32Array[] = []
  let shape: readonly number[] = []
  for (let index = 0; index < pictures.shape[0]; index += 1) {
    const y = tf.tidy(() => paint(fromPictures(pictureAt(pictures, index)), index))
    shape = y.shape
    painted.push(Float32Array.from(await y.data()))
    y.dispose()
  }
  const [, height = 0, width = 0, channels = 0] = shape
  const data = new Float32Array(painted.length * height * width * channels)
  for (const [index, picture] of painted.entries()) data.set(picture, index * picture.length)
  return { shape: [painted.length, height, width, channels], data }
}

function pictureAt({ shape: [, height, width, channels], data }: Pictures, index: number): Pictures {
  const size = height * width * channels
  return { shape: [1, height, width, channels], data: data.subarray(index * size, (index + 1) * size) }
}

/** Reads scalars and frees them. */
export async function toScalars(scalars: Record<string, Tensor>): Promise<Record<string, number>> {
  const values: Record<string, number> = {}
  for (const [name, scalar] of Object.entries(scalars)) {
    values[name] = (await scalar.data())[0] ?? Number.NaN
    scalar.dispose()
  }
  return values
}
