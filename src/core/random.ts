/**
 * Counter-based randomness: every draw is a pure function of a seed and the names of the draw, so nothing has to be
 * saved to resume a run exactly, and the order of draws does not matter. The mixer is the 32-bit finaliser of
 * MurmurHash3 (Appleby, public domain), applied once a word.
 */
function mix(hash: number, word: number): number {
  let k = Math.imul(word, 0xcc9e2d51)
  k = (k << 15) | (k >>> 17)
  hash ^= Math.imul(k, 0x1b873593)
  hash = (hash << 13) | (hash >>> 19)
  return (Math.imul(hash, 5) + 0xe6546b64) | 0
}

function finish(hash: number): number {
  hash ^= hash >>> 16
  hash = Math.imul(hash, 0x85ebca6b)
  hash ^= hash >>> 13
  hash = Math.imul(hash, 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

/** A uniform unsigned 32-bit integer for this seed and these integers. */
export function randomBits(seed: number, ...counters: readonly number[]): number {
  let hash = mix(0x9747b28c, seed | 0)
  for (const counter of counters) hash = mix(hash, counter | 0)
  return finish(hash ^ (counters.length + 1))
}

/** Uniform in [0, 1). */
export function randomUniform(seed: number, ...counters: readonly number[]): number {
  return randomBits(seed, ...counters) / 4294967296
}

/** Uniform integer in [0, bound). `bound` is at most 2^32. */
export function randomInteger(bound: number, seed: number, ...counters: readonly number[]): number {
  return Math.floor(randomUniform(seed, ...counters) * bound)
}

/** Standard normal (Box-Muller). */
export function randomGaussian(seed: number, ...counters: readonly number[]): number {
  const radius = Math.sqrt(-2 * Math.log(1 - randomUniform(seed, ...counters, 0)))
  return radius * Math.cos(2 * Math.PI * randomUniform(seed, ...counters, 1))
}

/**
 * `length` standard normal values (Box-Muller, both halves used): a pair is a function of the seed, the counters and its
 * place in the row. For whole pictures: many times as fast as as many calls of `randomGaussian`.
 */
export function randomGaussians(
  length: number,
  seed: number,
  ...counters: readonly number[]
): Float32Array<ArrayBuffer> {
  let prefix = mix(0x9747b28c, seed | 0)
  for (const counter of counters) prefix = mix(prefix, counter | 0)
  const uniform = (index: number) => finish(mix(prefix, index) ^ (counters.length + 2)) / 4294967296
  const values = new Float32Array(length)
  for (let index = 0; index < length; index += 2) {
    const radius = Math.sqrt(-2 * Math.log(1 - uniform(index)))
    const angle = 2 * Math.PI * uniform(index + 1)
    values[index] = radius * Math.cos(angle)
    // Beyond an odd end this writes nowhere.
    values[index + 1] = radius * Math.sin(angle)
  }
  return values
}

/** A permutation of 0 .. length-1 (Fisher-Yates), the same for the same seed and counters. */
export function randomPermutation(length: number, seed: number, ...counters: readonly number[]): number[] {
  const order = Array.from({ length }, (_, index) => index)
  for (let last = length - 1; last > 0; last -= 1) {
    const other = randomInteger(last + 1, seed, ...counters, last)
    const kept = order[last] as number
    order[last] = order[other] as number
    order[other] = kept
  }
  return order
}

/** `count` different integers of 0 .. length-1 (all of them where there are no more): a permutation's beginning, without the rest. */
export function randomSample(
  count: number,
  length: number,
  seed: number,
  ...counters: readonly number[]
): number[] {
  const moved = new Map<number, number>()
  return Array.from({ length: Math.min(count, length) }, (_, first) => {
    const other = first + randomInteger(length - first, seed, ...counters, first)
    const chosen = moved.get(other) ?? other
    moved.set(other, moved.get(first) ?? first)
    return chosen
  })
}

/** A stable 32-bit number for a name, to be used as a counter. */
export function counterOf(name: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < name.length; index += 1) hash = mix(hash, name.charCodeAt(index))
  return finish(hash)
}
