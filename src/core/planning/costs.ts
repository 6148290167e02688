import { z } from 'zod'
import type { RecipeId } from '../recipes/index.ts'
import file from './costs.json' with { type: 'json' }

/** What `bench/planning.ts` measured: short trainings on a sample, everything but one setting alike. */
const measuredCost = z.strictObject({
  /** A way of lighter.ts, or `steps-1/2`: half of the steps. */
  way: z.string(),
  recipe: z.string(),
  sample: z.string(),
  steps: z.number().int(),
  /** A step's time and the memory of what it computes, as shares of the full settings'. */
  stepShare: z.number().positive(),
  memoryShare: z.number().positive(),
  /** On held-out pictures, of the lighter settings and of the full ones, the same steps and seeds. */
  l1: z.number(),
  fullL1: z.number(),
  ssim: z.number(),
  fullSsim: z.number(),
  seeds: z.number().int(),
})
export type MeasuredCost = z.infer<typeof measuredCost>

/** The whole table and the command that printed it. */
export const costTable = z.strictObject({ command: z.string(), measured: z.array(measuredCost) })

const { measured } = costTable.parse(file)

/** What was measured of a way: with this recipe, else with whichever it was measured with. */
function findCost(way: string, recipe: RecipeId): MeasuredCost | undefined {
  return (
    measured.find((cost) => cost.way === way && cost.recipe === recipe) ??
    measured.find((cost) => cost.way === way)
  )
}

/** Where nothing was measured: as if nothing were saved, so that no one is promised too much. */
const UNKNOWN = 1

/** By how much a step takes less time and its computing less memory, with several ways together. */
export function sharesOf(ways: readonly string[], recipe: RecipeId): { step: number; memory: number } {
  const product = (key: 'stepShare' | 'memoryShare') =>
    ways.reduce((share, way) => share * (findCost(way, recipe)?.[key] ?? UNKNOWN), 1)
  return { step: product('stepShare'), memory: product('memoryShare') }
}

/** How much worse it becomes, as a ratio of errors: for ranking. */
export function errorRatioOf(ways: readonly string[], recipe: RecipeId): number {
  return ways.reduce((ratio, way) => {
    const cost = findCost(way, recipe)
    return ratio * (cost ? cost.l1 / cost.fullL1 : UNKNOWN)
  }, 1)
}

/** The way of the table for a run cut down to a share of its steps: the nearest that was measured and is no milder. */
export function stepsWay(share: number): string {
  const shares = measured
    .filter(({ way }) => way.startsWith('steps-'))
    .map(({ way }) => ({ way, share: 1 / Number(way.split('/')[1] ?? 1) }))
    .sort((x, y) => y.share - x.share)
  return (shares.find((one) => one.share <= share * 1.1) ?? shares.at(-1))?.way ?? 'steps'
}

function sentenceOf({ recipe, sample, steps, l1, fullL1, ssim, fullSsim }: MeasuredCost): string {
  const percent = Math.round(100 * (l1 / fullL1 - 1))
  const error =
    percent === 0 ? 'about the same error' : `${Math.abs(percent)}% ${percent > 0 ? 'more' : 'less'} error`
  const change = ssim - fullSsim
  const likeness =
    Math.abs(change) < 0.005
      ? 'equal likeness (SSIM)'
      : `likeness (SSIM) ${change < 0 ? 'lower' : 'higher'} by ${Math.abs(change).toFixed(2)}`
  return `${error} and ${likeness} on ${sample} with ${recipe}, ${steps} steps`
}

/** What it costs in quality, in a sentence: what was measured, where, and that it was nothing else. */
export function costInWords(ways: readonly string[], recipe: RecipeId): string {
  const known = ways.flatMap((way) => findCost(way, recipe) ?? [])
  if (known.length < ways.length) return 'What this costs in quality was not measured yet.'
  const sentence = known.map(sentenceOf).join('; and ')
  return `Measured: ${sentence}.`
}
