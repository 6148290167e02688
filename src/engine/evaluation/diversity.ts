import { randomInteger, randomPermutation } from '../../core/random.ts'
import { jackknifeInterval, meanOf } from './intervals.ts'
import type { Plane } from './metrics.ts'
import { bicubicTaps, resample } from './resample.ts'
import type { Figure } from './works.ts'

/** Pictures kept for comparing, and pairs of them compared: what a person waits for, and memory, stay bounded. */
const MOST_KEPT = 40
const MOST_PAIRS = 120
/** Pictures of more than one size are compared at this one, in px. */
const COMMON_SIDE_PX = 256
const SEED = 1
const [KEEPING, PAIRING] = [1, 2]

/** Gathers made pictures and tells how much they differ from one another. */
export type Diversity = {
  add(picture: Plane): void
  /** @param distance the perceptual distance of two pictures alike in shape */
  measure(distance: (one: Plane, other: Plane) => Promise<number>): Promise<Figure>
}

/**
 * Mean perceptual distance of pairs of made pictures: near 0 they all look alike (mode collapse), whatever was put in. Of
 * many pictures 40 are kept, each with the same chance, by a fixed seed; up to 120 pairs of them, all where there are no
 * more, are compared. The interval is the jackknife's over pictures, since a picture is in several pairs (a little wide where not all pairs are compared). NaN below three.
 */
export function createDiversity(): Diversity {
  const kept: Plane[] = []
  let seen = 0
  return {
    add(picture) {
      seen += 1
      // Reservoir sampling (Vitter 1985): the n-th picture stays with a chance of 40 / n.
      const place = kept.length < MOST_KEPT ? kept.length : randomInteger(seen, SEED, KEEPING, seen)
      if (place < MOST_KEPT) kept[place] = picture
    },
    async measure(distance) {
      if (kept.length < 3) return { value: NaN, low: null, high: null, note: 'Needs three made pictures.' }
      const pictures = alike(kept)
      const pairs = pairsOf(pictures.length)
      const distances: number[] = []
      for (const [one, other] of pairs)
        distances.push(await distance(pictures[one] as Plane, pictures[other] as Plane))
      const value = meanOf(distances)
      const leftOut = pictures
        .map((_, index) => distances.filter((_, pair) => !pairs[pair]?.includes(index)))
        .filter((rest) => rest.length > 0)
        .map(meanOf)
      return { value, ...jackknifeInterval(value, [leftOut]) }
    },
  }
}

/** Pairs of different pictures, no pair twice, drawn by a fixed seed. */
function pairsOf(count: number): (readonly [number, number])[] {
  const all = Array.from({ length: count }, (_, one) =>
    Array.from({ length: one }, (_, other) => [one, other] as const),
  ).flat()
  return randomPermutation(all.length, SEED, PAIRING)
    .slice(0, MOST_PAIRS)
    .map((index) => all[index] as readonly [number, number])
}

/** The pictures as they are where all have one shape, otherwise resized to a square (bicubic, antialiased). */
function alike(pictures: readonly Plane[]): Plane[] {
  const [first] = pictures
  const shapeOf = ({ widthPx, heightPx, channels }: Plane) => `${widthPx}x${heightPx}x${channels}`
  if (first === undefined || pictures.every((picture) => shapeOf(picture) === shapeOf(first)))
    return [...pictures]
  return pictures.map((picture) => {
    const [across, down] = [picture.widthPx, picture.heightPx].map((side) =>
      bicubicTaps(side, COMMON_SIDE_PX),
    )
    const { data, ...shape } = resample(picture, across ?? [], down ?? [])
    return { ...shape, data: data.map((value) => Math.min(1, Math.max(0, value))) }
  })
}
