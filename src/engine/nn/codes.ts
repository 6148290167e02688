import { randomGaussians } from '../../core/random.ts'

/**
 * What networks from noise are given for one picture each: `latent` standard normal values, then one-hot labels. A picture's code is a
 * function of the seed, the counters and its place alone, whatever batch it is made in.
 * @param labels of each picture; ignored where there are no classes
 * @returns [count,1,1,latent + classes], row by row
 */
export function drawCodes(
  { latent, classes }: { latent: number; classes: number },
  places: readonly number[],
  labels: readonly number[],
  seed: number,
  ...counters: readonly number[]
): { shape: [number, number, number, number]; data: Float32Array } {
  const width = latent + classes
  const data = new Float32Array(places.length * width)
  for (const [index, place] of places.entries()) {
    data.set(randomGaussians(latent, seed, ...counters, place), index * width)
    const label = labels[index]
    if (classes > 0 && label !== undefined) data[index * width + latent + label] = 1
  }
  return { shape: [places.length, 1, 1, width], data }
}
