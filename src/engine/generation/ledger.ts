import { appendFile, writeFile } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { refuse } from '../../core/errors.ts'
import { generateOptions } from '../../core/generation/events.ts'
import { namesIn, writeJsonAtomic } from '../storage/atomic.ts'
import { readJson } from '../storage/json.ts'
import { readJsonLines, toJsonLine } from '../storage/jsonLines.ts'
import type { Wanted } from './plan.ts'

/** generation.json: what the set is a function of. Written first, so that a set that was stopped can be gone on with. */
const recipeSchema = z.strictObject({
  schema: z.literal(1),
  model: z.strictObject({ name: z.string(), sha256: z.string() }),
  options: generateOptions,
  /** Whether pictures close to real ones are left out, and what those hash to. */
  real: z.string().nullable(),
  /** The saved state whose judge says which pictures are the worst, where some are left out. */
  judge: z.strictObject({ step: z.number().int(), sha256: z.string() }).nullable().default(null),
  /** Real pictures of each class, where rare ones are filled up. */
  balance: z.record(z.string(), z.number().int()).nullable().default(null),
  /** The pictures that are turned, where the model makes none from nothing: what all of them hash to. */
  source: z.string().nullable().default(null),
})
export type SetRecipe = z.infer<typeof recipeSchema>

/**
 * A line of generation.jsonl: one picture, the attempt that made it, and how many before it were left out. `isLeftOut`: so was it, since
 * its source picture gives no other.
 */
const lineSchema = z.strictObject({
  slot: z.number().int(),
  attempt: z.number().int(),
  alike: z.number().int(),
  known: z.number().int(),
  /** Left out because of the judge's verdict, and its score of the one that was kept. */
  doubted: z.number().int().default(0),
  score: z.number().nullable().default(null),
  isLeftOut: z.boolean().default(false),
})
export type LedgerLine = z.infer<typeof lineSchema>

const [RECIPE, LEDGER] = ['generation.json', 'generation.jsonl']

/**
 * Claims an empty folder, or goes on with the same set.
 * @returns the lines of what is there, in order
 * @throws Refused `generation-other` where the folder holds something else
 */
export async function openLedger(
  output: string,
  recipe: SetRecipe,
  wanted: readonly Wanted[],
): Promise<LedgerLine[]> {
  const path = join(output, RECIPE)
  if (!existsSync(path)) {
    if ((await namesIn(output)).length > 0) throw notEmpty(output)
    await writeJsonAtomic(path, recipe)
    await writeFile(join(output, LEDGER), '')
    return []
  }
  const found = recipeSchema.safeParse(await readJson(path))
  if (!found.success || JSON.stringify(found.data) !== JSON.stringify(recipe)) throw notEmpty(output)
  const lines = await readJsonLines(join(output, LEDGER), lineSchema)
  const kept = lines.findIndex(
    ({ slot, isLeftOut }, index) =>
      slot !== index || (!isLeftOut && !existsSync(join(output, wanted[index]?.place ?? ''))),
  )
  const whole = kept < 0 ? lines : lines.slice(0, kept)
  // A line that was cut off, or whose picture is gone, is written anew.
  await writeFile(join(output, LEDGER), whole.map(toJsonLine).join(''), { flush: true })
  return whole
}

export function addLine(output: string, line: LedgerLine): Promise<void> {
  return appendFile(join(output, LEDGER), toJsonLine(line))
}

function notEmpty(output: string): Error {
  return refuse(
    'generation-other',
    `${output} holds something else already: other files, or a set of another model or other settings.`,
    'Choose an empty folder, or the same settings to go on with a set that was stopped.',
  )
}
