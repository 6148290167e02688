import { z } from 'zod'
import {
  checkerboardOf,
  contrastOf,
  correlation,
  detailsOf,
  distance,
  meanDifference,
  meanOf,
  shareWithin,
  shrink,
  type Glance,
} from './glances.ts'

/** What a gallery shows, small and grey; all pictures are squares of one side. */
export type Gallery = {
  sidePx: number
  /** What was given to the model; empty where it makes pictures from nothing. */
  given: readonly Glance[]
  made: readonly Glance[]
  truth: readonly Glance[]
  /** The class of each true picture, from 0; empty where there are none. */
  labels: readonly number[]
  /** Whether each made picture was asked to be of the class of its true one. */
  isOfClass: boolean
  /** Whether each true picture is what its made one should be. */
  isPaired: boolean
}

/** What a gallery comes to, in numbers: to be judged, kept and compared. */
export const look = z.strictObject({
  /** How much made pictures differ from one another, as a share of how much true ones do; null where those hardly do. */
  variety: z.number().nullable(),
  /** Share of what is made that is like something true, and of what is true that is like something made; null where pictures are given, and of few. */
  precision: z.number().nullable(),
  recall: z.number().nullable(),
  /** Classes that nothing made is like, and those of which always the same is made. */
  missing: z.array(z.number().int()),
  alike: z.array(z.number().int()),
  /** Mean correlation of what is made with what it should be, or was made of; null where there is neither. */
  likeness: z.number().nullable(),
  /** The same of details alone. */
  likenessOfDetails: z.number().nullable(),
  /** How far made pictures are from flat grey, as a share of how far true ones are. */
  contrast: z.number(),
  /** Whether each true picture is what its made one should be: then held-out scores say what is learned. */
  isPaired: z.boolean(),
  /** Strength of a checkerboard of single pixels, as a multiple of that in true pictures. */
  checkerboard: z.number(),
  /** What the first made pictures look like, as a few numbers in [-1,1]. */
  impression: z.array(z.number()),
})
export type Look = z.infer<typeof look>

/** Where true pictures differ by less, nothing can be said of variety. */
const VARIED = 0.02
/** Made pictures of a class that differ by less than this share of what true ones do are all the same. */
const ALIKE_SHARE = 0.2
/** So many pictures a side, at least, before they are taken for a sample of all. */
const SAMPLE_LEAST = 32
/** As in Kynkaanniemi et al. 2019. */
const NEIGHBOUR = 3
/** Flat pictures have next to no checkerboard, and a multiple of nothing means nothing. */
const CHECKERED_LEAST = 0.01
/** No picture is flatter: 8 bits have no finer steps. */
const FLAT = 1 / 128
/** Likeness is judged in a grid of so many cells a side, in which a shape is still a shape. */
const CELLS = 8
const [IMPRESSIONS, IMPRESSION_CELLS] = [4, 4]

/** Sums up what a gallery shows. */
export function lookAt(gallery: Gallery): Look {
  const { made, truth, given, sidePx, isPaired } = gallery
  const trueDifference = meanDifference(truth)
  const others = isPaired ? truth : given
  const details = (one: Glance | undefined) => one && detailsOf(one, sidePx, CELLS)
  return {
    variety: trueDifference > VARIED ? meanDifference(made) / trueDifference : null,
    ...coverage(gallery),
    alike: classesAlike(gallery),
    likeness: meanOf(made.map((one, index) => correlation(one, others[index]))),
    likenessOfDetails: meanOf(made.map((one, index) => correlation(details(one), details(others[index])))),
    contrast: contrastOf(made) / Math.max(contrastOf(truth), FLAT),
    isPaired,
    checkerboard: checkerboardOf(made, sidePx) / Math.max(checkerboardOf(truth, sidePx), CHECKERED_LEAST),
    impression: made
      .slice(0, IMPRESSIONS)
      .flatMap((one) => [...shrink(one, sidePx, IMPRESSION_CELLS)].map((value) => Number(value.toFixed(3)))),
  }
}

/** What of the true pictures is made at all, where they are made from nothing. */
function coverage({
  made,
  truth,
  given,
  labels,
  sidePx,
}: Gallery): Pick<Look, 'precision' | 'recall' | 'missing'> {
  if (given.length > 0 || Math.min(made.length, truth.length) < SAMPLE_LEAST)
    return { precision: null, recall: null, missing: [] }
  const [small, real] = [made, truth].map((all) => all.map((one) => shrink(one, sidePx, CELLS))) as [
    Glance[],
    Glance[],
  ]
  const classesMade = new Set(small.map((one) => labels[nearest(one, real)]))
  return {
    precision: shareWithin(small, real, NEIGHBOUR),
    recall: shareWithin(real, small, NEIGHBOUR),
    missing: [...new Set(labels)].filter((label) => !classesMade.has(label)).sort((x, y) => x - y),
  }
}

function nearest(one: Glance, others: readonly Glance[]): number {
  const distances = others.map((other) => distance(one, other))
  return distances.indexOf(Math.min(...distances))
}

/** Classes of which made pictures hardly differ where true ones do. */
function classesAlike({ made, truth, labels, isOfClass }: Gallery): number[] {
  if (!isOfClass) return []
  return [...new Set(labels)].filter((label) => {
    const ofClass = (all: readonly Glance[]) => all.filter((_, index) => labels[index] === label)
    const trueDifference = meanDifference(ofClass(truth))
    return trueDifference > VARIED && meanDifference(ofClass(made)) < ALIKE_SHARE * trueDifference
  })
}
