import type { ModelHeader } from '../../core/models/modelHeader.ts'
import { splitNames } from '../../core/datasets/report.ts'
import { countInWords } from '../../core/words.ts'
import { csvRow } from '../exporters/csv.ts'
import type { LedgerLine, SetRecipe } from './ledger.ts'
import type { Wanted } from './plan.ts'

/** What is said of a set beside its pictures. */
export type SetText = {
  wanted: readonly Wanted[]
  lines: readonly LedgerLine[]
  header: ModelHeader
  recipe: SetRecipe
}

const nameOf = (label: number | null, { condition }: ModelHeader): string =>
  label === null ? '' : (condition?.labels[label] ?? '')

/** labels.csv: one row a picture. */
export function tableOf({ wanted, lines, header, recipe }: SetText): string {
  const rows = wanted.map(({ place, label, split }, slot) =>
    csvRow(
      [place, nameOf(label, header), split, recipe.options.seed, slot, lines[slot]?.attempt ?? 0].map(String),
    ),
  )
  return csvRow(['file', 'label', 'split', 'seed', 'place', 'attempt']) + rows.join('')
}

/** metadata.jsonl: the same as readers of picture folders take it, with the model. */
export function metadataOf({ wanted, lines, header, recipe }: SetText): string {
  const rows = wanted.map(({ place, label, split }, slot) =>
    JSON.stringify({
      file_name: place,
      ...(label !== null && { label: nameOf(label, header) }),
      split,
      seed: recipe.options.seed,
      place: slot,
      attempt: lines[slot]?.attempt ?? 0,
      source: null,
      model: recipe.model.sha256,
      ...(recipe.judge && { judge_score: lines[slot]?.score ?? null }),
    }),
  )
  return `${rows.join('\n')}\n`
}

/** README.md: where the set comes from, what is in it, what it is not. */
export function cardOf({ wanted, lines, header, recipe }: SetText): string {
  const count = (test: (one: Wanted) => boolean) => wanted.filter(test).length
  const labels = [...new Set(wanted.map(({ label }) => label))]
  const splits = splitNames.filter((split) => count((one) => one.split === split) > 0)
  const cells = (all: readonly (string | number)[]) => `| ${all.join(' | ')} |`
  const alike = lines.reduce((sum, line) => sum + line.alike, 0)
  const known = lines.reduce((sum, line) => sum + line.known, 0)
  const doubted = lines.reduce((sum, line) => sum + line.doubted, 0)
  const { options } = recipe
  return `# ${countInWords(wanted.length, 'synthetic picture')}

Made by ${header.name}, a model trained with Diptych. No picture here was photographed; each can be made again from its seed and place (labels.csv) with the model file whose SHA-256 is \`${recipe.model.sha256}\`.

${cells(['class', ...splits])}
${cells(['---', ...splits.map(() => '---')])}
${labels.map((label) => cells([nameOf(label, header) || 'all', ...splits.map((split) => count((one) => one.label === label && one.split === split))])).join('\n')}

## Where it comes from

- ${header.card.summary}
- Training pictures' licence: ${header.card.licence}
- Settings: seed ${options.seed}; left out when closer than ${options.leastDifference} to another picture${recipe.real === null ? '' : ' or to a real one'}.
- Left out and replaced: ${alike} too close to another of these, ${recipe.real === null ? 'real pictures were not compared' : `${known} too close to a real picture`}${recipe.judge ? `, ${doubted} among the ${Math.round(100 * options.dropLowest)}% that the judge of the run (step ${recipe.judge.step}) took least for real` : ''}.

## Limits

- ${header.card.limits}
- What the training pictures lack, these lack too; what is rare there may be missing here.
- ${recipe.real === null ? 'Whether any of these repeats a training picture was not looked at.' : 'Compared with the real pictures over a coarse grid of brightness only: a person in a training picture may still be recognised.'}
`
}
